/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of model/rule/rules_yaml: what a user's rule matches, what it does not, and which rules are
 * refused.
 */
#include "model/rule/rules_yaml.h"

#include <errno.h>

#include "proc_tree.h"

#define auto_ytree __attribute__((cleanup(ytree_release))) struct ytree
#define auto_arena __attribute__((cleanup(arena_release))) struct arena

static int read_rules(const char *text, struct ytree *t, struct arena *arena, struct ruleset *set,
		      struct err *err)
{
	assert_int_equal(ytree_parse("f", text, strlen(text), t, err), 0);
	return rules_yaml_read(t->root, arena, set, err);
}

enum { RW = VMA_READ | VMA_WRITE };

struct match_row {
	const char *name;
	const char *rules;
	const char *mapping;
	uint8_t perms;
	uint16_t marks;
	uint64_t flags, size;
	const char *want; /* id */
};

#define PATH "[{path: /srv/*, category: heap}]"
#define NAME "[{name: '[[]anon:pool*', category: heap}]"
#define PERMS(p) "[{permissions: " p ", category: heap}]"
#define SIZES "[{size_min: 8K, size_max: 16K, category: heap}]"

static const struct match_row match_rows[] = {
	{ "a path", PATH, "/srv/x", RW, MARK_FILE, 0, KIB(4), "user:1" },
	{ "another path", PATH, "/usr/srv/x", RW, MARK_FILE, 0, KIB(4), "file" },
	{ "a path is that of a file", PATH, "/srv/x", RW, 0, 0, KIB(4), "anonymous" },
	{ "a name", NAME, "[anon:pool 1]", RW, 0, 0, KIB(4), "user:1" },
	{ "a name is not of a file", NAME, "[anon:pool 1]", RW, MARK_FILE, 0, KIB(4), "file" },
	{ "permissions", PERMS("rw-p"), "", RW, MARK_UNNAMED, 0, KIB(4), "user:1" },
	{ "permissions that lack one", PERMS("rw-p"), "", VMA_READ, MARK_UNNAMED, 0, KIB(4),
	  "anonymous" },
	{ "permissions that have one more", PERMS("rw-p"), "", RW | VMA_EXEC, MARK_UNNAMED, 0,
	  KIB(4), "jit-code" },
	{ "shared where private is wanted", PERMS("rw-p"), "/x", RW | VMA_SHARED, MARK_FILE, 0,
	  KIB(4), "file" },
	{ "permissions that do not matter", PERMS("'?w?\?'"), "/x", RW | VMA_SHARED, MARK_FILE, 0,
	  KIB(4), "user:1" },
	{ "flags", "[{flags: [hg, nr], category: heap}]", "", RW, MARK_UNNAMED,
	  VMA_FLAG(VF_HG) | VMA_FLAG(VF_NR) | VMA_FLAG(VF_RD), KIB(4), "user:1" },
	{ "one flag of two", "[{flags: [hg, nr], category: heap}]", "", RW, MARK_UNNAMED,
	  VMA_FLAG(VF_HG), KIB(4), "anonymous" },
	{ "the least size", SIZES, "", RW, MARK_UNNAMED, 0, KIB(8), "user:1" },
	{ "the largest size", SIZES, "", RW, MARK_UNNAMED, 0, KIB(16), "user:1" },
	{ "below the least", SIZES, "", RW, MARK_UNNAMED, 0, KIB(4), "anonymous" },
	{ "above the largest", SIZES, "", RW, MARK_UNNAMED, 0, KIB(20), "anonymous" },
	{ "all conditions hold", "[{path: /srv/*, size_min: 8K, category: heap}]", "/srv/x", RW,
	  MARK_FILE, 0, KIB(4), "file" },
	{ "an id", "[{id: my-rule, path: '*', category: heap}]", "/x", RW, MARK_FILE, 0, KIB(4),
	  "my-rule" },
	{ "the first of two", "[{path: /x, category: heap}, {path: '*', category: heap}]", "/x", RW,
	  MARK_FILE, 0, KIB(4), "user:1" },
	{ "the second of two", "[{path: /x, category: heap}, {path: '*', category: heap}]", "/y",
	  RW, MARK_FILE, 0, KIB(4), "user:2" },
	{ "no rules", "[]", "", RW, MARK_UNNAMED, 0, KIB(4), "anonymous" },
};

