/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of present/build/growth: the sentences of each verdict, the table of series that grew, and
 * the same as data.
 */
#include "present/build/growth.h"

#include <locale.h>
#include <math.h>

#include "base/clock.h"
#include "rendered.h"

#define MIB 1048576.0
#define RATE(mib, low_mib, high_mib)                                                               \
	.has_rate = true, .rate = (mib)*MIB, .low = (low_mib)*MIB, .high = (high_mib)*MIB
#define SPAN .samples = 48, .span_seconds = 14400, .confidence = 0.966

struct text_row {
	const char *name;
	struct growth_inputs view;
	const char *want;
};

static const struct text_row text_rows[] = {
	{ "growing",
	  { .growth = { .verdict = VERDICT_GROWING, SPAN, RATE(38.4, 36.1, 40.9) } },
	  "Growth\n"
	  "growing at +38.4 MiB/h (95 %: +36.1 MiB to +40.9 MiB), 48 samples over 4 h 00\n"
	  "  min, confidence 0.97: it rises steadily\n" },
	{ "shrinking",
	  { .growth = { .verdict = VERDICT_SHRINKING, SPAN, RATE(-2, -3, -1) } },
	  "Growth\n"
	  "shrinking at -2.0 MiB/h (95 %: -3.0 MiB to -1.0 MiB), 48 samples over 4 h 00\n"
	  "  min, confidence 0.97: it falls\n" },
	{ "stable",
	  { .growth = { .verdict = VERDICT_STABLE, SPAN, RATE(0.001, -0.1, 0.1) } },
	  "Growth\n"
	  "stable, +1.0 KiB/h (95 %: -102.4 KiB to +102.4 KiB), 48 samples over 4 h 00 min,\n"
	  "  confidence 0.97: no trend beyond the noise\n" },
	{ "not enough",
	  { .growth = { .samples = 3, .span_seconds = 10 } },
	  "Growth\n"
	  "insufficient, 3 samples over 10 s: too few samples, or too noisy for their\n"
	  "  number\n" },
	{ "one sample",
	  { .growth = { .samples = 1 } },
	  "Growth\n"
	  "insufficient, 1 sample over 0.0 s: too few samples, or too noisy for their\n"
	  "  number\n" },
	{ "not enough for its noise",
	  { .growth = { .samples = 12, .span_seconds = 60, RATE(100, -200, 400) } },
	  "Growth\n"
	  "insufficient, +100.0 MiB/h (95 %: -200.0 MiB to +400.0 MiB), 12 samples over 1\n"
	  "  min: too few samples, or too noisy for their number\n" },
	{ "a limit within reach",
	  { .growth = { .verdict = VERDICT_GROWING, SPAN, RATE(38.4, 36.1, 40.9) },
	    .limit_id = "cgroup_max",
	    .limit_bytes = 1 << 30,
	    .reach = { REACH_RANGE, 16200, 18720 } },
	  "Growth\n"
	  "growing at +38.4 MiB/h (95 %: +36.1 MiB to +40.9 MiB), 48 samples over 4 h 00\n"
	  "  min, confidence 0.97: it rises steadily\n"
	  "reaches cgroup_max 1.0 GiB in 4 h 30 min to 5 h 12 min\n" },
	{ "with an open end",
	  { .growth = { .verdict = VERDICT_SAWTOOTH_GROWING, SPAN, RATE(38.4, 36.1, 40.9) },
	    .limit_id = "rlimit_data",
	    .limit_bytes = 1 << 30,
	    .reach = { REACH_RANGE, 1.8e6, INFINITY } },
	  "Growth\n"
	  "sawtooth, growing at +38.4 MiB/h (95 %: +36.1 MiB to +40.9 MiB), 48 samples over\n"
	  "  4 h 00 min, confidence 0.97: it is collected, but the floor rises\n"
	  "reaches rlimit_data 1.0 GiB in 20 d 20 h or later\n" },
	{ "reached",
	  { .growth = { .verdict = VERDICT_GROWING, SPAN, RATE(38.4, 36.1, 40.9) },
	    .limit_id = "cgroup_max",
	    .limit_bytes = 1 << 30,
	    .reach = { REACH_RANGE, 0, 0 } },
	  "Growth\n"
	  "growing at +38.4 MiB/h (95 %: +36.1 MiB to +40.9 MiB), 48 samples over 4 h 00\n"
	  "  min, confidence 0.97: it rises steadily\n"
	  "has reached cgroup_max 1.0 GiB\n" },
	{ "far away",
	  { .growth = { .verdict = VERDICT_GROWING, SPAN, RATE(0.1, 0.05, 0.15) },
	    .limit_id = "cgroup_max",
	    .limit_bytes = 1 << 30,
	    .reach = { REACH_BEYOND_30_DAYS, 0, 0 } },
	  "Growth\n"
	  "growing at +102.4 KiB/h (95 %: +51.2 KiB to +153.6 KiB), 48 samples over 4 h 00\n"
	  "  min, confidence 0.97: it rises steadily\n"
	  "cgroup_max 1.0 GiB: not within 30 days\n" },
	{ "a limit, but no growth",
	  { .growth = { .verdict = VERDICT_SAWTOOTH, SPAN, RATE(0, -1, 1) },
	    .limit_id = "cgroup_max",
	    .limit_bytes = 1 << 30,
	    .reach = { REACH_NONE, 0, 0 } },
	  "Growth\n"
	  "sawtooth, 0 B/h (95 %: -1.0 MiB to +1.0 MiB), 48 samples over 4 h 00 min,\n"
	  "  confidence 0.97: it rises and is collected, down to the same floor\n" },
	{ "ages",
	  { .growth = { .verdict = VERDICT_STABLE, SPAN, RATE(0, -1, 1) },
	    .has_ages = true,
	    .status_age = { 0.4, REASON_NONE },
	    .rollup_age = { 0, REASON_DENIED },
	    .smaps_age = { 300, REASON_NONE },
	    .deep_age = { 0, REASON_BY_DESIGN } },
	  "Growth\n"
	  "stable, 0 B/h (95 %: -1.0 MiB to +1.0 MiB), 48 samples over 4 h 00 min,\n"
	  "  confidence 0.97: no trend beyond the noise\n"
	  "RSS as of 0.4 s ago  mappings 5 min ago\n" },
};

