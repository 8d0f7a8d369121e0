/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/text: the escaping rule, in rows and as properties of many byte strings. */
#include "base/text.h"

#include <errno.h>

#include <locale.h>

#include "rows.h"

struct escape_row {
	const char *name;
	const char *input;
	const char *want;
};

static const struct escape_row escape_rows[] = {
	{ "empty", "", "" },
	{ "plain ASCII stays", "/usr/bin/python3.11 (deleted)", "/usr/bin/python3.11 (deleted)" },
	{ "spaces and quotes stay", " a \"b\" 'c' ", " a \"b\" 'c' " },
	{ "a backslash is doubled", "lit\\012oct", "lit\\\\012oct" },
	{ "newline, tab, return", "a\nb\tc\r", "a\\x0ab\\x09c\\x0d" },
	{ "a terminal sequence", "\033[31mred", "\\x1b[31mred" },
	{ "DEL", "\177", "\\x7f" },
	{ "a C1 control goes as two bytes", "\302\233m", "\\xc2\\x9bm" },
	{ "behind the C1 controls", "\302\240", "\302\240" },
	{ "accents stay", "caf\303\251", "caf\303\251" },
	{ "wide characters stay", "\346\227\245\346\234\254", "\346\227\245\346\234\254" },
	{ "emoji stay", "\360\237\230\200", "\360\237\230\200" },
	{ "right-to-left override", "a\342\200\256b", "a\\xe2\\x80\\xaeb" },
	{ "U+061C", "\330\234", "\\xd8\\x9c" },
	{ "U+200D before the marks stays", "\342\200\215", "\342\200\215" },
	{ "U+200E", "\342\200\216", "\\xe2\\x80\\x8e" },
	{ "U+200F", "\342\200\217", "\\xe2\\x80\\x8f" },
	{ "U+2027 stays", "\342\200\247", "\342\200\247" },
	{ "U+2028", "\342\200\250", "\\xe2\\x80\\xa8" },
	{ "U+2029", "\342\200\251", "\\xe2\\x80\\xa9" },
	{ "U+202F stays", "\342\200\257", "\342\200\257" },
	{ "U+2065 stays", "\342\201\245", "\342\201\245" },
	{ "U+2066", "\342\201\246", "\\xe2\\x81\\xa6" },
	{ "U+2069", "\342\201\251", "\\xe2\\x81\\xa9" },
	{ "U+206A stays", "\342\201\252", "\342\201\252" },
	{ "a lone continuation byte", "\200", "\\x80" },
	{ "a cut sequence before text", "\303x", "\\xc3x" },
	{ "a cut sequence at the end", "x\342\202", "x\\xe2\\x82" },
	{ "an overlong slash", "\300\257", "\\xc0\\xaf" },
	{ "an overlong of three", "\340\200\257", "\\xe0\\x80\\xaf" },
	{ "a surrogate", "\355\240\200", "\\xed\\xa0\\x80" },
	{ "beyond U+10FFFF", "\364\220\200\200", "\\xf4\\x90\\x80\\x80" },
	{ "bytes that are in no UTF-8", "\376\377", "\\xfe\\xff" },
	{ "bad bytes behind a plain word", "12345678\377", "12345678\\xff" },
	{ "bad bytes in front of one", "\37712345678", "\\xff12345678" },
};

static void test_escape(void **state)
{
	const struct escape_row *row = *state;
	auto_sbuf sb = SBUF_INIT;

	text_escape(&sb, row->input, strlen(row->input));
	assert_string_equal(sbuf_str(&sb), row->want);
	assert_int_equal(text_is_clean(row->input, strlen(row->input)),
			 streq(row->input, row->want));
}

static void check_round_trip(const char *bytes, size_t n)
{
	auto_sbuf escaped = SBUF_INIT;
	auto_sbuf back = SBUF_INIT;

	text_escape(&escaped, bytes, n);
	assert_int_equal(text_unescape(&back, sbuf_str(&escaped), escaped.len), 0);
	assert_int_equal(back.len, n);
	if (n > 0)
		assert_memory_equal(back.data, bytes, n);
	assert_int_equal(text_is_clean(bytes, n), escaped.len == n);
}

static const struct unescape_row {
	const char *name;
	const char *input;
} unescape_rows[] = {
	{ "a backslash at the end", "a\\" },
	{ "another letter", "\\n" },
	{ "one digit", "\\x1" },
	{ "capital digits", "\\x1B" },
	{ "a control character", "a\n" },
	{ "bytes that are not UTF-8", "\xff" },
	{ "what reorders text", "\xe2\x80\xae" },
};

