/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/state.h"

#include <errno.h>
#include <inttypes.h>

#include "base/ytree.h"

enum { DELAY_LEAST_MS = 100, DELAY_MOST_MS = 3600000 };

static const char *const units[NUMBER_FORMAT_POWERS] = { "fit", "KiB", "MiB", "GiB" };

void state_show(const struct list_view *v, struct sbuf *out)
{
	const struct screen *s = v->view.screen;

	sbuf_adds(out, "# What memspect --top was set to, saved with W.\ncolumns: [");
	for (size_t i = 0; i < v->columns.n; i++)
		sbuf_addf(out, "%s%s", i ? ", " : "", proc_columns[v->columns.list[i]].column.id);
	sbuf_addf(out, "]\nsort: \"%s%s\"\n", v->wish.ascending ? "" : "-",
		  proc_columns[v->wish.sort].column.id);
	sbuf_addf(out, "delay_ms: %" PRId64 "\n", s->interval_ns / NS_PER_MS);
	sbuf_addf(out, "unit: %s\n", units[s->format.power]);
	sbuf_addf(out, "tree: %s\n", v->wish.tree ? "true" : "false");
	sbuf_addf(out, "kernel_threads: %s\n", v->wish.kthreads ? "true" : "false");
}

static int read_columns(struct list_view *v, const struct ynode *n, struct err *err)
{
	struct arena arena = ARENA_INIT;
	auto_sbuf ids = SBUF_INIT;
	const char *const *texts;
	struct err why = ERR_INIT;
	size_t n_texts;
	int ret = ynode_strings(n, &arena, &texts, &n_texts, err);

	for (size_t i = 0; ret == 0 && i < n_texts; i++)
		sbuf_addf(&ids, "%s%s", i ? "," : "", texts[i]);
	arena_release(&arena);
	if (ret == 0 && column_set_parse(sbuf_str(&ids), &v->columns, &why) < 0)
		ret = yplace_refuse(n->at, err, "%s", why.text);
	return ret;
}

static int read_sort(struct list_view *v, const struct ynode *n, struct err *err)
{
	struct err why = ERR_INIT;
	const char *text;
	int ret = ynode_string(n, &text, err);

	if (ret == 0 && list_sort(v, text, &why) < 0)
		ret = yplace_refuse(n->at, err, "%s", why.text);
	return ret;
}

static int read_delay(struct list_view *v, const struct ynode *n, struct err *err)
{
	uint64_t ms;
	int ret = ynode_u64(n, DELAY_LEAST_MS, DELAY_MOST_MS, &ms, err);

	if (ret == 0)
		screen_set_interval(v->view.screen, (int64_t)ms * NS_PER_MS);
	return ret;
}

static int read_unit(struct list_view *v, const struct ynode *n, struct err *err)
{
	const char *text;
	int ret = ynode_string(n, &text, err);

	for (unsigned int i = 0; ret == 0 && i < NUMBER_FORMAT_POWERS; i++) {
		if (streq(text, units[i])) {
			v->view.screen->format.power = i;
			return 0;
		}
	}
	return ret < 0 ? ret : yplace_refuse(n->at, err, "'%.60s': no such unit", text);
}

static int read_tree(struct list_view *v, const struct ynode *n, struct err *err)
{
	return ynode_bool(n, &v->wish.tree, err);
}

static int read_kthreads(struct list_view *v, const struct ynode *n, struct err *err)
{
	return ynode_bool(n, &v->wish.kthreads, err);
}

int state_load(const char *path, struct list_view *v, struct err *err)
{
	static const struct {
		const char *key;
		int (*read)(struct list_view *v, const struct ynode *n, struct err *err);
	} keys[] = {
		{ "columns", read_columns }, { "sort", read_sort },
		{ "delay_ms", read_delay },  { "unit", read_unit },
		{ "tree", read_tree },       { "kernel_threads", read_kthreads },
	};
	struct ytree tree = YTREE_INIT;
	int ret = ytree_load(path, &tree, err);

	if (ret == 0 && tree.root)
		ret = ynode_mapping(tree.root, err);
	for (size_t i = 0; ret == 0 && tree.root && i < ARRAY_SIZE(keys); i++) {
		const struct ynode *n = ynode_find(tree.root, keys[i].key);

		if (n)
			ret = keys[i].read(v, n, err);
	}
	ytree_release(&tree);
	return ret;
}