static void test_match(void **state)
{
	const struct match_row *row = *state;
	const struct region r = { .start = KIB(64),
				  .end = KIB(64) + row->size,
				  .perms = row->perms,
				  .flags = row->flags,
				  .marks = row->marks };
	auto_ytree t;
	auto_arena arena = ARENA_INIT;
	struct ruleset set;
	struct err err = ERR_INIT;

	assert_int_equal(read_rules(row->rules, &t, &arena, &set, &err), 0);
	assert_string_equal(set.rules[ruleset_match(&set, row->mapping, &r)].id, row->want);
}

struct refuse_row {
	const char *name;
	const char *rules;
	const char *want;
};

static const struct refuse_row refuse_rows[] = {
	{ "no list", "{path: x}", "f:1:1: not a list" },
	{ "no mapping", "[x]", "f:1:2: not a mapping" },
	{ "an unknown key", "[{paht: x}]", "f:1:3: 'paht': unknown key" },
	{ "no category", "[{path: x}]", "f:1:2: a rule without a category" },
	{ "no condition", "[{category: heap}]", "f:1:2: a rule without a condition" },
	{ "an unknown category", "[{path: x, category: Heap}]",
	  "f:1:22: 'Heap': no such category" },
	{ "a path that is a list", "[{path: [x]}]", "f:1:9: not a text" },
	{ "a path and a name", "[{path: x, name: y}]", "f:1:12: path and name exclude each other" },
	{ "three permissions", "[{permissions: rw-}]",
	  "f:1:16: 'rw-': not permissions such as rw-p or r?xs" },
	{ "five permissions", "[{permissions: rw-px}]",
	  "f:1:16: 'rw-px': not permissions such as rw-p or r?xs" },
	{ "permissions out of order", "[{permissions: wr-p}]",
	  "f:1:16: 'wr-p': not permissions such as rw-p or r?xs" },
	{ "permissions without condition", "[{permissions: '?\?\?\?', category: heap}]",
	  "f:1:2: a rule without a condition" },
	{ "flags that are a text", "[{flags: hg}]", "f:1:10: not a list" },
	{ "an unknown flag", "[{flags: [hg, xy]}]", "f:1:15: 'xy': not a flag of VmFlags" },
	{ "two flags in one", "[{flags: ['hg nr']}]", "f:1:11: 'hg nr': not a flag of VmFlags" },
	{ "an empty flag", "[{flags: ['']}]", "f:1:11: '': not a flag of VmFlags" },
	{ "a size of 0", "[{size_max: 0}]", "f:1:13: must be above 0" },
	{ "not a size", "[{size_min: big}]", "f:1:13: not a size (such as 512M or 1.5GiB)" },
	{ "sizes the wrong way round", "[{size_min: 2K, size_max: 1K, category: heap}]",
	  "f:1:2: size_min is above size_max" },
	{ "an owner that is a text", "[{owner: x}]", "f:1:10: not a mapping" },
	{ "an owner without a name", "[{owner: {kind: file}}]",
	  "f:1:10: an owner has a kind and a name" },
	{ "an owner without a kind", "[{owner: {name: x}}]",
	  "f:1:10: an owner has a kind and a name" },
	{ "an owner with more", "[{owner: {kind: file, name: x, age: 1}}]",
	  "f:1:32: 'age': unknown key" },
	{ "an unknown kind", "[{owner: {kind: none, name: x}}]",
	  "f:1:17: 'none': no such kind of owner" },
	{ "an owner and a package", "[{owner: {kind: file, name: x}, package: y}]",
	  "f:1:42: owner and package exclude each other" },
	{ "an id with a colon", "[{id: 'user:1'}]",
	  "f:1:7: 'user:1': not lower-case letters, digits, - and _, a letter first, at most 40" },
	{ "an id that is empty", "[{id: ''}]",
	  "f:1:7: '': not lower-case letters, digits, - and _, a letter first, at most 40" },
	{ "an id of 41", "[{id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}]",
	  "f:1:7: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa': not lower-case letters, digits, "
	  "- and _, a letter first, at most 40" },
	{ "an id of a built-in rule", "[{id: vdso, path: x, category: heap}]",
	  "f:1:2: 'vdso': another rule has this id" },
	{ "an id twice", "[{id: a, path: x, category: heap}, {id: a, path: y, category: heap}]",
	  "f:1:36: 'a': another rule has this id" },
};

