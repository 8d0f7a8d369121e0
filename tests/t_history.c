/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of analysis/series/history: what is written is read back, and other bytes are refused. */
#include "analysis/series/history.h"

#include <errno.h>

#include "base/clock.h"
#include "base/crc.h"
#include "rows.h"

#define BOOT "01234567-89ab-cdef-0123-456789abcdef"
#define FIRST_LINE "memspect history 1\n"

static void assert_series(const struct series *got, const struct series *want)
{
	assert_int_equal(got->n, want->n);
	assert_int_equal(got->cap, want->cap);
	assert_int_equal(got->stride, want->stride);
	assert_int_equal(got->pushed, want->pushed);
	for (size_t i = 0; i < want->n; i++) {
		assert_int_equal(got->samples[i].t_ns, want->samples[i].t_ns);
		assert_int_equal(got->samples[i].bytes, want->samples[i].bytes);
	}
}

static void assert_history(const struct history *got, const struct history *want)
{
	assert_string_equal(got->boot_id, want->boot_id);
	assert_int_equal(got->n, want->n);
	for (size_t i = 0; i < want->n; i++) {
		const struct history_process *p = &got->processes[i], *q = &want->processes[i];

		assert_int_equal(p->pid, q->pid);
		assert_int_equal(p->start_ticks, q->start_ticks);
		assert_int_equal(p->image, q->image);
		assert_int_equal(p->n, q->n);
		for (size_t j = 0; j < q->n; j++) {
			assert_string_equal(p->series[j].id, q->series[j].id);
			assert_series(&p->series[j].series, &q->series[j].series);
		}
	}
}

static void assert_comes_back(const struct history *h)
{
	auto_sbuf bytes = SBUF_INIT;
	auto_history back = HISTORY_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(history_encode(h, &bytes), 0);
	assert_int_equal(history_decode(sbuf_str(&bytes), bytes.len, &back, &err), 0);
	assert_string_equal(err.text, "");
	assert_history(&back, h);
}

static void assert_refused(const void *bytes, size_t n, const char *want)
{
	struct history back = HISTORY_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(history_decode(bytes, n, &back, &err), -EINVAL);
	assert_true(starts_with(err.text, want));
	assert_null(back.processes);
}

/* One series of these samples, with room for 8. */
struct samples_row {
	const char *name;
	struct sample samples[5];
	size_t n;
};

static const struct samples_row samples_rows[] = {
	{ "no samples", { { 0 } }, 0 },
	{ "one", { { 5, 4096 } }, 1 },
	{ "a sample of 0 bytes at time 0", { { 0, 0 } }, 1 },
	{ "the largest of all", { { INT64_MAX, UINT64_MAX } }, 1 },
	{ "from one end to the other",
	  { { 0, 0 }, { 1, UINT64_MAX }, { INT64_MAX - 1, 0 }, { INT64_MAX, 1 } },
	  4 },
	{ "pages, up and down",
	  { { 1, 81920 }, { 10, 4096 }, { 11, 4096 }, { 20, 1 << 30 }, { 1000, 0 } },
	  5 },
	{ "only the highest bit", { { 1, UINT64_C(1) << 63 }, { 2, 0 } }, 2 },
	{ "a gap of days",
	  { { 1, 1 }, { 2, 2 }, { 900000 * NS_PER_S, 3 }, { 900001 * NS_PER_S, 4 } },
	  4 },
};

static void test_samples(void **state)
{
	const struct samples_row *row = *state;
	struct history_series hs = { .id = "rss" };
	struct history_process p = { 1, 2, 3, &hs, 1 };
	struct history h = { BOOT, &p, 1, ARENA_INIT };

	series_init(&hs.series, 8);
	for (size_t i = 0; i < row->n; i++)
		series_push(&hs.series, row->samples[i]);
	assert_int_equal(hs.series.n, row->n);
	assert_comes_back(&h);
	series_release(&hs.series);
}

static void test_nothing(attr_unused void **state)
{
	struct history_process p = { INT32_MAX, UINT64_MAX, UINT64_MAX, NULL, 0 };
	struct history none = HISTORY_INIT, one = { BOOT, &p, 1, ARENA_INIT };

	assert_comes_back(&none);
	assert_comes_back(&one);
	history_release(NULL);
	history_release(&none);
}

/* A watch: two processes at 1 s with jitter, some series that began later, in rings that halved. */
enum { PROCESSES = 2, SERIES = 5, TICKS = 700 };

static const char *const ids[SERIES] = { "rss", "category:heap", "owner:library/l\xff.so",
					 "region:\x01\n[heap]", "late" };

