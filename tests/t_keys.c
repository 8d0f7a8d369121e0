/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of screen/keys: the table of keys is consistent, and the texts fit. */
#include "screen/keys.h"

#include "rows.h"

static bool has_key(const struct binding *b, uint32_t code)
{
	return b->code == code || b->twins[0] == code || b->twins[1] == code;
}

/* A key in a row finds this row. */
static void test_unambiguous(void **state attr_unused)
{
	for (size_t i = 0; i < n_bindings; i++) {
		const struct binding *b = &bindings[i];
		const uint32_t codes[] = { b->code, b->twins[0], b->twins[1] };

		for (unsigned int context = 1; context <= CTX_ALL; context <<= 1) {
			for (size_t k = 0; k < ARRAY_SIZE(codes); k++) {
				if ((b->contexts & context) && codes[k] &&
				    binding_action(codes[k], context) != b->action)
					fail_msg("row %zu: key %u is another's", i, codes[k]);
			}
		}
	}
}

static void test_actions(void **state attr_unused)
{
	for (int action = ACT_NONE + 1; action < ACT_COUNT; action++) {
		size_t i = 0;

		while (i < n_bindings && bindings[i].action != (enum action)action)
			i++;
		if (i == n_bindings)
			fail_msg("no key for action %d", action);
	}
}

/* Every context has a key that leaves it and, except the help, one for help. */
static void test_everywhere(void **state attr_unused)
{
	for (unsigned int context = 1; context <= CTX_ALL; context <<= 1) {
		assert_int_equal(binding_action('q', context), ACT_QUIT);
		assert_int_equal(binding_action(KC_F(10), context), ACT_QUIT);
		assert_int_equal(binding_action(KC_ESCAPE, context), ACT_BACK);
		if (context != CTX_HELP)
			assert_int_equal(binding_action('?', context), ACT_HELP);
	}
}

/* No key has an effect on a process. */
static void test_read_only(void **state attr_unused)
{
	assert_int_equal(binding_action('k', CTX_PROCESSES), ACT_UP);
	assert_int_equal(binding_action('F', CTX_PROCESSES), ACT_NONE);
	assert_int_equal(binding_action(KC_NONE, CTX_ALL), ACT_NONE);
}

static void test_words(void **state attr_unused)
{
	for (size_t i = 0; i < n_bindings; i++) {
		assert_non_null(bindings[i].help);
		assert_true(strlen(bindings[i].help) <= 58); /* of 80 columns */
		for (size_t k = 0; k < i; k++) {
			bool same = bindings[i].word && bindings[k].word &&
				    bindings[i].rank == bindings[k].rank &&
				    (bindings[i].contexts & bindings[k].contexts);

			if (same)
				fail_msg("%s and %s have one place", bindings[i].word,
					 bindings[k].word);
		}
		assert_false(has_key(&bindings[i], KC_CLICK));
	}
}

struct name_row {
	const char *name;
	uint32_t code;
	const char *want;
};

static const struct name_row name_rows[] = {
	{ "a letter", 'a', "a" },
	{ "a blank", ' ', "Space" },
	{ "F1", KC_F(1), "F1" },
	{ "F12", KC_F(12), "F12" },
	{ "an arrow", KC_UP, "Up" },
	{ "return", KC_ENTER, "Enter" },
	{ "a control", KC_REPAINT, "Ctrl-L" },
};

static void test_name(void **state)
{
	const struct name_row *row = *state;
	char buf[BINDING_NAME_MAX];

	assert_string_equal(binding_name(buf, row->code), row->want);
}

int main(void)
{
	struct row_tests tests = { 0 };

	rows_add_one(&tests, "bindings: a key has one meaning in a context", test_unambiguous);
	rows_add_one(&tests, "bindings: every action has a key", test_actions);
	rows_add_one(&tests, "bindings: quit, back and help are everywhere", test_everywhere);
	rows_add_one(&tests, "bindings: unknown keys have no action", test_read_only);
	rows_add_one(&tests, "bindings: words fit, and have places of their own", test_words);
	ROWS_ADD(&tests, "binding_name", name_rows, test_name);
	return rows_run("screen/keys", &tests);
}
