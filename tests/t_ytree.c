/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of base/ytree: the contents and positions in a tree, and that all else is refused with its
 * position.
 */
#include "base/ytree.h"

#include <errno.h>

#include "base/sbuf.h"
#include "tree.h"

#define auto_ytree __attribute__((cleanup(ytree_release))) struct ytree

/*
 * Writes a tree on one line: {key: "quoted", key: plain, key: [item]}, with @line:column in front.
 */
static void show(const struct ynode *n, struct sbuf *out)
{
	static const char brackets[][3] = { [YNODE_LIST] = "[]", [YNODE_MAPPING] = "{}" };

	if (n->key)
		sbuf_addf(out, "%s@%u:%u ", n->key, n->key_at.line, n->key_at.column);
	if (n->type == YNODE_SCALAR) {
		sbuf_addf(out, n->is_quoted ? "\"%s\"" : "%s", n->text);
	} else {
		sbuf_addch(out, brackets[n->type][0]);
		for (const struct ynode *child = n->first; child; child = child->next) {
			sbuf_adds(out, child == n->first ? "" : ", ");
			show(child, out);
		}
		sbuf_addch(out, brackets[n->type][1]);
	}
	sbuf_addf(out, "@%u:%u", n->at.line, n->at.column);
}

struct tree_row {
	const char *name;
	const char *text;
	const char *want; /* NULL: no root */
};

static const struct tree_row tree_rows[] = {
	{ "a mapping", "a: 1\nb: x y\n", "{a@1:1 1@1:4, b@2:1 x y@2:4}@1:1" },
	{ "a list in a mapping", "a:\n  - 1\n  - \"2\"\n", "{a@1:1 [1@2:5, \"2\"@3:5]@2:3}@1:1" },
	{ "in one line", "{a: [b, {c: d}]}", "{a@1:2 [b@1:6, {c@1:10 d@1:13}@1:9]@1:5}@1:1" },
	{ "quotes", "[a, 'a', \"a\"]", "[a@1:2, \"a\"@1:5, \"a\"@1:10]@1:1" },
	{ "a block is quoted", "a: |\n  b\n", "{a@1:1 \"b\n\"@1:4}@1:1" },
	{ "a scalar", "x", "x@1:1" },
	{ "a key without a value", "a:\n", "{a@1:1 @1:3}@1:1" },
	{ "columns are characters", "{\303\244: 1}", "{\303\244@1:2 1@1:5}@1:1" },
	{ "comments", "# x\na: 1 # y\n", "{a@2:1 1@2:4}@2:1" },
	{ "an explicit document", "---\na: 1\n...\n", "{a@2:1 1@2:4}@2:1" },
	{ "the same key in two mappings", "{a: {b: 1}, c: {b: 2}}",
	  "{a@1:2 {b@1:6 1@1:9}@1:5, c@1:13 {b@1:17 2@1:20}@1:16}@1:1" },
	{ "a merge key is a word", "{<<: 1}", "{<<@1:2 1@1:6}@1:1" },
	{ "eight levels", "[[[[[[[[x]]]]]]]]",
	  "[[[[[[[[x@1:9]@1:8]@1:7]@1:6]@1:5]@1:4]@1:3]@1:2]@1:1" },
	{ "nothing", "", NULL },
	{ "nothing but a comment", "# a: 1\n\n", NULL },
};

static void test_tree(void **state)
{
	const struct tree_row *row = *state;
	auto_ytree t;
	auto_sbuf got = SBUF_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(ytree_parse("f", row->text, strlen(row->text), &t, &err), 0);
	assert_string_equal(t.file, "f");
	assert_int_equal(t.root != NULL, row->want != NULL);
	if (t.root)
		show(t.root, &got);
	assert_string_equal(sbuf_str(&got), row->want ? row->want : "");
}

struct refuse_row {
	const char *name;
	const char *text;
	size_t len; /* 0: as a C string */
	const char *want;
};

#define BYTES(s) s, sizeof(s) - 1