static struct history make_watch(struct history_process p[PROCESSES],
				 struct history_series hs[PROCESSES][SERIES], size_t cap)
{
	struct history h = { BOOT, p, PROCESSES, ARENA_INIT };
	uint64_t noise = 1;

	for (size_t i = 0; i < PROCESSES; i++) {
		p[i] = (struct history_process){ 100 + (int)i, 5000 + i, 0x401000, hs[i], SERIES };
		for (size_t j = 0; j < SERIES; j++) {
			hs[i][j].id = ids[j];
			series_init(&hs[i][j].series, cap);
		}
	}
	for (int64_t tick = 0; tick < TICKS; tick++) {
		noise = noise * 6364136223846793005U + 1442695040888963407U;
		for (size_t i = 0; i < PROCESSES; i++) {
			for (size_t j = 0; j < SERIES - (tick < 300); j++)
				series_push(
					&hs[i][j].series,
					(struct sample){ tick * NS_PER_S + (int64_t)(noise >> 44),
							 (noise >> (48 + j) << 12) +
								 (uint64_t)tick * 4096 });
		}
	}
	return h;
}

static void release_watch(struct history_series hs[PROCESSES][SERIES])
{
	for (size_t i = 0; i < PROCESSES; i++) {
		for (size_t j = 0; j < SERIES; j++)
			series_release(&hs[i][j].series);
	}
}

static void test_watch(attr_unused void **state)
{
	struct history_process p[PROCESSES];
	struct history_series hs[PROCESSES][SERIES];

	for (size_t cap = 4; cap <= 1024; cap *= 4) {
		struct history h = make_watch(p, hs, cap);

		assert_comes_back(&h);
		release_watch(hs);
	}
}

static void test_goes_on(attr_unused void **state)
{
	struct history_process p[PROCESSES];
	struct history_series hs[PROCESSES][SERIES];
	struct history h = make_watch(p, hs, 64);
	auto_sbuf bytes = SBUF_INIT;
	auto_history back = HISTORY_INIT;
	struct series taken;

	assert_int_equal(history_encode(&h, &bytes), 0);
	assert_int_equal(history_decode(sbuf_str(&bytes), bytes.len, &back, NULL), 0);
	taken = back.processes[1].series[0].series;
	back.processes[1].series[0].series = (struct series){ 0 };
	for (int64_t tick = TICKS; tick < 3 * TICKS; tick++) {
		series_push(&taken, (struct sample){ tick * NS_PER_S, 1 });
		series_push(&hs[1][0].series, (struct sample){ tick * NS_PER_S, 1 });
	}
	assert_series(&taken, &hs[1][0].series);
	series_release(&taken);
	release_watch(hs);
}

static void test_cut(attr_unused void **state)
{
	struct history_process p[PROCESSES];
	struct history_series hs[PROCESSES][SERIES];
	struct history h = make_watch(p, hs, 4);
	auto_sbuf bytes = SBUF_INIT;

	assert_int_equal(history_encode(&h, &bytes), 0);
	for (size_t n = 0; n < bytes.len; n++) {
		auto_free char *cut = xmemdup(sbuf_str(&bytes), n);

		assert_refused(cut, n,
			       n < strlen("memspect history ") ? "not a history"
			       : n < strlen(FIRST_LINE) + 4    ? "cut short"
							       : "damaged: the checksum is wrong");
	}
	sbuf_addch(&bytes, '\n');
	assert_refused(sbuf_str(&bytes), bytes.len, "damaged: the checksum is wrong");
	release_watch(hs);
}

static void add_crc(struct sbuf *bytes)
{
	uint32_t crc = crc_add(0, sbuf_str(bytes), bytes->len);

	for (unsigned int i = 0; i < 4; i++)
		sbuf_addch(bytes, (char)(crc >> 8 * i));
}

/* Changed bytes with a correct checksum are refused, or read as a valid history. */
static void test_each_byte(attr_unused void **state)
{
	struct history_process p[PROCESSES];
	struct history_series hs[PROCESSES][SERIES];
	struct history h = make_watch(p, hs, 4);
	auto_sbuf bytes = SBUF_INIT;

	assert_int_equal(history_encode(&h, &bytes), 0);
	for (size_t at = 0; at < bytes.len - 4; at++) {
		for (unsigned int change = 1; change < 256; change += at % 7 + 1) {
			auto_sbuf changed = SBUF_INIT;
			auto_history back = HISTORY_INIT;

			sbuf_add(&changed, sbuf_str(&bytes), bytes.len - 4);
			changed.data[at] = (char)(changed.data[at] ^ (char)change);
			add_crc(&changed);
			if (history_decode(sbuf_str(&changed), changed.len, &back, NULL) == 0)
				assert_comes_back(&back);
		}
	}
	release_watch(hs);
}

