/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/data/order.h"

#include "base/alloc.h"
#include "base/pattern.h"

/* The key that a row is sorted by. */
struct key {
	struct proc *proc;
	bool absent;
	enum cell_type type;
	double number;
	const char *text;
	bool ascending;
};

void order_init(struct order *o)
{
	*o = (struct order){ 0 };
}

void order_release(struct order *o)
{
	free(o->lines);
	*o = (struct order){ 0 };
}

void matcher_init(struct matcher *m, const char *text)
{
	char why[PATTERN_WHY_MAX];

	m->text = text;
	m->is_regex = pattern_compile(&m->regex, text, REG_ICASE, why);
}

void matcher_release(struct matcher *m)
{
	if (m->is_regex)
		regfree(&m->regex);
}

bool matcher_has_text(const struct matcher *m, const char *in)
{
	return m->is_regex ? regexec(&m->regex, in, 0, NULL, 0) == 0 : strstr(in, m->text) != NULL;
}

bool matcher_has(const struct matcher *m, const struct proc *p)
{
	char pid[16];

	(void)snprintf(pid, sizeof(pid), "%d", p->stat.pid);
	return matcher_has_text(m, proc_command(p)) || matcher_has_text(m, p->stat.comm) ||
	       streq(pid, m->text);
}

static bool is_of_user(const struct proc *p, const char *user)
{
	char uid[24];

	(void)snprintf(uid, sizeof(uid), "%llu", (unsigned long long)p->uid.value);
	return (p->user && streq(p->user, user)) || (amount_ok(p->uid) && streq(uid, user));
}

static bool is_wanted(const struct proc *p, const struct order_wish *w, const struct matcher *m)
{
	return (w->kthreads || !p->stat.kthread) && (!w->growers || proc_grows(p)) &&
	       (!w->user || is_of_user(p, w->user)) && (!m || matcher_has(m, p));
}

static struct key key_of(struct proc *p, const struct order_wish *w,
			 const struct column_context *ctx)
{
	/* Sorting by trend sorts by growth. */
	enum proc_column sort = w->sort == PC_TREND ? PC_GROWTH : w->sort;
	struct cell cell = proc_cell(p, sort, ctx);
	enum cell_type type = proc_columns[sort].column.type;
	struct key key = { .proc = p,
			   .absent = cell.why != REASON_NONE,
			   .type = type,
			   .ascending = w->ascending };

	if (key.absent)
		return key;
	if (type == CELL_TEXT)
		key.text = cell.s;
	else if (type == CELL_RATE || type == CELL_DELTA)
		key.number = (double)cell.i;
	else if (type == CELL_SECONDS || type == CELL_PERCENT)
		key.number = cell.d;
	else
		key.number = (double)cell.u;
	return key;
}

/* Absent values come last in either order. */
static int compare_keys(const void *x, const void *y)
{
	const struct key *a = x, *b = y;
	pid_t p = a->proc->stat.pid, q = b->proc->stat.pid;
	int order;

	if (a->absent != b->absent)
		return a->absent - b->absent;
	if (a->absent)
		order = 0;
	else if (a->text && b->text)
		order = strcmp(a->text, b->text);
	else
		order = (a->number > b->number) - (a->number < b->number);
	if (order)
		return a->ascending ? order : -order;
	return (p > q) - (p < q);
}

/*
 * The rows of the tree, by index: the first child, the next sibling and the last child of each row,
 * or NOBODY.
 */
struct tree {
	uint32_t *first, *next, *last;
	bool *has_parent;
	struct order *order;
	const struct key *keys;
	size_t n;
};

enum { NOBODY = UINT32_MAX, DEPTH_MAX = 63 };

static int compare_procs(const void *x, const void *y)
{
	const struct key *const *a = x, *const *b = y;
	pid_t p = (*a)->proc->stat.pid, q = (*b)->proc->stat.pid;

	return (p > q) - (p < q);
}