static const struct refuse_row refuse_rows[] = {
	{ "a key twice", BYTES("a: 1\nb: 2\na: 3\n"), "f:3:1: 'a': occurs in line 1 already" },
	{ "a key twice, once in quotes", BYTES("{a: 1, 'a': 2}"),
	  "f:1:8: 'a': occurs in line 1 already" },
	{ "an alias", BYTES("a: *b\n"), "f:1:4: aliases are not supported" },
	{ "an alias in a list", BYTES("- *b\n"), "f:1:3: aliases are not supported" },
	{ "an alias as a key", BYTES("*b : 1\n"), "f:1:1: aliases are not supported" },
	{ "an anchor", BYTES("a: &b 1\n"), "f:1:4: anchors are not supported" },
	{ "an anchor of a list", BYTES("a: &b [1]\n"), "f:1:4: anchors are not supported" },
	{ "an anchor of a mapping", BYTES("&b {a: 1}\n"), "f:1:1: anchors are not supported" },
	{ "an anchor of a key", BYTES("&b a: 1\n"), "f:1:1: anchors are not supported" },
	{ "a list that holds itself", BYTES("&b [*b]\n"), "f:1:1: anchors are not supported" },
	{ "a tag", BYTES("a: !!int 1\n"), "f:1:4: tags are not supported" },
	{ "a tag of a language", BYTES("a: !!python/object:x {}\n"),
	  "f:1:4: tags are not supported" },
	{ "a tag of a list", BYTES("a: !x [1]\n"), "f:1:4: tags are not supported" },
	{ "the tag that says nothing", BYTES("a: ! 1\n"), "f:1:4: tags are not supported" },
	{ "a tag of a key", BYTES("!!str a: 1\n"), "f:1:1: tags are not supported" },
	{ "a version", BYTES("%YAML 1.1\n---\na: 1\n"), "f:1:1: directives are not supported" },
	{ "a prefix of tags", BYTES("%TAG !x! !y\n---\na: 1\n"),
	  "f:1:1: directives are not supported" },
	{ "a second document", BYTES("a: 1\n---\nb: 2\n"), "f:2:1: a second document" },
	{ "a second document behind an end", BYTES("a: 1\n...\n---\nb: 2\n"),
	  "f:3:1: a second document" },
	{ "something behind an end", BYTES("a: 1\n...\nb: 2\n"),
	  "f:3:1: did not find expected <document start>" },
	{ "a list as a key", BYTES("[a]: 1\n"), "f:1:1: a key must be a word" },
	{ "a mapping as a key", BYTES("? {a: 1}\n: 2\n"), "f:1:3: a key must be a word" },
	{ "NUL in quotes", BYTES("a: \"x\\0y\"\n"), "f:1:4: a NUL character" },
	{ "NUL in a key", BYTES("\"a\\0\": 1\n"), "f:1:1: a NUL character" },
	{ "NUL itself", BYTES("a: 1\nb: \0\n"), "f:2:4: control characters are not allowed" },
	{ "another control character", BYTES("a: \033[m\n"),
	  "f:1:4: control characters are not allowed" },
	{ "bytes that are not UTF-8", BYTES("a: 1\nb: \303\244\351x\n"),
	  "f:2:6: invalid trailing UTF-8 octet" },
	{ "a byte order mark", BYTES("\357\273\277a: 1\n"), "f:1:1: a byte order mark" },
	{ "UTF-16, low byte first", BYTES("\377\376a\0:\0"), "f:1:1: UTF-16, not UTF-8" },
	{ "UTF-16, high byte first", BYTES("\376\377\0a\0:"), "f:1:1: UTF-16, not UTF-8" },
	{ "UTF-16 without a mark", BYTES("a\0:\0 \0"),
	  "f:1:2: control characters are not allowed" },
	{ "nine levels", BYTES("[[[[[[[[[x]]]]]]]]]"), "f:1:9: nested too deeply" },
	{ "nine levels of mappings", BYTES("{a: {a: {a: {a: {a: {a: {a: {a: {}}}}}}}}}"),
	  "f:1:33: nested too deeply" },
	{ "a list that does not end", BYTES("[a\n"), "f:2:1: did not find expected ',' or ']'" },
	{ "a tab before a key", BYTES("a:\n\tb: 1\n"),
	  "f:2:1: found character that cannot start any token" },
	{ "a text beside a mapping", BYTES("a: 1\nb\n"), "f:3:1: could not find expected ':'" },
};