static void test_text(void **state)
{
	static const struct render_opts opts = { .width = 80, .headings = true };
	const struct text_row *row = *state;
	struct growth_inputs view = row->view;
	struct report r = REPORT_INIT;

	view.title = "RSS";
	assert_page(&r, build_growth(&r, &view), &opts, row->want);
	report_release(&r);
}

/* A process that leaks on the heap, watched for four hours. */

static const struct growth_series series[] = {
	{ "rss", { .verdict = VERDICT_GROWING, SPAN, RATE(40, 38, 42) }, 600 << 20, 760 << 20 },
	{ "category:stack", { .verdict = VERDICT_STABLE, SPAN, RATE(0, -1, 1) }, 1 << 20, 1 << 20 },
	{ "category:anonymous",
	  { .verdict = VERDICT_SHRINKING, SPAN, RATE(-2, -3, -1) },
	  20 << 20,
	  12 << 20 },
	{ "category:heap",
	  { .verdict = VERDICT_GROWING, SPAN, RATE(40, 38, 42) },
	  500 << 20,
	  660 << 20 },
	{ "region:/srv/\033[31m/a name that is much too long for a line of the table",
	  { .verdict = VERDICT_GROWING_IN_STEPS, SPAN, RATE(10, 9, 11) },
	  0,
	  40 << 20 },
	{ "region:new", { .samples = 2, .span_seconds = 60 }, 0, 4096 },
};

static struct growth_inputs heap_leak(struct sample samples[9])
{
	for (size_t i = 0; i < 9; i++)
		samples[i] = (struct sample){ (int64_t)i * 1800 * NS_PER_S, (600 + i * 20) << 20 };
	return (struct growth_inputs){
		.title = "RSS",
		.growth = { .verdict = VERDICT_GROWING,
			    SPAN,
			    RATE(40, 38, 42),
			    .line_start = 600 * MIB,
			    .line_end = 760 * MIB },
		.limit_id = "cgroup_max",
		.limit_bytes = 1 << 30,
		.reach = { REACH_RANGE, 22628, 25010 },
		.has_ages = true,
		.status_age = { 0.4, REASON_NONE },
		.rollup_age = { 0, REASON_DENIED },
		.smaps_age = { 300, REASON_NONE },
		.deep_age = { 7, REASON_NONE },
		.series = series,
		.n_series = ARRAY_SIZE(series),
		.samples = samples,
		.n_samples = 9,
		.has_wall = true,
		.wall_offset_ns = 1714550400 * NS_PER_S,
	};
}

static void test_page(void **state attr_unused)
{
	static const struct render_opts opts = { .width = 80, .ascii = true, .headings = true };
	struct sample samples[9];
	struct growth_inputs view = heap_leak(samples);
	struct report r = REPORT_INIT;

	assert_page(
		&r, build_growth(&r, &view), &opts,
		"Growth\n"
		"growing at +40.0 MiB/h (95 %: +38.0 MiB to +42.0 MiB), 48 samples over 4 h 00\n"
		"  min, confidence 0.97: it rises steadily\n"
		"reaches cgroup_max 1.0 GiB in 6 h 17 min to 6 h 57 min\n"
		"RSS as of 0.4 s ago  mappings 5 min ago  what memory holds 7.0 s ago\n"
		"\n"
		"RSS  2024-05-01 08:00:00 to 12:00:00 UTC\n"
		"1.0 GiB +=======================================================================\n"
		"        |\n"
		"0.9 GiB +\n"
		"        |\n"
		"0.8 GiB +\n"
		"        |                                                               _______-\n"
		"0.7 GiB +                                        ._______--------'''''''\n"
		"        |                  .______--------''''''''\n"
		"0.6 GiB +___--------''''''''\n"
		"        |\n"
		"0.5 GiB +\n"
		"        ++--------+--------+-------+--------+--------+--------+-------+--------+\n"
		"UTC      08:00  08:30    09:00   09:30    10:00    10:30    11:00   11:30  12:00\n"
		"         . . fit   === cgroup_max 1.0 GiB\n"
		"\n"
		"What changed                  VERDICT                  RATE    SHARE      CHANGE\n"
		"  rss                         growing           +40.0 MiB/h  100.0 %  +160.0 MiB\n"
		"  category:heap               growing           +40.0 MiB/h  100.0 %  +160.0 MiB\n"
		"  region:/srv/\\x1b[31m/a ...  growing_in_steps  +10.0 MiB/h   25.0 %   +40.0 "
		"MiB\n"
		"  category:anonymous          shrinking          -2.0 MiB/h        -    -8.0 MiB\n"
		"  no room for: 95 % +-\n");
	report_release(&r);
}