static void test_refuse(void **state)
{
	const struct refuse_row *row = *state;
	auto_ytree t;
	auto_arena arena = ARENA_INIT;
	struct ruleset set = { .n = 7 };
	struct err err = ERR_INIT;

	assert_int_equal(read_rules(row->rules, &t, &arena, &set, &err), -EINVAL);
	assert_string_equal(err.text, row->want);
	assert_int_equal(set.n, 7);
}

static void test_many(void **state attr_unused)
{
	auto_sbuf text = SBUF_INIT;
	auto_ytree most, more;
	auto_arena arena = ARENA_INIT;
	struct ruleset set;
	struct err err = ERR_INIT;

	for (int i = 0; i < RULES_YAML_MAX; i++)
		sbuf_adds(&text, "- {path: x, category: heap}\n");
	assert_int_equal(read_rules(sbuf_str(&text), &most, &arena, &set, &err), 0);
	assert_int_equal(set.n, RULES_YAML_MAX + rules_std.n);
	sbuf_adds(&text, "- {path: x, category: heap}\n");
	assert_int_equal(read_rules(sbuf_str(&text), &more, &arena, &set, &err), -EINVAL);
	assert_string_equal(err.text, "f:257:3: more than 256 rules");
}

/* From the text of smaps: adjacent mappings that differ only in size get different rules. */
static void test_capture(void **state attr_unused)
{
	static const char rules[] = "[{size_min: 8K, permissions: rw-p, category: heap,"
				    " owner: {kind: allocator, name: big}},"
				    " {path: /opt/*.bin, category: c_extension, package: plugins}]";
	auto_tree dir = tree_make();
	auto_snapshot s;
	auto_ytree t;
	auto_arena arena = ARENA_INIT;
	struct ruleset set;
	struct err err = ERR_INIT;

	assert_int_equal(read_rules(rules, &t, &arena, &set, &err), 0);
	tree_put(&dir, "proc/40/stat", STAT("S", "1"));
	tree_put(&dir, "proc/40/status", STATUS);
	tree_put(&dir, "proc/40/smaps",
		 "10000-11000 rw-p 0 00:00 0 \n" FIELDS("4") "20000-22000 rw-p 0 00:00 0 \n" FIELDS(
			 "8") "30000-31000 r--p 0 08:01 7 /opt/x.bin\n" FIELDS("4"));
	assert_int_equal(proc_tree_capture_by(&dir, &set, &s, &err), 0);
	assert_int_equal(s.n_regions, 3);
	assert_string_equal(set.rules[s.regions[0].rule].id, "anonymous");
	assert_int_equal(s.regions[0].evidence, EV_UNKNOWN);
	assert_string_equal(set.rules[s.regions[1].rule].id, "user:1");
	assert_int_equal(s.regions[1].category, CAT_HEAP);
	assert_int_equal(s.regions[1].evidence, EV_INFERRED);
	assert_int_equal(s.owners[s.regions[1].owner].kind, OWNER_ALLOCATOR);
	assert_string_equal(s.owners[s.regions[1].owner].name, "big");
	assert_string_equal(set.rules[s.regions[2].rule].id, "user:2");
	assert_int_equal(s.owners[s.regions[2].owner].kind, OWNER_PACKAGE);
	assert_string_equal(s.owners[s.regions[2].owner].name, "plugins");
	assert_int_equal(s.files[s.regions[2].file].category, CAT_C_EXTENSION);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "match", match_rows, test_match);
	ROWS_ADD(&list, "refused", refuse_rows, test_refuse);
	rows_add_one(&list, "256 rules and one more", test_many);
	rows_add_one(&list, "a process by a user's rules", test_capture);
	return rows_run("rules_yaml", &list);
}
