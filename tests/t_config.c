/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of app/config: which options a file sets, which ones the command line keeps, and that
 * manual, sample and table have the same keys.
 */
#include "app/config.h"

#include <errno.h>

#include "app/options_parse.h"
#include "base/io.h"
#include "model/rule/rules_yaml.h"
#include "tree.h"

enum { ARGS_MAX = 6, MANUAL_MAX = 1 << 16 };

#define auto_config __attribute__((cleanup(config_release))) struct config
#define auto_options __attribute__((cleanup(options_release))) struct options

static int load_text(const char *text, const char *const args[ARGS_MAX], struct options *o,
		     struct config *c, struct err *err)
{
	auto_tree dir = tree_make();
	auto_free char *path = xasprintf("%s/f", dir.path);
	auto_free char *option = xasprintf("--config=%s", path);
	char *argv[ARGS_MAX + 3] = { (char *)(uintptr_t) "memspect", option };
	int argc = 2, ret;

	for (; argc < ARGS_MAX + 2 && args[argc - 2]; argc++)
		argv[argc] = (char *)(uintptr_t)args[argc - 2];
	tree_put(&dir, "f", text);
	assert_int_equal(fchmodat(dir.fd, "f", 0600, 0), 0);
	optind = 0;
	assert_int_equal(options_parse(argc, argv, o, err), 0);
	ret = config_load(o, c, err);
	o->config = NULL; /* it points into argv */
	return ret;
}

/* Returns the line of --print-config for a key, without the key and the directory of the file. */
static char *printed(const struct config *c, const struct options *o, const char *key)
{
	auto_free char *all = NULL, *line = NULL;
	size_t size, room = 0;
	FILE *f = open_memstream(&all, &size);
	char *found = NULL;

	config_print(c, o, f);
	assert_int_equal(fclose(f), 0);
	f = fmemopen(all, size, "r");
	while (getline(&line, &room, f) >= 0) {
		const char *rest = line + strlen(key);
		const char *place;

		if (!starts_with(line, key) || *rest != ' ')
			continue;
		rest += strspn(rest, " ");
		line[strlen(line) - 1] = '\0';
		place = strstr(rest, "  /");
		found = place ? xasprintf("%.*s  %s", (int)(place - rest), rest,
					  strrchr(place, '/') + 1)
			      : xstrdup(rest);
	}
	(void)fclose(f);
	assert_non_null(found);
	return found;
}

struct value_row {
	const char *name;
	const char *text;
	const char *args[ARGS_MAX];
	const char *key;
	const char *want;
};

static const struct value_row value_rows[] = {
	{ "the default of a text", "", { NULL }, "format", "text  default" },
	{ "the default of a bool", "", { NULL }, "ascii", "false  default" },
	{ "the default of a number",
	  "",
	  { NULL },
	  "thresholds.unexplained_percent",
	  "50  default" },
	{ "nothing set", "", { NULL }, "list.sort", "-  default" },
	{ "a text", "format: json\n", { NULL }, "format", "json  f:1" },
	{ "a color", "\ncolor: never\n", { NULL }, "color", "never  f:2" },
	{ "a bool", "ascii: true\n", { NULL }, "ascii", "true  f:1" },
	{ "a bool with the default value", "ascii: false\n", { NULL }, "ascii", "false  f:1" },
	{ "a dash in a key", "no-headings: true\n", { NULL }, "no-headings", "true  f:1" },
	{ "no arguments", "no-cmdline: true\n", { NULL }, "no-cmdline", "true  f:1" },
	{ "units", "bytes: true\n", { NULL }, "bytes", "true  f:1" },
	{ "the last of two units", "bytes: true\nsi: true\n", { NULL }, "bytes", "false  f:1" },
	{ "an option like the default",
	  "format: json\n",
	  { "--format=text" },
	  "format",
	  "text  command line" },
	{ "a short option", "format: text\n", { "-j" }, "format", "json  command line" },
	{ "an option of the same unit",
	  "bytes: true\n",
	  { "--si" },
	  "bytes",
	  "false  command line" },
	{ "a flag", "", { "--ascii" }, "ascii", "true  command line" },
	{ "a number",
	  "thresholds:\n  unexplained_percent: 0\n",
	  { NULL },
	  "thresholds.unexplained_percent",
	  "0  f:2" },
	{ "columns of the list",
	  "list: {columns: [pid, pss]}\n",
	  { NULL },
	  "list.columns",
	  "pid,pss  f:1" },
	{ "columns of the mappings",
	  "regions: {columns: [start, rss]}\n",
	  { "-r", "1" },
	  "regions.columns",
	  "start,rss  f:1" },
	{ "columns that are not shown",
	  "regions: {columns: [start, rss]}\n",
	  { NULL },
	  "regions.columns",
	  "start,rss  f:1" },
	{ "columns of the command line",
	  "list: {columns: [pid]}\n",
	  { "-Opss" },
	  "list.columns",
	  "pss  command line" },
	{ "are those of the table that it shows",
	  "regions: {columns: [start]}\n",
	  { "-Opss" },
	  "regions.columns",
	  "start  f:1" },
	{ "order", "list: {sort: -pss}\n", { NULL }, "list.sort", "-pss  f:1" },
	{ "no rules", "", { NULL }, "rules", "-  default" },
	{ "rules",
	  "rules:\n- {path: /x, category: heap}\n- {id: y, path: /y, category: heap}\n",
	  { NULL },
	  "rules",
	  "user:1,y  f:2" },
	{ "an empty list of rules", "rules: []\n", { NULL }, "rules", "-  f:1" },
	{ "control characters",
	  "format: text\n",
	  { "-O", "\033" },
	  "list.columns",
	  "\\x1b  command line" },
};