static int compare_pid_key(const void *pid, const void *y)
{
	const struct key *const *b = y;
	pid_t p = *(const pid_t *)pid, q = (*b)->proc->stat.pid;

	return (p > q) - (p < q);
}

/* Adds each key to its parent if the parent is shown; siblings keep their order. */
static void link_children(struct tree *t)
{
	auto_free const struct key **by_pid = xcalloc(t->n + 1, sizeof(*by_pid));

	for (size_t i = 0; i < t->n; i++)
		by_pid[i] = &t->keys[i];
	qsort(by_pid, t->n, sizeof(*by_pid), compare_procs);
	for (uint32_t i = 0; i < t->n; i++) {
		const struct proc_stat *stat = &t->keys[i].proc->stat;
		const struct key **found = bsearch(&stat->ppid, by_pid, t->n, sizeof(*by_pid),
						   compare_pid_key);
		uint32_t parent = found ? (uint32_t)(*found - t->keys) : NOBODY;

		/*
		 * A parent must be older, so that the tree has no circles even if the data is
		 * wrong.
		 */
		if (!found || (*found)->proc->stat.start_ticks > stat->start_ticks || parent == i ||
		    ((*found)->proc->stat.start_ticks == stat->start_ticks &&
		     stat->ppid > stat->pid))
			continue;
		t->has_parent[i] = true;
		if (t->first[parent] == NOBODY)
			t->first[parent] = i;
		else
			t->next[t->last[parent]] = i;
		t->last[parent] = i;
	}
}

/* Adds a process and its descendants; `guides` are those of its parent. */
static void add_subtree(struct tree *t, uint32_t i, unsigned int depth, uint64_t guides)
{
	struct proc *p = t->keys[i].proc;
	bool is_last = t->next[i] == NOBODY;

	t->order->lines[t->order->n++] = (struct order_line){
		.proc = p,
		.depth = depth,
		.is_last = is_last,
		.guides = guides,
		.has_children = t->first[i] != NOBODY,
	};
	if (!is_last)
		guides |= UINT64_C(1) << depth;
	for (uint32_t c = t->first[i]; c != NOBODY && !p->is_folded; c = t->next[c])
		add_subtree(t, c, MIN(depth + 1, (unsigned int)DEPTH_MAX), guides);
}

static void make_tree(struct order *o, const struct key *keys, size_t n)
{
	auto_free uint32_t *links = xcalloc(3 * n + 1, sizeof(*links));
	auto_free bool *has_parent = xcalloc(n + 1, sizeof(*has_parent));
	struct tree t = { .first = links,
			  .next = links + n,
			  .last = links + 2 * n,
			  .has_parent = has_parent,
			  .order = o,
			  .keys = keys,
			  .n = n };

	memset(links, 0xff, 3 * n * sizeof(*links));
	link_children(&t);
	for (uint32_t i = 0; i < n; i++) {
		if (!has_parent[i])
			add_subtree(&t, i, 0, 0);
	}
}

void order_make(struct order *o, const struct procs *procs, const struct order_wish *wish,
		const struct column_context *ctx)
{
	auto_free struct key *keys = xcalloc(procs->n + 1, sizeof(*keys));
	struct matcher matcher;
	bool filters = wish->filter && *wish->filter;
	size_t n = 0;

	if (filters)
		matcher_init(&matcher, wish->filter);
	for (size_t i = 0; i < procs->n; i++) {
		if (is_wanted(&procs->rows[i], wish, filters ? &matcher : NULL))
			keys[n++] = key_of(&procs->rows[i], wish, ctx);
	}
	if (filters)
		matcher_release(&matcher);
	qsort(keys, n, sizeof(*keys), compare_keys);
	free(o->lines);
	o->lines = xcalloc(n + 1, sizeof(*o->lines));
	o->n = 0;
	if (wish->tree)
		make_tree(o, keys, n);
	else
		for (size_t i = 0; i < n; i++)
			o->lines[o->n++] = (struct order_line){ .proc = keys[i].proc };
}