static void test_refuse(void **state)
{
	const struct refuse_row *row = *state;
	auto_ytree t;
	struct err err = ERR_INIT;

	assert_int_equal(ytree_parse("f", row->text, row->len, &t, &err), -EINVAL);
	assert_string_equal(err.text, row->want);
	assert_null(t.root);
}

/* The file is cut at each byte: there is no crash, and an error has a position. */
static void test_truncation(void **state attr_unused)
{
	static const char text[] = "# x\na: [1, 'b', \"c\\x41\\u00e4\"]\nd: {e: |\n  f\n  g\n}\n"
				   "h:\n  - i: &j 1\n    k: *j\n---\n%YAML 1.1\n";

	for (size_t n = 0; n < sizeof(text); n++) {
		auto_free char *cut = xmemdup(text, n);
		auto_ytree t;
		struct err err = ERR_INIT;

		if (ytree_parse("f", cut, n, &t, &err) < 0)
			assert_true(starts_with(err.text, "f:"));
		else
			assert_int_equal(err.code, 0);
	}
}

static void test_large(void **state attr_unused)
{
	auto_sbuf text = SBUF_INIT;
	auto_ytree most, more;
	struct err err = ERR_INIT;

	sbuf_adds(&text, "a: 1\n#");
	while (text.len < YTREE_MAX_BYTES)
		sbuf_addch(&text, 'x');
	assert_int_equal(ytree_parse("f", text.data, text.len, &most, &err), 0);
	sbuf_addch(&text, 'x');
	assert_int_equal(ytree_parse("f", text.data, text.len, &more, &err), -EINVAL);
	assert_string_equal(err.text, "f:2:65532: the file is larger than 64 KiB");
}

static void test_many_keys(void **state attr_unused)
{
	auto_sbuf text = SBUF_INIT;
	auto_ytree most, more;
	struct err err = ERR_INIT;

	for (int i = 0; i < YTREE_MAX_KEYS; i++)
		sbuf_addf(&text, "k%d: 1\n", i);
	assert_int_equal(ytree_parse("f", text.data, text.len, &most, &err), 0);
	sbuf_adds(&text, "l: 1\n");
	assert_int_equal(ytree_parse("f", text.data, text.len, &more, &err), -EINVAL);
	assert_string_equal(err.text, "f:257:1: too many keys");
}

/* Deep nesting costs no more than its first levels: libyaml alone takes the square of the depth. */
static void test_deep(void **state attr_unused)
{
	auto_free char *text = xmalloc(YTREE_MAX_BYTES);
	auto_ytree t;
	struct err err = ERR_INIT;

	memset(text, '[', YTREE_MAX_BYTES);
	assert_int_equal(ytree_parse("f", text, YTREE_MAX_BYTES, &t, &err), -EINVAL);
	assert_string_equal(err.text, "f:1:9: nested too deeply");
}

enum getter { GET_MAPPING, GET_LIST, GET_STRING, GET_BOOL, GET_U64, GET_SIZE, GET_STRINGS };

struct get_row {
	const char *name;
	enum getter getter;
	const char *text;
	const char *want; /* the value, or the error behind "f:1:1: " */
	bool fails;
};