static void test_value(void **state)
{
	const struct value_row *row = *state;
	auto_config c;
	auto_options o;
	auto_free char *got = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(load_text(row->text, row->args, &o, &c, &err), 0);
	got = printed(&c, &o, row->key);
	assert_string_equal(got, row->want);
}

struct refuse_row {
	const char *name;
	const char *text;
	const char *args[ARGS_MAX];
	const char *want; /* behind the directory of the file */
};

static const struct refuse_row refuse_rows[] = {
	{ "no mapping", "[format]\n", { NULL }, "f:1:1: not a mapping" },
	{ "an unknown key",
	  "format: text\nfromat: json\n",
	  { NULL },
	  "f:2:1: 'fromat': unknown key" },
	{ "an unknown key inside",
	  "list:\n  colunms: [pid]\n",
	  { NULL },
	  "f:2:3: 'colunms': unknown key" },
	{ "a path as a key", "list.sort: pid\n", { NULL }, "f:1:1: 'list.sort': unknown key" },
	{ "a part of a key", "lis: {}\n", { NULL }, "f:1:1: 'lis': unknown key" },
	{ "an empty key", "'': 1\n", { NULL }, "f:1:1: '': unknown key" },
	{ "an option that is not a key",
	  "proc-root: /x\n",
	  { NULL },
	  "f:1:1: 'proc-root': unknown key" },
	{ "a key of a later version", "budgets: {}\n", { NULL }, "f:1:1: 'budgets': unknown key" },
	{ "a key twice",
	  "si: true\nsi: true\n",
	  { NULL },
	  "f:2:1: 'si': occurs in line 1 already" },
	{ "a text for a bool", "si: yes\n", { NULL }, "f:1:5: not true or false" },
	{ "a list for a text", "format: [json]\n", { NULL }, "f:1:9: not a text" },
	{ "a text for a list", "list: {columns: 'pid,pss'}\n", { NULL }, "f:1:17: not a list" },
	{ "a text for a mapping", "list: pid\n", { NULL }, "f:1:7: not a mapping" },
	{ "no columns", "list: {columns: []}\n", { NULL }, "f:1:17: no column" },
	{ "an unknown column",
	  "list: {columns: [pid, nosuch]}\n",
	  { NULL },
	  "f:1:23: 'nosuch': no such column; -O help lists them" },
	{ "a column of the other table",
	  "regions: {columns: [pid]}\n",
	  { NULL },
	  "f:1:21: 'pid': no such column; -O help lists them" },
	{ "an unknown order",
	  "list: {sort: -nosuch}\n",
	  { NULL },
	  "f:1:14: 'nosuch': no such column; -O help lists them" },
	{ "an unknown format", "format: xml\n", { NULL }, "f:1:9: format 'xml': no such format" },
	{ "an unknown color",
	  "color: red\n",
	  { NULL },
	  "f:1:8: color 'red': not auto, always or never" },
	{ "a key that the command line overrides",
	  "format: xml\n",
	  { "-j" },
	  "f:1:9: format 'xml': no such format" },
	{ "a threshold beyond its range",
	  "thresholds: {unexplained_percent: 101}\n",
	  { NULL },
	  "f:1:35: not from 0 to 100" },
	{ "a rule", "rules:\n  - {path: x}\n", { NULL }, "f:2:5: a rule without a category" },
};

static void test_refuse(void **state)
{
	const struct refuse_row *row = *state;
	auto_config c;
	auto_options o;
	struct err err = ERR_INIT;

	assert_int_equal(load_text(row->text, row->args, &o, &c, &err), -EINVAL);
	assert_true(starts_with(err.text, "/tmp/"));
	assert_string_equal(strrchr(err.text, '/') + 1, row->want);
}