/* A body behind the first line, before the checksum. */
struct body_row {
	const char *name;
	const char *body;
	size_t n;
	const char *want; /* NULL: it is valid */
};

#define BODY(text) text, sizeof(text) - 1
/* One process with this number of series, then an id of one byte, room for 4. */
#define ONE "\0\1\7\0\0\1\1x\4"

static const struct body_row body_rows[] = {
	{ "empty", BODY("\0\0"), NULL },
	{ "one series", BODY(ONE "\1\1\1\0\4\0\2"), NULL },
	{ "no body", BODY(""), "damaged at byte 19" },
	{ "bytes behind the end", BODY("\0\0\0"), "damaged at byte 21" },
	{ "a boot id of 40 bytes",
	  BODY("\50"
	       "0123456789012345678901234567890123456789\0"),
	  "damaged" },
	{ "a boot id with a NUL", BODY("\1\0\0"), "damaged" },
	{ "a text longer than the file",
	  BODY("\5"
	       "1234"),
	  "damaged" },
	{ "more processes than bytes", BODY("\0\2\7\0\0\0"), "damaged" },
	{ "2^63 processes", BODY("\0\200\200\200\200\200\200\200\200\200\1"), "damaged" },
	{ "a number beyond 64 bits", BODY("\0\377\377\377\377\377\377\377\377\377\2"), "damaged" },
	{ "a number without an end", BODY("\0\200\200\200\200\200\200\200\200\200\200\200\200"),
	  "damaged" },
	{ "pid 0", BODY("\0\1\0\0\0\0"), "damaged" },
	{ "a pid of 32 bits", BODY("\0\1\200\200\200\200\10\0\0\0"), "damaged" },
	{ "more series than bytes", BODY("\0\1\7\0\0\2\1x\4\1\1\0\0\0"), "damaged" },
	{ "an empty id", BODY("\0\1\7\0\0\1\0\4\1\1\0\0\0\0\0"), "damaged" },
	{ "an id with a NUL", BODY("\0\1\7\0\0\1\2x\0\4\1\1\0\0\0"), "damaged" },
	{ "room for 2", BODY("\0\1\7\0\0\1\1x\2\1\1\1\0\4\0\2"), "damaged" },
	{ "room for an odd number", BODY("\0\1\7\0\0\1\1x\5\1\1\1\0\4\0\2"), "damaged" },
	{ "room for 65538", BODY("\0\1\7\0\0\1\1x\202\200\4\1\1\1\0\4\0\2"), "damaged" },
	{ "a stride of 0", BODY(ONE "\0\1\1\0\4\0\2"), "damaged" },
	{ "a stride of 2^41", BODY(ONE "\200\200\200\200\200\100\1\1\0\4\0\2"), "damaged" },
	{ "more samples than pushed", BODY(ONE "\1\1\2\0\2\2\0\2\2"), "damaged" },
	{ "more samples than room", BODY(ONE "\1\5\5\0\2\2\0\0\0\0\2\2\2\2\2"), "damaged" },
	{ "pushed, but no samples", BODY(ONE "\1\1\0\0\0\0\0"), "damaged" },
	{ "the times of a missing series", BODY(ONE "\1\1\1\1\0\2\0"), "damaged" },
	{ "times neither own nor before", BODY(ONE "\1\1\1\2\4\0\2"), "damaged" },
	{ "a time below 0", BODY(ONE "\1\1\1\0\1\0\2"), "damaged" },
	{ "times that stand still", BODY(ONE "\1\2\2\0\2\0\0\2\2"), "damaged" },
	{ "times that run back", BODY(ONE "\1\2\2\0\4\1\0\2\2"), "damaged" },
	{ "units of 2^64", BODY(ONE "\1\1\1\0\4\100\2"), "damaged" },
	{ "a size of 2^64", BODY(ONE "\1\1\1\0\4\77\4"), "damaged" },
	{ "samples that are cut", BODY(ONE "\1\2\2\0\2\2\0\2"), "damaged" },
};