static const struct get_row get_rows[] = {
	{ "true", GET_BOOL, "true", "1", false },
	{ "false", GET_BOOL, "false", "0", false },
	{ "yes is no bool", GET_BOOL, "yes", "not true or false", true },
	{ "True is no bool", GET_BOOL, "True", "not true or false", true },
	{ "a bool in quotes is not a bool", GET_BOOL, "'true'", "not true or false", true },
	{ "a list is no bool", GET_BOOL, "[true]", "not true or false", true },
	{ "digits", GET_U64, "7", "7", false },
	{ "the least", GET_U64, "5", "5", false },
	{ "the most", GET_U64, "90", "90", false },
	{ "too few", GET_U64, "4", "not from 5 to 90", true },
	{ "too many", GET_U64, "91", "not from 5 to 90", true },
	{ "far too many", GET_U64, "99999999999999999999", "not from 5 to 90", true },
	{ "a sign", GET_U64, "-7", "not a whole number", true },
	{ "octal", GET_U64, "0o17", "not a whole number", true },
	{ "hexadecimal", GET_U64, "0x17", "not a whole number", true },
	{ "digits with _", GET_U64, "1_0", "not a whole number", true },
	{ "base 60", GET_U64, "10:30", "not a whole number", true },
	{ "a fraction", GET_U64, "7.0", "not a whole number", true },
	{ "a number in quotes", GET_U64, "\"7\"", "not a whole number", true },
	{ "a mapping is no number", GET_U64, "{}", "not a whole number", true },
	{ "a size", GET_SIZE, "1.5KiB", "1536", false },
	{ "a size without a unit", GET_SIZE, "0", "0", false },
	{ "a size in words", GET_SIZE, "lots", "not a size (such as 512M or 1.5GiB)", true },
	{ "a size below 0", GET_SIZE, "-1", "not a size (such as 512M or 1.5GiB)", true },
	{ "a size beyond 64 bits", GET_SIZE, "99999999999P", "too large", true },
	{ "a size in quotes", GET_SIZE, "'1K'", "not a size (such as 512M or 1.5GiB)", true },
	{ "a text", GET_STRING, "x y", "x y", false },
	{ "a text that looks like a number", GET_STRING, "1.0", "1.0", false },
	{ "an empty text in quotes", GET_STRING, "''", "", false },
	{ "null in quotes", GET_STRING, "'null'", "null", false },
	{ "null", GET_STRING, "null", "no value", true },
	{ "the other null", GET_STRING, "~", "no value", true },
	{ "a list is no text", GET_STRING, "[x]", "not a text", true },
	{ "texts", GET_STRINGS, "[a, 'b c', 1]", "a|b c|1|", false },
	{ "no texts", GET_STRINGS, "[]", "", false },
	{ "a text is no list", GET_STRINGS, "a", "not a list", true },
	{ "a list is one", GET_LIST, "[]", "", false },
	{ "a mapping is no list", GET_LIST, "{}", "not a list", true },
	{ "a mapping is one", GET_MAPPING, "{}", "", false },
	{ "a text is no mapping", GET_MAPPING, "x", "not a mapping", true },
};

static int get(const struct get_row *row, struct ytree *t, struct sbuf *got, struct err *err)
{
	const struct ynode *n = t->root;
	const char *const *texts;
	const char *text = "";
	uint64_t value = 0;
	bool flag = false;
	size_t n_texts = 0;
	int ret = 0;

	switch (row->getter) {
	case GET_MAPPING:
		return ynode_mapping(n, err);
	case GET_LIST:
		return ynode_list(n, err);
	case GET_STRING:
		ret = ynode_string(n, &text, err);
		sbuf_adds(got, text);
		return ret;
	case GET_BOOL:
		ret = ynode_bool(n, &flag, err);
		sbuf_addf(got, "%d", flag);
		return ret;
	case GET_U64:
		ret = ynode_u64(n, 5, 90, &value, err);
		sbuf_add_u64(got, value);
		return ret;
	case GET_SIZE:
		ret = ynode_size(n, &value, err);
		sbuf_add_u64(got, value);
		return ret;
	case GET_STRINGS:
		ret = ynode_strings(n, &t->arena, &texts, &n_texts, err);
		for (size_t i = 0; i < n_texts; i++)
			sbuf_addf(got, "%s|", texts[i]);
		return ret;
	}
	return -ENOSYS;
}

static void test_get(void **state)
{
	const struct get_row *row = *state;
	auto_ytree t;
	auto_sbuf got = SBUF_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(ytree_parse("f", row->text, strlen(row->text), &t, &err), 0);
	assert_int_equal(get(row, &t, &got, &err), row->fails ? -EINVAL : 0);
	if (row->fails)
		assert_true(starts_with(err.text, "f:1:1: "));
	assert_string_equal(row->fails ? err.text + strlen("f:1:1: ") : sbuf_str(&got), row->want);
}

/* The error is at the wrong item, not at its list. */
static void test_strings_place(void **state attr_unused)
{
	static const char text[] = "[a, [b]]";
	auto_ytree t;
	struct err err = ERR_INIT;
	const char *const *texts;
	size_t n;

	assert_int_equal(ytree_parse("f", text, strlen(text), &t, &err), 0);
	assert_int_equal(ynode_strings(t.root, &t.arena, &texts, &n, &err), -EINVAL);
	assert_string_equal(err.text, "f:1:5: not a text");
}

static int load(const struct tree *dir, const char *name, struct ytree *t, struct err *err)
{
	auto_free char *path = xasprintf("%s/%s", dir->path, name);

	return ytree_load(path, t, err);
}