/* Keys set options only in the modes that they are for. */
static void test_options(void **state attr_unused)
{
	static const char text[] = "list: {columns: [pid], sort: -pss}\n"
				   "regions: {columns: [start], sort: rss}\nsi: true\n";
	static const struct {
		const char *args[ARGS_MAX];
		const char *columns, *sort;
	} rows[] = {
		{ { NULL }, "pid", "-pss" },
		{ { "--list", "1" }, "pid", "-pss" },
		{ { "-r", "1" }, "start", "rss" },
		{ { "1" }, NULL, NULL },
		{ { "-r", "-Oend", "1" }, "end", "rss" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_config c;
		auto_options o;
		struct err err = ERR_INIT;

		assert_int_equal(load_text(text, rows[i].args, &o, &c, &err), 0);
		assert_int_equal(o.unit, FMT_SI);
		assert_int_equal(o.columns != NULL, rows[i].columns != NULL);
		if (o.columns) {
			assert_string_equal(o.columns, rows[i].columns);
			assert_string_equal(o.sort, rows[i].sort);
		}
	}
}

static void read_source(const char *name, struct sbuf *text)
{
	const char *srcdir = getenv("srcdir");
	auto_free char *path = xasprintf("%s/%s", srcdir ? srcdir : ".", name);

	assert_int_equal(io_read_at(AT_FDCWD, path, MANUAL_MAX, text), 0);
}

static bool is_key(const char *name, size_t len)
{
	for (size_t i = 0; i < n_key_descs; i++) {
		if (strncmp(key_descs[i].path, name, len) == 0 && !key_descs[i].path[len])
			return true;
	}
	for (const char *const *key = rules_yaml_keys; *key; key++) {
		if (strncmp(*key, name, len) == 0 && !(*key)[len])
			return true;
	}
	return false;
}

/* An item ".It Ic KEY : Ar TYPE" for each key, and no other. */
static void test_manual(void **state attr_unused)
{
	static const char item[] = "\n.It Ic ";
	auto_sbuf man = SBUF_INIT;
	size_t n_items = 0, n_keys = n_key_descs;

	read_source("man/memspect.yaml.5", &man);
	for (const char *p = strstr(man.data, item); p; p = strstr(p, item)) {
		p += strlen(item);
		n_items++;
		if (!is_key(p, strcspn(p, " \n")))
			fail_msg("the manual has %.40s", p);
	}
	for (const char *const *key = rules_yaml_keys; *key; key++)
		n_keys++;
	assert_int_equal(n_items, n_keys);
	for (size_t i = 0; i < n_key_descs; i++) {
		auto_free char *want = xasprintf("%s%s : Ar ", item, key_descs[i].path);

		if (!strstr(man.data, want))
			fail_msg("the manual lacks %s", key_descs[i].path);
	}
}

static void test_manual_presets(void **state attr_unused)
{
	auto_sbuf man = SBUF_INIT;

	read_source("man/memspect.yaml.5", &man);
	for (size_t i = 0; i < n_key_descs; i++) {
		const struct key_desc *d = &key_descs[i];
		auto_free char *want = xasprintf("\nFrom %llu to %llu; the default is %llu.\n",
						 (unsigned long long)d->minimum,
						 (unsigned long long)d->maximum,
						 (unsigned long long)d->preset);

		if (d->type == KEY_NUMBER)
			assert_non_null(strstr(man.data, want));
	}
}

/* The sample sets every key, and its rules use every key of a rule. */
static void test_sample(void **state attr_unused)
{
	static const char *const no_args[ARGS_MAX] = { NULL };
	auto_sbuf text = SBUF_INIT;
	auto_config c;
	auto_options o;
	struct err err = ERR_INIT;
	const struct ynode *rules;

	read_source("samples/memspect.yaml", &text);
	assert_int_equal(load_text(sbuf_str(&text), no_args, &o, &c, &err), 0);
	for (size_t i = 0; i < n_key_descs; i++) {
		auto_free char *line = printed(&c, &o, key_descs[i].path);

		if (!strstr(line, "  f:"))
			fail_msg("the sample lacks %s: %s", key_descs[i].path, line);
	}
	rules = ynode_find(c.tree.root, "rules");
	for (const char *const *key = rules_yaml_keys; *key; key++) {
		const struct ynode *rule = rules->first;

		while (rule && !ynode_find(rule, *key))
			rule = rule->next;
		if (!rule)
			fail_msg("no rule of the sample has %s", *key);
	}
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "value", value_rows, test_value);
	ROWS_ADD(&list, "refused", refuse_rows, test_refuse);
	rows_add_one(&list, "options: columns and order of the table that is shown", test_options);
	rows_add_one(&list, "manual: every key and no other", test_manual);
	rows_add_one(&list, "manual: ranges and defaults", test_manual_presets);
	rows_add_one(&list, "sample: every key", test_sample);
	return rows_run("config", &list);
}
