/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of analysis/recording and of both formats: rows of good and bad input, and every input cut
 * off at each byte.
 */
#include "analysis/recording/file.h"

#include <errno.h>

#include "base/clock.h"
#include "base/sbuf.h"
#include "rows.h"

struct bytes_row {
	const char *name;
	const char *input;
	int want_return;
	uint64_t want;
};

static const struct bytes_row bytes_rows[] = {
	{ "nothing", "0", 0, 0 },
	{ "digits", "123456789", 0, 123456789 },
	{ "all 64 bits", "18446744073709551615", 0, UINT64_MAX },
	{ "a fraction is dropped", "4096.9", 0, 4096 },
	{ "a fraction alone", ".5", 0, 0 },
	{ "a point at the end", "7.", 0, 7 },
	{ "an exponent", "1.2345e+09", 0, 1234500000 },
	{ "without a sign", "2E3", 0, 2000 },
	{ "a negative one", "4096e-1", 0, 409 },
	{ "empty", "", -EINVAL, 0 },
	{ "a point", ".", -EINVAL, 0 },
	{ "half an exponent", "1e", -EINVAL, 0 },
	{ "a sign alone in it", "1e+", -EINVAL, 0 },
	{ "negative", "-1", -EINVAL, 0 },
	{ "a plus", "+1", -EINVAL, 0 },
	{ "a blank", " 1", -EINVAL, 0 },
	{ "not a number", "NaN", -EINVAL, 0 },
	{ "infinite", "+Inf", -EINVAL, 0 },
	{ "hexadecimal", "0x10", -EINVAL, 0 },
	{ "a unit", "1M", -EINVAL, 0 },
	{ "a comma", "1,5", -EINVAL, 0 },
	{ "65 bits", "18446744073709551616", -ERANGE, 0 },
	{ "65 bits with an exponent", "1.8446744073709551616e19", -ERANGE, 0 },
	{ "beyond a double", "1e999", -ERANGE, 0 },
};

static void test_bytes(void **state)
{
	const struct bytes_row *row = *state;
	uint64_t got = 7;

	assert_int_equal(recording_parse_bytes(row->input, strlen(row->input), &got),
			 row->want_return);
	assert_int_equal(got, row->want_return ? 7 : row->want);
}

static void test_bytes_raw(void **state attr_unused)
{
	uint64_t got;

	assert_int_equal(recording_parse_bytes("12\0", 3, &got), -EINVAL);
	assert_int_equal(recording_parse_bytes("12345", 2, &got), 0);
	assert_int_equal(got, 12);
}

struct parse_row {
	const char *name;
	const char *input;
	const char
		*want; /* the error; or of each recording name, samples as ms=bytes, and "wall" */
};

#define PROM(results)                                                                              \
	"{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[" results "]}}"
#define METRIC "\"metric\":{\"__name__\":\"rss\",\"job\":\"a b\",\"instance\":\"h:1\"}"