static void test_body(void **state)
{
	const struct body_row *row = *state;
	auto_sbuf bytes = SBUF_INIT;
	auto_history back = HISTORY_INIT;

	sbuf_adds(&bytes, FIRST_LINE);
	sbuf_add(&bytes, row->body, row->n);
	add_crc(&bytes);
	if (row->want)
		assert_refused(sbuf_str(&bytes), bytes.len, row->want);
	else
		assert_int_equal(history_decode(sbuf_str(&bytes), bytes.len, &back, NULL), 0);
}

static void test_version(attr_unused void **state)
{
	static const char other[] = "memspect history 2\n....",
			  foreign[] = "memory of something else";

	assert_refused(other, strlen(other), "a history of another version");
	assert_refused(foreign, strlen(foreign), "not a history");
	assert_refused(foreign, (size_t)HISTORY_MAX_BYTES + 1, "larger than a history can be");
}

static void test_left_out(attr_unused void **state)
{
	auto_free char *fits = xcalloc(1, HISTORY_MAX_ID + 2);
	auto_free char *too_long = xcalloc(1, HISTORY_MAX_ID + 2);
	struct history_series hs[] = { { .id = "" }, { .id = too_long }, { .id = fits } };
	struct history_process p = { 1, 2, 3, hs, 3 };
	struct history h = { "", &p, 1, ARENA_INIT };
	auto_history back = HISTORY_INIT;
	auto_sbuf bytes = SBUF_INIT;

	memset(fits, 'x', HISTORY_MAX_ID);
	memset(too_long, 'x', HISTORY_MAX_ID + 1);
	for (size_t i = 0; i < 3; i++)
		series_init(&hs[i].series, 4);
	assert_int_equal(history_encode(&h, &bytes), 0);
	assert_int_equal(history_decode(sbuf_str(&bytes), bytes.len, &back, NULL), 0);
	assert_int_equal(back.processes[0].n, 1);
	assert_string_equal(back.processes[0].series[0].id, fits);
	for (size_t i = 0; i < 3; i++)
		series_release(&hs[i].series);
}

static void test_too_large(attr_unused void **state)
{
	struct history_series *hs = xcalloc(65, sizeof(*hs));
	struct history_process p = { 1, 2, 3, hs, 65 };
	struct history h = { "", &p, 1, ARENA_INIT },
		       many = { "", NULL, (1 << 16) + 1, ARENA_INIT };
	auto_sbuf bytes = SBUF_INIT;

	for (size_t i = 0; i < 65; i++)
		hs[i] = (struct history_series){ "x", { .cap = 1 << 16, .stride = 1 } };
	assert_int_equal(history_encode(&h, &bytes), -EFBIG);
	assert_int_equal(history_encode(&many, &bytes), -EFBIG);
	assert_int_equal(bytes.len, 0);
	p.n = 64;
	assert_int_equal(history_encode(&h, &bytes), 0);
	free(hs);
}

/* 300 series of 256 samples that were taken together, one each second with some jitter. */
static void test_size(attr_unused void **state)
{
	static struct sample samples[256];
	struct history_series hs[300];
	struct history_process p = { 1, 2, 3, hs, 300 };
	struct history h = { BOOT, &p, 1, ARENA_INIT };
	auto_sbuf bytes = SBUF_INIT;

	for (size_t i = 0; i < 256; i++)
		samples[i] = (struct sample){ (int64_t)i * NS_PER_S +
						      (int64_t)(i * i * 7919 % 500000),
					      (1000 + i * i * 31 % 400) << 12 };
	for (size_t i = 0; i < 300; i++)
		hs[i] = (struct history_series){ "region:a name", { samples, 256, 256, 1, 256 } };
	assert_int_equal(history_encode(&h, &bytes), 0);
	assert_true(bytes.len < 200 << 10);
	assert_comes_back(&h);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "history: comes back", samples_rows, test_samples);
	rows_add_one(&tests, "history: comes back: nothing", test_nothing);
	rows_add_one(&tests, "history: comes back: rings that halved", test_watch);
	rows_add_one(&tests, "history: a series continues without a break", test_goes_on);
	rows_add_one(&tests, "history_decode: refuses each part of a history", test_cut);
	rows_add_one(&tests, "history_decode: survives a change of any byte", test_each_byte);
	ROWS_ADD(&tests, "history_decode", body_rows, test_body);
	rows_add_one(&tests, "history_decode: other files and versions", test_version);
	rows_add_one(&tests, "history_encode: leaves ids out that cannot be read", test_left_out);
	rows_add_one(&tests, "history_encode: refuses what it could not read back", test_too_large);
	rows_add_one(&tests, "history_encode: 300 series fit in 200 KiB", test_size);
	return rows_run("history", &tests);
}
