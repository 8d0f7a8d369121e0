/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of screen/widget/prompt and screen/state: typed text, and saved settings. */
#include "screen/widget/prompt.h"

#include "processes.h"
#include "screen/state.h"
#include "tree.h"

struct typed_row {
	const char *name;
	uint32_t keys[16];
	const char *want;
};

static const struct typed_row typed_rows[] = {
	{ "nothing", { 0 }, "" },
	{ "text", { 'a', ' ', '\\', '/' }, "a \\/" },
	{ "letters of all kinds", { 0xe9, 0x65e5, 0x1f600 }, "\u00e9\u65e5\U0001f600" },
	{ "no controls", { 'a', 1, KC_TAB, KC_F(5), KC_UP, 'b' }, "ab" },
	{ "no C1 and no bidi controls", { 'a', 0x9b, 0x202e, 'b' }, "ab" },
	{ "backspace", { 'a', 0x65e5, KC_BACKSPACE, 'b' }, "ab" },
	{ "backspace at the start", { KC_BACKSPACE, 'a' }, "a" },
	{ "in the middle", { 'a', 'c', KC_LEFT, 'b' }, "abc" },
	{ "past wide letters", { 0x65e5, 'c', KC_LEFT, KC_LEFT, KC_LEFT, 'b' }, "b\u65e5c" },
	{ "home and end", { 'b', KC_HOME, 'a', KC_END, 'c' }, "abc" },
	{ "delete", { 'a', 0xe9, 'b', KC_LEFT, KC_LEFT, KC_DELETE }, "ab" },
	{ "delete at the end", { 'a', KC_DELETE }, "a" },
	{ "right", { 'a', 'b', KC_LEFT, KC_RIGHT, KC_RIGHT, 'c' }, "abc" },
	{ "kill", { 'a', 'b', 'c', KC_LEFT, KC_KILL_LINE }, "c" },
};

static void test_typed(void **state)
{
	const struct typed_row *row = *state;
	struct fake_screen f;

	fake_screen_init(&f);
	fill_processes(&f);
	(void)shell_start(&f.screen);
	press(&f, '\\');
	for (size_t i = 0; i < ARRAY_SIZE(row->keys) && row->keys[i]; i++) {
		auto_sbuf picture = SBUF_INIT;

		press(&f, row->keys[i]);
		draw_screen(&f, 12, 3, false, &picture);
	}
	assert_string_equal(sbuf_str(&f.screen.prompt.text), row->want);
	press(&f, KC_ENTER);
	assert_int_equal(f.screen.prompt.action, ACT_NONE);
	screen_release(&f.screen);
}

/* A long text is limited, and its end is visible. */
static void test_long(void **state attr_unused)
{
	struct fake_screen f;
	auto_sbuf picture = SBUF_INIT;

	fake_screen_init(&f);
	(void)shell_start(&f.screen);
	press(&f, '\\');
	for (int i = 0; i < 5000; i++)
		press(&f, i % 10 ? 0x65e5 : 'x');
	assert_true(f.screen.prompt.text.len <= 512);
	press(&f, KC_BACKSPACE);
	press(&f, 'E');
	draw_screen(&f, 40, 2, false, &picture);
	assert_non_null(strchr(picture.data, 'E'));
	screen_release(&f.screen);
}

static struct list_view *open_list(struct fake_screen *f)
{
	fake_screen_init(f);
	fill_processes(f);
	return shell_start(&f->screen);
}

static void test_saved(void **state attr_unused)
{
	auto_tree t = tree_make();
	auto_free char *path = xasprintf("%s/top.yaml", t.path);
	auto_sbuf text = SBUF_INIT, again = SBUF_INIT;
	struct err err = ERR_INIT;
	struct fake_screen f, g;
	struct list_view *v = open_list(&f), *w = open_list(&g);

	type_keys(&f, "NItKeeCjj  \033s\025"
		      "0.5\n");
	state_show(v, &text);
	tree_put(&t, "top.yaml", text.data);
	assert_int_equal(state_load(path, w, &err), 0);
	state_show(w, &again);
	assert_string_equal(again.data, text.data);
	assert_int_equal(g.screen.interval_ns, NS_PER_S / 2);
	assert_true(w->wish.tree && w->wish.kthreads && !w->wish.ascending);
	assert_int_equal(w->wish.sort, PC_PID);
	assert_int_equal(w->columns.n, v->columns.n);
	screen_release(&f.screen);
	screen_release(&g.screen);
}

struct state_row {
	const char *name;
	const char *text;
	const char *want; /* in the error; NULL: no error */
};

static const struct state_row state_rows[] = {
	{ "nothing", "", NULL },
	{ "unknown keys are skipped", "later: 1\nunit: MiB\n", NULL },
	{ "a column that is not there", "columns: [pid, nothing]\n", ":1:10: column 'nothing'" },
	{ "no columns", "columns: pid\n", ":1:10:" },
	{ "a sort that is not there", "sort: -x\n", ":1:7: column 'x'" },
	{ "too short a delay", "delay_ms: 1\n", ":1:11:" },
	{ "a unit that is not there", "unit: TiB\n", ":1:7: 'TiB': no such unit" },
	{ "no bool", "tree: 1\n", ":1:7:" },
	{ "no mapping", "- a\n", ":1:1:" },
	{ "no YAML", "{\n", "top.yaml:" },
};

static void test_state(void **state)
{
	const struct state_row *row = *state;
	auto_tree t = tree_make();
	auto_free char *path = xasprintf("%s/top.yaml", t.path);
	struct err err = ERR_INIT;
	struct fake_screen f;
	struct list_view *v = open_list(&f);
	auto_sbuf picture = SBUF_INIT;

	tree_put(&t, "top.yaml", row->text);
	assert_int_equal(state_load(path, v, &err) < 0, row->want != NULL);
	if (row->want && !strstr(err.text, row->want))
		fail_msg("%s", err.text);
	list_refresh(v);
	draw_screen(&f, 80, 24, false, &picture);
	screen_release(&f.screen);
}

int main(void)
{
	struct row_tests tests = { 0 };

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	ROWS_ADD(&tests, "prompt", typed_rows, test_typed);
	rows_add_one(&tests, "prompt: a long text", test_long);
	rows_add_one(&tests, "state: saved settings are loaded", test_saved);
	ROWS_ADD(&tests, "state_load", state_rows, test_state);
	return rows_run("screen/prompt", &tests);
}