static void test_unescape_refuses(void **state)
{
	const struct unescape_row *row = *state;
	auto_sbuf back = SBUF_INIT;

	assert_int_equal(text_unescape(&back, row->input, strlen(row->input)), -EINVAL);
}

static void test_round_trip_pairs(attr_unused void **state)
{
	for (unsigned int a = 0; a < 256; a++) {
		for (unsigned int b = 0; b < 256; b++) {
			const char bytes[] = { (char)a, (char)b };

			check_round_trip(bytes, sizeof(bytes));
		}
	}
}

static void test_round_trip_noise(attr_unused void **state)
{
	/* Bytes that begin, continue and end sequences, in the order of a simple generator. */
	static const unsigned char alphabet[] = { 'a',  '\\', 0x1b, 0x7f, 0x80, 0x8e, 0x9f, 0xa8,
						  0xbf, 0xc0, 0xc2, 0xd8, 0xe0, 0xe2, 0xed, 0xef,
						  0xf0, 0xf4, 0xf5, 0xff, ' ',  'x',  0,    '\n' };
	uint64_t seed = 1;

	for (size_t round = 0; round < 20000; round++) {
		char bytes[24];
		size_t n = round % (sizeof(bytes) + 1);

		for (size_t i = 0; i < n; i++) {
			seed = seed * 6364136223846793005U + 1442695040888963407U;
			bytes[i] = (char)alphabet[(seed >> 33) % sizeof(alphabet)];
		}
		check_round_trip(bytes, n);
	}
}

/* Each byte value at each place of strings that are longer than the eight bytes checked at once. */
static void test_clean_ascii(attr_unused void **state)
{
	for (size_t n = 1; n <= 17; n++) {
		for (size_t place = 0; place < n; place++) {
			auto_free char *bytes = xmalloc(n);

			memset(bytes, ' ', n);
			for (unsigned int c = 0; c < 256; c++) {
				bytes[place] = (char)c;
				assert_int_equal(text_is_clean(bytes, n),
						 c >= 0x20 && c < 0x7f && c != '\\');
			}
		}
	}
}

struct decode_row {
	const char *name;
	const char *input;
	size_t n;
	size_t want_len;
	uint32_t want_rune;
};

static const struct decode_row decode_rows[] = {
	{ "ASCII", "A", 1, 1, 'A' },
	{ "NUL", "", 1, 1, 0 },
	{ "the first of two bytes", "\302\200", 2, 2, 0x80 },
	{ "the last of two bytes", "\337\277", 2, 2, 0x7ff },
	{ "the first of three bytes", "\340\240\200", 3, 3, 0x800 },
	{ "in front of the surrogates", "\355\237\277", 3, 3, 0xd7ff },
	{ "behind the surrogates", "\356\200\200", 3, 3, 0xe000 },
	{ "the first of four bytes", "\360\220\200\200", 4, 4, 0x10000 },
	{ "the last of all", "\364\217\277\277", 4, 4, 0x10ffff },
	{ "only the first sequence", "\303\251x", 3, 2, 0xe9 },
	{ "two of three bytes", "\342\202\254", 2, 0, 0 },
	{ "overlong NUL", "\300\200", 2, 0, 0 },
	{ "overlong of four bytes", "\360\217\277\277", 4, 0, 0 },
	{ "the first surrogate", "\355\240\200", 3, 0, 0 },
	{ "the last surrogate", "\355\277\277", 3, 0, 0 },
	{ "one too many", "\364\220\200\200", 4, 0, 0 },
	{ "five bytes", "\370\210\200\200\200", 5, 0, 0 },
};

static void test_decode(void **state)
{
	const struct decode_row *row = *state;
	const uint32_t untouched = 0xdeadbeef;
	uint32_t rune = untouched;

	assert_int_equal(text_decode(row->input, row->n, &rune), row->want_len);
	assert_int_equal(rune, row->want_len ? row->want_rune : untouched);
}

struct width_row {
	const char *name;
	const char *input;
	size_t want;
};

static const struct width_row width_rows[] = {
	{ "empty", "", 0 },
	{ "ASCII", "/usr/bin", 8 },
	{ "an accent in the letter", "caf\303\251", 4 },
	{ "an accent behind the letter", "cafe\314\201", 4 },
	{ "wide characters", "\346\227\245\346\234\254", 4 },
	{ "bytes that are no UTF-8 count 1", "\377\376", 2 },
};

