/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/demangle: names that a target may have; the C++ runtime does the rest. */
#include "base/demangle.h"

#include "base/sbuf.h"
#include "rows.h"

struct name_row {
	const char *name;
	const char *want; /* NULL: not demangled */
};

static const struct name_row name_rows[] = {
	{ "3Foo", "Foo" },
	{ "N3app3BoxIiLi3EEE", "app::Box<int, 3>" },
	{ "N12_GLOBAL__N_16HiddenE", "(anonymous namespace)::Hidden" },
	{ "_ZTVN3app5NamedE", "vtable for app::Named" },
	{ "N3app", NULL },
	{ "main()", NULL },
	{ "9999999999Foo", NULL },
	{ "\xff\xfe", NULL },
};

static void check(const char *name, const char *want)
{
	struct demangler d;
	auto_free char *got = NULL;

	demangler_open(&d);
	if (!d.demangle)
		skip();
	got = demangle(&d, name);
	demangler_close(&d);
	if (want)
		assert_string_equal(got, want);
	else
		assert_null(got);
}

static void test_name(void **state)
{
	const struct name_row *row = *state;

	check(row->name, row->want);
}

/* pair<pair<pair<...>>>, each of two of the one before: the readable form would fill all memory. */
static void test_bomb(void **state attr_unused)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	auto_sbuf name = SBUF_INIT;

	sbuf_adds(&name, "St4pairI");
	for (int i = 0; i < 35; i++)
		sbuf_adds(&name, "S_I");
	sbuf_adds(&name, "3Foo3Foo");
	for (int i = 0; i < 35; i++) {
		sbuf_addch(&name, 'E');
		sbuf_addch(&name, 'S');
		sbuf_addch(&name, digits[i]);
		sbuf_addch(&name, '_');
	}
	sbuf_addch(&name, 'E');
	check(sbuf_str(&name), NULL);
}

static void test_long(void **state attr_unused)
{
	auto_sbuf name = SBUF_INIT;

	sbuf_adds(&name, "2000");
	for (int i = 0; i < 2000; i++)
		sbuf_addch(&name, 'a');
	check(sbuf_str(&name), NULL);
}

static void test_without(void **state attr_unused)
{
	const struct demangler none = { 0 };

	assert_null(demangle(&none, "3Foo"));
}

int main(void)
{
	struct row_tests list = { 0 };

	ROWS_ADD(&list, "demangle", name_rows, test_name);
	rows_add_one(&list, "demangle: refuses a name that would fill all memory", test_bomb);
	rows_add_one(&list, "demangle: refuses a name that is too long", test_long);
	rows_add_one(&list, "demangle: without a runtime", test_without);
	return rows_run("demangle", &list);
}