/* From a walk, five rows of a kind are named, the fastest first. */
static void test_held(void **state attr_unused)
{
	static const struct render_opts opts = { .width = 160, .headings = true };
	static const struct growth_series held[] = {
#define HELD(id, rate) { id, { .verdict = VERDICT_GROWING, SPAN, RATE(rate, rate, rate) }, 0, 0 }
		HELD("type:cpython 3.11/dict", 120),
		HELD("type:cpython 3.11/esc\033[31m", 5),
		HELD("type:cpython 3.11/a", 7),
		HELD("type:cpython 3.11/b", 6),
		HELD("type:jvm 17/java/lang/String", 40),
		HELD("type:cpython 3.11/c", 4),
		HELD("line:glibc malloc/native", 3),
		HELD("class:glibc malloc/ns::Thing", 9),
		HELD("allocator:glibc malloc/free", 9),
		HELD("region:type:a/b", 9),
		{ "type:x/stable", { .verdict = VERDICT_STABLE, SPAN, RATE(9, 9, 9) }, 0, 0 },
#undef HELD
	};
	struct growth_inputs view = {
		.title = "RSS",
		.growth = { .verdict = VERDICT_STABLE, SPAN, RATE(0, -1, 1) },
		.series = held,
		.n_series = ARRAY_SIZE(held),
	};
	struct report r = REPORT_INIT;
	auto_free char *got = NULL;

	report_around(&r, build_growth(&r, &view));
	got = rendered(&r, "text", &opts);
	assert_non_null(strstr(got, "\nTypes that grow: dict +120.0 MiB/h, java/lang/String "
				    "+40.0 MiB/h, a +7.0 MiB/h, b +6.0 MiB/h, esc\\x1b[31m "));
	assert_non_null(strstr(got, "+5.0 MiB/h, and 1 more\n"));
	assert_non_null(strstr(got, "\nLines that grow: glibc malloc native +3.0 MiB/h\n"));
	report_release(&r);
}

static void test_data(void **state attr_unused)
{
	struct sample samples[9];
	struct growth_inputs view = heap_leak(samples);
	struct report r = REPORT_INIT;
	auto_free char *got = NULL;

	view.n_series = 1;
	report_around(&r, build_growth(&r, &view));
	got = rendered(&r, "json", &(struct render_opts){ 0 });
	assert_string_equal(got, "{\n"
				 "  \"t\": {\n"
				 "    \"verdict\": \"growing\",\n"
				 "    \"confidence\": 0.97,\n"
				 "    \"samples\": 48,\n"
				 "    \"span_seconds\": 14400,\n"
				 "    \"rate_bytes_per_hour\": 41943040,\n"
				 "    \"low_bytes_per_hour\": 39845888,\n"
				 "    \"high_bytes_per_hour\": 44040192,\n"
				 "    \"limit\": {\n"
				 "      \"id\": \"cgroup_max\",\n"
				 "      \"status\": \"range\",\n"
				 "      \"seconds_low\": 22628,\n"
				 "      \"seconds_high\": 25010\n"
				 "    },\n"
				 "    \"sampled\": {\n"
				 "      \"status_age_seconds\": 0.4,\n"
				 "      \"rollup_age_seconds\": null,\n"
				 "      \"smaps_age_seconds\": 300,\n"
				 "      \"deep_age_seconds\": 7\n"
				 "    },\n"
				 "    \"series\": [\n"
				 "      "
				 "{\"id\":\"rss\",\"verdict\":\"growing\",\"rate_bytes_per_hour\":"
				 "41943040,\"low_bytes_per_hour\":39845888,\"high_bytes_per_hour\":"
				 "44040192,\"confidence\":0.97,\"samples\":48,\"span_seconds\":"
				 "14400,\"first_bytes\":629145600,\"last_bytes\":796917760}\n"
				 "    ]\n"
				 "  }\n"
				 "}\n");
	report_release(&r);
}

int main(void)
{
	struct row_tests tests = { 0 };

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	ROWS_ADD(&tests, "build_growth", text_rows, test_text);
	rows_add_one(&tests, "build_growth: a page with chart and series", test_page);
	rows_add_one(&tests, "build_growth: growing rows of a walk", test_held);
	rows_add_one(&tests, "build_growth: data", test_data);
	return rows_run("build_growth", &tests);
}
