/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/config.h"

#include <errno.h>

#include "app/options_check.h"
#include "app/options_parse.h"
#include "base/alloc.h"
#include "base/text.h"
#include "model/rule/rules_yaml.h"
#include "present/build/build.h"
#include "present/build/process.h"
#include "present/render/table_order.h"
#include "screen/data/columns.h"

#define FILE_NAME "memspect/config.yaml"
#define AT(name) offsetof(struct config, name)

const struct key_desc key_descs[] = {
	{ .path = "format", .type = KEY_WORD },
	{ .path = "bytes", .type = KEY_FLAG },
	{ .path = "si", .type = KEY_FLAG },
	{ .path = "color", .type = KEY_WORD },
	{ .path = "ascii", .type = KEY_FLAG },
	{ .path = "no-headings", .type = KEY_FLAG },
	{ .path = "no-cmdline", .type = KEY_FLAG },
	{ .path = "list.columns", .type = KEY_COLUMNS, .table = TABLE_LIST },
	{ .path = "list.sort", .type = KEY_SORT, .table = TABLE_LIST },
	{ .path = "regions.columns", .type = KEY_COLUMNS, .table = TABLE_REGIONS },
	{ .path = "regions.sort", .type = KEY_SORT, .table = TABLE_REGIONS },
	{ .path = "top.columns", .type = KEY_COLUMNS, .table = TABLE_TOP },
	{ .path = "top.sort", .type = KEY_SORT, .table = TABLE_TOP },
	{ .path = "top.delay", .type = KEY_WORD, .table = TABLE_TOP, .option = "delay" },
	{ .path = "thresholds.unexplained_percent",
	  .type = KEY_NUMBER,
	  .field = AT(unexplained_percent),
	  .preset = 50,
	  .maximum = 100 },
	{ .path = "thresholds.beyond_objects_percent",
	  .type = KEY_NUMBER,
	  .field = AT(beyond_percent),
	  .preset = 50,
	  .maximum = 100 },
	{ .path = "thresholds.growth_mb_per_hour",
	  .type = KEY_NUMBER,
	  .field = AT(growth_mb_per_hour),
	  .preset = 100,
	  .maximum = 1000000000 },
	{ .path = "snapshots.directory", .type = KEY_TEXT, .field = AT(snapshot_dir) },
	{ .path = "snapshots.interval_minutes",
	  .type = KEY_NUMBER,
	  .field = AT(snapshot_minutes),
	  .preset = 5,
	  .minimum = 1,
	  .maximum = 43200 },
	{ .path = "snapshots.keep",
	  .type = KEY_NUMBER,
	  .field = AT(snapshot_keep),
	  .option = "keep",
	  .preset = 30,
	  .maximum = 1000000 },
	{ .path = "snapshots.keep_days",
	  .type = KEY_NUMBER,
	  .field = AT(snapshot_keep_days),
	  .maximum = 36500 },
	{ .path = "snapshots.keep_mb",
	  .type = KEY_NUMBER,
	  .field = AT(snapshot_keep_mb),
	  .maximum = 1000000000 },
	{ .path = "rules", .type = KEY_RULES },
};

#undef AT

const size_t n_key_descs = ARRAY_SIZE(key_descs);

static uint64_t *number_of(struct config *c, const struct key_desc *d)
{
	return (uint64_t *)(void *)((char *)c + d->field);
}

/* Returns the main table that the mode shows. */
static enum key_table table_of(const struct options *o)
{
	switch (options_mode(o)) {
	case MODE_TOP:
		return TABLE_TOP;
	case MODE_LIST:
		return TABLE_LIST;
	case MODE_SHOW:
	case MODE_WATCH:
		return o->regions ? TABLE_REGIONS : TABLE_NONE;
	default:
		return TABLE_NONE;
	}
}

/* Returns the option that a key sets, or NULL. */
static const char *option_of(const struct key_desc *d)
{
	switch (d->type) {
	case KEY_FLAG:
	case KEY_WORD:
		return d->option ? d->option : d->path;
	case KEY_COLUMNS:
		return "columns";
	case KEY_SORT:
		return "sort";
	case KEY_NUMBER:
		return d->option;
	case KEY_TEXT:
	case KEY_RULES:
		break;
	}
	return NULL;
}

/*
 * Returns whether the key has no effect: the command line sets the option, or the mode does not
 * show the table.
 */
static bool is_overruled(const struct key_desc *d, const struct options *o)
{
	return options_given(o, option_of(d)) || (d->table && d->table != table_of(o));
}

/* Sets an option. The value is checked even if it has no effect. */
static int set_option(const struct key_desc *d, struct options *o, const struct ynode *n,
		      const char *arg, struct err *err)
{
	struct options scratch = *o;
	struct err why = ERR_INIT;
	int ret = options_set(is_overruled(d, o) ? &scratch : o, option_of(d), arg, &why);

	if (ret < 0) /* keys have no dashes in front */
		return yplace_refuse(n->at, err, "%s",
				     why.text + (starts_with(why.text, "--") ? 2 : 0));
	return 0;
}