static void test_width(void **state)
{
	const struct width_row *row = *state;

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	assert_int_equal(text_width(row->input), row->want);
}

struct glob_row {
	const char *name;
	const char *pattern;
	const char *input;
	bool want;
};

static const struct glob_row glob_rows[] = {
	{ "the same text", "python3", "python3", true },
	{ "the whole string, not a part", "python", "python3", false },
	{ "a pattern longer than the text", "python3", "python", false },
	{ "nothing matches nothing", "", "", true },
	{ "nothing does not match text", "", "a", false },
	{ "a star matches nothing", "*", "", true },
	{ "a star matches all, slashes too", "/usr/*.so", "/usr/lib/libc.so", true },
	{ "a star tries again", "*.so.1", "a.so.so.1", true },
	{ "stars around", "*numpy*", "/lib/numpy/core.so", true },
	{ "stars that need too much", "*a*b*", "ba", false },
	{ "stars at the end", "a**", "a", true },
	{ "a question mark is one byte", "?", "\303\251", false },
	{ "two of them a letter of two bytes", "??", "\303\251", true },
	{ "a question mark needs a byte", "a?", "a", false },
	{ "a set", "lib[cm].so", "libm.so", true },
	{ "a set without it", "lib[cm].so", "libz.so", false },
	{ "a range", "python3.[0-9]", "python3.9", true },
	{ "beyond the range", "[b-d]", "e", false },
	{ "all but a set", "[!a-z]", "A", true },
	{ "all but a set without it", "[^a-z]", "m", false },
	{ "a bracket in a set", "[]x]", "]", true },
	{ "a dash at the end of a set", "[a-]", "-", true },
	{ "a star in a set is a star", "[*]", "x", false },
	{ "bytes above ASCII in a range", "[\200-\377]", "\303", true },
	{ "a set needs a byte", "[a]", "", false },
	{ "a set behind a star", "*[0-9]", "abc7", true },
	{ "an open bracket is itself", "[heap", "[heap", true },
	{ "an open bracket is nothing else", "[heap", "hheap", false },
	{ "a bracket alone", "[", "[", true },
	{ "an open set cut in its range", "[a-", "[a-", true },
	{ "a backslash is no escape", "\\*", "\\x", true },
};

static void test_glob(void **state)
{
	const struct glob_row *row = *state;

	assert_int_equal(text_glob(row->pattern, row->input), row->want);
}

/* Many stars and a text that almost matches: endless if each star were tried again. */
static void test_glob_hostile(attr_unused void **state)
{
	auto_sbuf pattern = SBUF_INIT;
	auto_sbuf text = SBUF_INIT;

	for (int i = 0; i < 40; i++)
		sbuf_adds(&pattern, "*a");
	sbuf_adds(&pattern, "*b");
	for (int i = 0; i < 20000; i++)
		sbuf_addch(&text, 'a');
	assert_false(text_glob(sbuf_str(&pattern), sbuf_str(&text)));
	sbuf_addch(&text, 'b');
	assert_true(text_glob(sbuf_str(&pattern), sbuf_str(&text)));
}

static void test_join(void **state attr_unused)
{
	char args[] = "ls\0-l\0\0/";

	text_join_arguments(args, sizeof(args));
	assert_string_equal(args, "ls -l  /");
	text_join_arguments(NULL, 0);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "text_escape", escape_rows, test_escape);
	ROWS_ADD(&tests, "text_unescape refuses", unescape_rows, test_unescape_refuses);
	rows_add_one(&tests, "text_escape: all pairs of bytes come back", test_round_trip_pairs);
	rows_add_one(&tests, "text_escape: all noise comes back", test_round_trip_noise);
	rows_add_one(&tests, "text_is_clean: each byte at each place", test_clean_ascii);
	rows_add_one(&tests, "text_join_arguments: blanks between, the end stays", test_join);
	ROWS_ADD(&tests, "text_decode", decode_rows, test_decode);
	ROWS_ADD(&tests, "text_width", width_rows, test_width);
	ROWS_ADD(&tests, "text_glob", glob_rows, test_glob);
	rows_add_one(&tests, "text_glob: many stars do not take exponential time",
		     test_glob_hostile);
	return rows_run("text", &tests);
}