static void test_load(void **state attr_unused)
{
	auto_tree dir = tree_make();
	auto_ytree t;
	struct err err = ERR_INIT;
	int fd = next_fd();

	tree_put(&dir, "f", "a: 1\n");
	assert_int_equal(fchmodat(dir.fd, "f", 0600, 0), 0);
	assert_int_equal(load(&dir, "f", &t, &err), 0);
	assert_string_equal(ynode_find(t.root, "a")->text, "1");
	assert_true(ends_with(t.root->at.file, "/f"));
	assert_int_equal(next_fd(), fd);
}

static void test_load_not(void **state attr_unused)
{
	auto_tree dir = tree_make();
	auto_ytree t;
	struct err missing = ERR_INIT, fifo = ERR_INIT, directory = ERR_INIT;
	int fd = next_fd();

	assert_int_equal(mkfifoat(dir.fd, "fifo", 0600), 0);
	assert_int_equal(load(&dir, "fifo", &t, &fifo), -EINVAL);
	assert_true(ends_with(fifo.text, "/fifo: not a regular file"));
	tree_put_dir(&dir, "d");
	assert_int_equal(load(&dir, "d", &t, &directory), -EINVAL);
	assert_true(ends_with(directory.text, "/d: not a regular file"));
	assert_int_equal(load(&dir, "none", &t, &missing), -ENOENT);
	assert_true(ends_with(missing.text, "/none: No such file or directory"));
	assert_null(t.file);
	assert_int_equal(next_fd(), fd);
}

static void test_load_large(void **state attr_unused)
{
	auto_tree dir = tree_make();
	auto_sbuf text = SBUF_INIT;
	auto_ytree t;
	struct err err = ERR_INIT;

	for (int i = 0; i <= YTREE_MAX_BYTES; i++)
		sbuf_addch(&text, '#');
	tree_put(&dir, "f", sbuf_str(&text));
	assert_int_equal(fchmodat(dir.fd, "f", 0600, 0), 0);
	assert_int_equal(load(&dir, "f", &t, &err), -EINVAL);
	assert_true(ends_with(err.text, ": the file is larger than 64 KiB"));
}

/* Users other than root may share the file with others. */
static void test_load_writable(void **state attr_unused)
{
	static const mode_t modes[] = { 0660, 0602 };
	auto_tree dir = tree_make();
	int want = geteuid() == 0 ? -EPERM : 0;

	tree_put(&dir, "f", "a: 1\n");
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		auto_ytree t;
		struct err err = ERR_INIT;

		assert_int_equal(fchmodat(dir.fd, "f", modes[i], 0), 0);
		assert_int_equal(load(&dir, "f", &t, &err), want);
		assert_int_equal(ends_with(err.text, "/f: users other than root may write to it"),
				 want != 0);
	}
}

static void test_load_owner(void **state attr_unused)
{
	auto_tree dir = tree_make();
	auto_ytree t;
	struct err err = ERR_INIT;

	if (geteuid() != 0)
		skip();
	tree_put(&dir, "f", "a: 1\n");
	assert_int_equal(fchmodat(dir.fd, "f", 0600, 0), 0);
	assert_int_equal(fchownat(dir.fd, "f", 4001, 0, 0), 0);
	assert_int_equal(load(&dir, "f", &t, &err), -EPERM);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "tree", tree_rows, test_tree);
	ROWS_ADD(&list, "refused", refuse_rows, test_refuse);
	ROWS_ADD(&list, "value", get_rows, test_get);
	rows_add_one(&list, "value: the item that is not a text", test_strings_place);
	rows_add_one(&list, "cut at each byte", test_truncation);
	rows_add_one(&list, "64 KiB and a byte more", test_large);
	rows_add_one(&list, "256 keys and one more", test_many_keys);
	rows_add_one(&list, "nothing but brackets", test_deep);
	rows_add_one(&list, "load: a file", test_load);
	rows_add_one(&list, "load: a file that is not regular, without blocking", test_load_not);
	rows_add_one(&list, "load: a large file", test_load_large);
	rows_add_one(&list, "load: root's must not be writable by others", test_load_writable);
	rows_add_one(&list, "load: root's must be root's", test_load_owner);
	return rows_run("ytree", &list);
}