static int read_flag(struct config *c attr_unused, struct options *o, const struct key_desc *d,
		     const struct ynode *n, struct err *err)
{
	bool value;
	int ret = ynode_bool(n, &value, err);

	return ret == 0 && value ? set_option(d, o, n, NULL, err) : ret;
}

static int read_word(struct config *c attr_unused, struct options *o, const struct key_desc *d,
		     const struct ynode *n, struct err *err)
{
	const char *text;
	int ret = ynode_string(n, &text, err);

	return ret == 0 ? set_option(d, o, n, text, err) : ret;
}

static int check_column(const struct key_desc *d, const struct ynode *n, const char *id,
			struct err *err)
{
	struct report scratch = REPORT_INIT;
	size_t n_columns = n_list_columns;
	const struct column *columns = list_columns;
	bool found;

	if (d->table == TABLE_REGIONS)
		columns = build_region_columns(&scratch, &n_columns);
	if (d->table == TABLE_TOP)
		found = proc_column_find(id, strlen(id)) != PC_COUNT;
	else
		found = columns_find(columns, n_columns, id, strlen(id)) >= 0;
	report_release(&scratch);
	if (!found)
		return yplace_refuse(n->at, err, "'%.60s': no such column; -O help lists them", id);
	return 0;
}

static int read_columns(struct config *c, struct options *o, const struct key_desc *d,
			const struct ynode *n, struct err *err)
{
	auto_sbuf text = SBUF_INIT;
	const struct ynode *item = n->first;
	const char *const *ids;
	size_t n_ids;
	int ret = ynode_strings(n, &c->arena, &ids, &n_ids, err);

	if (ret == 0 && n_ids == 0)
		return yplace_refuse(n->at, err, "no column");
	for (size_t i = 0; ret == 0 && i < n_ids; i++, item = item->next) {
		ret = check_column(d, item, ids[i], err);
		sbuf_adds(&text, i ? "," : "");
		sbuf_adds(&text, ids[i]);
	}
	return ret < 0 ? ret : set_option(d, o, n, arena_strdup(&c->arena, sbuf_str(&text)), err);
}

static int read_sort(struct config *c attr_unused, struct options *o, const struct key_desc *d,
		     const struct ynode *n, struct err *err)
{
	const char *text;
	int ret = ynode_string(n, &text, err);

	if (ret == 0)
		ret = check_column(d, n, text + (*text == '-'), err);
	return ret < 0 ? ret : set_option(d, o, n, text, err);
}

static int read_number(struct config *c, struct options *o attr_unused, const struct key_desc *d,
		       const struct ynode *n, struct err *err)
{
	return ynode_u64(n, d->minimum, d->maximum, number_of(c, d), err);
}

static int read_text(struct config *c, struct options *o attr_unused, const struct key_desc *d,
		     const struct ynode *n, struct err *err)
{
	return ynode_string(n, (const char **)(void *)((char *)c + d->field), err);
}

static int read_rules(struct config *c, struct options *o attr_unused,
		      const struct key_desc *d attr_unused, const struct ynode *n, struct err *err)
{
	return rules_yaml_read(n, &c->arena, &c->rules, err);
}

/* Reads the value of a key. Returns 0, or -EINVAL with err set. */
typedef int read_fn(struct config *c, struct options *o, const struct key_desc *d,
		    const struct ynode *n, struct err *err);

static read_fn *const readers[] = {
	[KEY_FLAG] = read_flag, [KEY_WORD] = read_word,     [KEY_COLUMNS] = read_columns,
	[KEY_SORT] = read_sort, [KEY_NUMBER] = read_number, [KEY_RULES] = read_rules,
	[KEY_TEXT] = read_text,
};

/*
 * Returns the key with this path; otherwise NULL, and *ret_inside says whether the path is a prefix
 * of keys.
 */
static const struct key_desc *find_key(const char *path, bool *ret_inside)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < n_key_descs; i++) {
		const struct key_desc *d = &key_descs[i];

		if (strncmp(d->path, path, len) != 0)
			continue;
		if (!d->path[len])
			return d;
		*ret_inside |= d->path[len] == '.';
	}
	return NULL;
}

static int read_mapping(struct config *c, struct options *o, const char *above,
			const struct ynode *mapping, struct err *err)
{
	int ret = ynode_mapping(mapping, err);

	for (const struct ynode *n = mapping->first; ret == 0 && n; n = n->next) {
		auto_free char *path = xasprintf("%s%s%s", above, *above ? "." : "", n->key);
		bool inside = false;
		const struct key_desc *d = strchr(n->key, '.') ? NULL : find_key(path, &inside);

		if (d)
			ret = readers[d->type](c, o, d, n, err);
		else if (inside)
			ret = read_mapping(c, o, path, n, err);
		else
			ret = yplace_refuse(n->key_at, err, "'%.60s': unknown key", n->key);
	}
	return ret;
}

/*
 * Reads a file of the default places. It is ignored if it does not exist or the user may not read
 * it.
 */