static const struct parse_row parse_rows[] = {
	{ "two lines", "0,100\n60,200\n", "0=100 60000=200\n" },
	{ "no newline at the end", "0,100\n60,200", "0=100 60000=200\n" },
	{ "lines of DOS", "0,100\r\n60,200\r\n", "0=100 60000=200\n" },
	{ "semicolons, tabs, blanks", " 0 ; 100 \n60\t200\n", "0=100 60000=200\n" },
	{ "quotes", "\"0\",\"100\"\n", "0=100\n" },
	{ "headings", "time,bytes\n0,100\n", "0=100\n" },
	{ "headings behind remarks", "# of a script\n\n\"Time\",\"rss\"\n0,100\n\n# end\n",
	  "0=100\n" },
	{ "a mark of byte order",
	  "\xef\xbb\xbf"
	  "0,100\n",
	  "0=100\n" },
	{ "fractions", "0.25,1.5\n0.5,2e3\n", "250=1 500=2000\n" },
	{ "seconds since 1970", "1714550400,1\n1714550460.5,2\n",
	  "1714550400000=1 1714550460500=2 wall\n" },
	{ "times with zones", "2024-05-01T08:00:00Z,1\n2024-05-01 10:00:01+02:00,2\n",
	  "1714550400000=1 1714550401000=2 wall\n" },
	{ "the same time again", "1,100\n1,200\n2,300\n", "1000=200 2000=300\n" },
	{ "empty", "", "f: no samples" },
	{ "blank", " \n\n", "f: no samples" },
	{ "headings alone", "time,bytes\n", "f: no samples" },
	{ "headings twice", "a,b\nc,d\n1,2\n",
	  "f:2: 'c': neither seconds nor a time with its zone" },
	{ "headings behind samples", "1,2\na,b\n",
	  "f:2: 'a': neither seconds nor a time with its zone" },
	{ "a bad time is not a heading", "yesterday,100\n",
	  "f:1: 'yesterday': neither seconds nor a time with its zone" },
	{ "nor are bad bytes", "1,many\n", "f:1: 'many': not a number of bytes" },
	{ "one field", "1\n", "f:1: '1': not a time and bytes, separated by a comma" },
	{ "three fields", "1,2,3\n", "f:1: '2,3': not a number of bytes" },
	{ "no time", ",2\n", "f:1: '': neither seconds nor a time with its zone" },
	{ "no bytes", "1,\n", "f:1: '': not a number of bytes" },
	{ "not a number", "1,NaN\n", "f:1: 'NaN': not a number of bytes" },
	{ "negative bytes", "1,2\n2,-3\n", "f:2: '-3': not a number of bytes" },
	{ "a negative time", "-1,2\n", "f:1: '-1': neither seconds nor a time with its zone" },
	{ "a time without its zone", "2024-05-01T08:00:00,2\n",
	  "f:1: '2024-05-01T08:00:00': neither seconds nor a time with its zone" },
	{ "milliseconds", "1714550400000,2\n",
	  "f:1: '1714550400000': beyond the times of 64 bits; milliseconds?" },
	{ "too many bytes", "1,1e30\n", "f:1: '1e30': too large" },
	{ "time goes back", "2,1\n3,1\n1,1\n", "f:3: time goes back" },
	{ "a hostile field", "1,\033]0;x\a\377\n", "f:1: '\033]0;x\a\377': not a number of bytes" },
	{ "UTF-16", "1,1\n\377\3761\n",
	  "f:2: '\377\3761': not a time and bytes, separated by a comma" },
	{ "an answer of Prometheus",
	  PROM("{" METRIC ",\"values\":[[1714550400,\"1\"],[1714550460.5,\"2e3\"]]}"),
	  "rss{job=\"a b\",instance=\"h:1\"} 1714550400000=1 1714550460500=2000 wall\n" },
	{ "several series",
	  PROM("{\"metric\":{},\"values\":[[1,\"1\"]]},{\"metric\":{\"pid\":\"7\"},\"values\":[[2,"
	       "\"2\"]]}"),
	  " 1000=1\n{pid=\"7\"} 2000=2\n" },
	{ "blanks in front of JSON", "\n \t" PROM("{\"metric\":{},\"values\":[[1,\"1\"]]}"),
	  " 1000=1\n" },
	{ "no series", PROM(""), "f: no series" },
	{ "no values", PROM("{\"metric\":{},\"values\":[]}"), "f: series 1: has no values" },
	{ "no metric", PROM("{\"values\":[[1,\"1\"]]}"), "f: series 1: has no values" },
	{ "histograms", PROM("{\"metric\":{},\"histograms\":[[1,{}]]}"),
	  "f: series 1: has no values" },
	{ "a number without quotes", PROM("{\"metric\":{},\"values\":[[1,\"1\"],[2,3]]}"),
	  "f: series 1, value 2: not a pair of a time and a number in quotes" },
	{ "a pair of three", PROM("{\"metric\":{},\"values\":[[1,\"1\",2]]}"),
	  "f: series 1, value 1: not a pair of a time and a number in quotes" },
	{ "a value that is not a list", PROM("{\"metric\":{},\"values\":[{}]}"),
	  "f: series 1, value 1: not a pair of a time and a number in quotes" },
	{ "values that are not a list", PROM("{\"metric\":{},\"values\":{\"a\":1}}"),
	  "f: series 1: has no values" },
	{ "NaN", PROM("{\"metric\":{},\"values\":[[1,\"NaN\"]]}"),
	  "f: series 1, value 1: 'NaN': not a number of bytes" },
	{ "a value with NUL", PROM("{\"metric\":{},\"values\":[[1,\"1\\u0000\"]]}"),
	  "f: series 1, value 1: '1': not a number of bytes" },
	{ "too large a value", PROM("{\"metric\":{},\"values\":[[1,\"1e20\"]]}"),
	  "f: series 1, value 1: '1e20': too large" },
	{ "a negative time in JSON", PROM("{\"metric\":{},\"values\":[[-1,\"1\"]]}"),
	  "f: series 1, value 1: no such time" },
	{ "a time beyond 64 bits", PROM("{\"metric\":{},\"values\":[[1e300,\"1\"]]}"),
	  "f: series 1, value 1: no such time" },
	{ "time goes back in JSON", PROM("{\"metric\":{},\"values\":[[2,\"1\"],[1,\"1\"]]}"),
	  "f: series 1, value 2: time goes back" },
	{ "an instant query",
	  "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}",
	  "f: not the answer to a range query of Prometheus" },
	{ "a failed query",
	  "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"parse error\"}",
	  "f: the query failed: parse error" },
	{ "other JSON", "{}", "f: not the answer to a range query of Prometheus" },
	{ "results that are not a list", "{\"data\":{\"resultType\":\"matrix\",\"result\":{}}}",
	  "f: not the answer to a range query of Prometheus" },
	{ "bad JSON", "{\n\"a\":]", "f:2:5: unexpected token near ']'" },
	{ "a key twice", "{\"a\":1,\"a\":2}", "f:1:10: duplicate object key near '\"a\"'" },
};

static void describe(const struct recordings *r, struct sbuf *out)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct recording *recording = &r->list[i];
		const struct series *s = &recording->series;

		sbuf_adds(out, recording->name ? recording->name : "");
		for (size_t k = 0; k < s->n; k++) {
			sbuf_adds(out, recording->name || k > 0 ? " " : "");
			sbuf_add_i64(out, s->samples[k].t_ns / NS_PER_MS);
			sbuf_addf(out, "=%llu", (unsigned long long)s->samples[k].bytes);
		}
		sbuf_adds(out, recording->has_wall ? " wall\n" : "\n");
	}
}

static void test_parse(void **state)
{
	const struct parse_row *row = *state;
	size_t n = strlen(row->input);
	auto_free char *exact = xmemdup(row->input, n);
	struct recordings r;
	struct err err = ERR_INIT;
	auto_sbuf got = SBUF_INIT;

	if (recording_parse("f", exact, n, &r, &err) < 0) {
		assert_int_equal(err.code, EINVAL);
		sbuf_adds(&got, err.text);
	} else {
		describe(&r, &got);
	}
	assert_string_equal(sbuf_str(&got), row->want);
	recordings_release(&r);
}

/*
 * The input is cut at each byte: there is an error, or there are samples, and no byte beyond the
 * end is read.
 */
static void test_cut(void **state)
{
	const struct parse_row *row = *state;

	for (size_t n = 0; n < strlen(row->input); n++) {
		auto_free char *exact = xmemdup(row->input, n);
		struct recordings r;
		struct err err = ERR_INIT;

		if (recording_parse("f", exact, n, &r, &err) < 0) {
			assert_true(starts_with(err.text, "f:"));
		} else {
			assert_true(r.n > 0);
			for (size_t i = 0; i < r.n; i++)
				assert_true(r.list[i].series.n > 0);
		}
		recordings_release(&r);
	}
}

static void test_many(void **state attr_unused)
{
	auto_sbuf text = SBUF_INIT;
	struct recordings r;
	struct err err = ERR_INIT;
	const struct series *s;

	for (unsigned int i = 0; i < 100000; i++)
		sbuf_addf(&text, "%u,%u\n", i, 10 * i);
	assert_int_equal(recording_parse("f", text.data, text.len, &r, &err), 0);
	s = &r.list[0].series;
	assert_int_equal(s->pushed, 100000);
	assert_in_range(s->n, RECORDING_ROOM / 2, RECORDING_ROOM);
	assert_int_equal(s->samples[0].t_ns, 0);
	assert_int_equal(s->samples[s->n - 1].bytes, 999990);
	recordings_release(&r);
	recordings_release(NULL);
}

static void test_too_many_series(void **state attr_unused)
{
	auto_sbuf text = SBUF_INIT;
	struct recordings r;
	struct err err = ERR_INIT;

	sbuf_adds(&text, "{\"data\":{\"resultType\":\"matrix\",\"result\":[");
	for (int i = 0; i <= RECORDINGS_MAX; i++)
		sbuf_addf(&text, "%s{\"metric\":{},\"values\":[[1,\"1\"]]}", i ? "," : "");
	sbuf_adds(&text, "]}}");
	assert_int_equal(recording_parse("f", text.data, text.len, &r, &err), -EINVAL);
	assert_string_equal(err.text, "f: too many series");
	recordings_release(&r);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "recording_parse_bytes", bytes_rows, test_bytes);
	rows_add_one(&tests, "recording_parse_bytes: bytes without a NUL", test_bytes_raw);
	ROWS_ADD(&tests, "recording_parse", parse_rows, test_parse);
	ROWS_ADD(&tests, "recording_parse cut off at each byte", parse_rows, test_cut);
	rows_add_one(&tests, "recording_parse: many samples are thinned evenly", test_many);
	rows_add_one(&tests, "recording_parse: more series than allowed", test_too_many_series);
	return rows_run("recording", &tests);
}