static int load_if_there(const char *dir, const char *below, struct config *c, struct err *err)
{
	auto_free char *path = xasprintf("%s%s/" FILE_NAME, dir, below);
	struct err why = ERR_INIT;
	int ret = ytree_load(path, &c->tree, &why);

	if (ret == -ENOENT || ret == -ENOTDIR || ret == -EACCES)
		return 0;
	return ret < 0 ? err_set(err, why.code, "%s", why.text) : 0;
}

static bool is_absolute(const char *dir)
{
	return dir && *dir == '/';
}

static int load_tree(const struct options *o, struct config *c, struct err *err)
{
	const char *named = o->config ? o->config : getenv("MEMSPECT_CONFIG");
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	int ret = 0;

	if (named)
		return *named ? ytree_load(named, &c->tree, err) : 0;
	if (is_absolute(xdg)) /* the specification says that relative ones are ignored */
		ret = load_if_there(xdg, "", c, err);
	else if (is_absolute(home))
		ret = load_if_there(home, "/.config", c, err);
	if (ret == 0 && !c->tree.file)
		ret = load_if_there(SYSCONFDIR, "", c, err);
	if (ret == 0 && !c->tree.file && !streq(SYSCONFDIR, "/etc"))
		ret = load_if_there("/etc", "", c, err);
	return ret;
}

int config_load(struct options *o, struct config *ret_config, struct err *err)
{
	struct config *c = ret_config;
	int ret;

	*c = (struct config){ .tree = YTREE_INIT, .arena = ARENA_INIT, .rules = rules_std };
	for (size_t i = 0; i < n_key_descs; i++) {
		if (key_descs[i].type == KEY_NUMBER)
			*number_of(c, &key_descs[i]) = key_descs[i].preset;
	}
	ret = load_tree(o, c, err);
	if (ret == 0 && c->tree.root)
		ret = read_mapping(c, o, "", c->tree.root, err);
	return ret;
}

/* Returns the node of a key in the file, or NULL. */
static const struct ynode *node_of(const struct config *c, const struct key_desc *d)
{
	const char *dot = strchr(d->path, '.');
	auto_free char *above = xstrndup(d->path, dot ? (size_t)(dot - d->path) : 0);
	const struct ynode *root = c->tree.root;

	if (root && dot)
		root = ynode_find(root, above);
	return root ? ynode_find(root, dot ? dot + 1 : d->path) : NULL;
}

/* Shows the value in the file: the options do not have the columns of a table that is not shown. */
static void show_file_value(const struct ynode *n, struct sbuf *out)
{
	if (n->type == YNODE_SCALAR)
		sbuf_adds(out, n->text);
	for (const struct ynode *item = n->first; item; item = item->next)
		sbuf_addf(out, "%s%s", out->len ? "," : "", item->text);
}

static void show_value(const struct config *c, const struct options *o, const struct key_desc *d,
		       struct sbuf *out)
{
	const struct ynode *n = node_of(c, d);

	if (d->type == KEY_TEXT)
		sbuf_adds(out, n ? n->text : "");
	else if (d->type == KEY_NUMBER && !(d->option && options_given(o, d->option)))
		sbuf_add_u64(out, *(const uint64_t *)(const void *)((const char *)c + d->field));
	else if (d->type == KEY_RULES)
		for (size_t i = 0; i + rules_std.n < c->rules.n; i++)
			sbuf_addf(out, "%s%s", i ? "," : "", c->rules.rules[i].id);
	else if (d->table == table_of(o) || !d->table)
		options_show(o, option_of(d), out);
	else if (n)
		show_file_value(n, out);
	if (!out->len)
		sbuf_addch(out, '-');
}

static bool is_from_command_line(const struct options *o, const struct key_desc *d)
{
	return option_of(d) && options_given(o, option_of(d)) &&
	       (!d->table || d->table == table_of(o));
}

void config_print(const struct config *c, const struct options *o, FILE *out)
{
	for (size_t i = 0; i < n_key_descs; i++) {
		const struct key_desc *d = &key_descs[i];
		const struct ynode *n = node_of(c, d);
		auto_sbuf value = SBUF_INIT, clean = SBUF_INIT;

		show_value(c, o, d, &value);
		text_escape(&clean, value.data, value.len);
		sbuf_adds(&clean, "  ");
		if (is_from_command_line(o, d))
			sbuf_adds(&clean, "command line");
		else if (!n)
			sbuf_adds(&clean, "default");
		else {
			text_escape(&clean, n->at.file, strlen(n->at.file));
			sbuf_addf(&clean, ":%u", n->at.line);
		}
		(void)fprintf(out, "%-33s %s\n", d->path, sbuf_str(&clean));
	}
}

bool config_has(const struct config *c, const char *path)
{
	for (size_t i = 0; i < n_key_descs; i++) {
		if (streq(key_descs[i].path, path))
			return node_of(c, &key_descs[i]) != NULL;
	}
	return false;
}

void config_release(struct config *c)
{
	ytree_release(&c->tree);
	arena_release(&c->arena);
}
