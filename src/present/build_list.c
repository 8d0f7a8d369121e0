/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build.h"

#include <errno.h>

#include "present/build_process.h"
#include "present/build_root.h"
#include "present/table_order.h"

/* Text has flat columns, data the objects of design: totals as in a full report. */
static const struct column columns[] = {
	{ "pid", "PID", CELL_COUNT, COL_SORT, "process id", NULL },
	{ "start_ticks", "START", CELL_COUNT, COL_DATA, "start, in clock ticks since boot", NULL },
	{ "comm", "COMM", CELL_TEXT, COL_DATA, "name", NULL },
	{ "cmdline", "CMDLINE", CELL_LIST, COL_DATA, "arguments", NULL },
	{ "uid", "UID", CELL_COUNT, COL_DATA, "effective user id", NULL },
	{ "user", "USER", CELL_TEXT, COL_SORT, "name of the effective user", NULL },
	{ "state", "S", CELL_TEXT, COL_DATA, "R running, S sleeping, D waiting, Z zombie, ...",
	  NULL },
	{ "threads", "THR", CELL_COUNT, COL_SORT, "threads", NULL },
	{ "age_seconds", "AGE", CELL_SECONDS, COL_DATA, "since its start", NULL },
	{ "unavailable", "UNAVAILABLE", CELL_TABLE, COL_DATA, "what could not be read, and why",
	  NULL },
	{ "totals", "TOTALS", CELL_TABLE, COL_DATA, "totals", NULL },
	{ "rss", "RSS", CELL_BYTES, COL_TEXT | COL_SORT,
	  "pages in RAM, shared ones counted in full", NULL },
	{ "pss", "PSS", CELL_BYTES, COL_TEXT | COL_SORT, "shared pages divided among their users",
	  NULL },
	{ "uss", "USS", CELL_BYTES, COL_TEXT | COL_SORT, "private; freed if the process exits",
	  NULL },
	{ "swap", "SWAP", CELL_BYTES, COL_TEXT | COL_SORT, "swapped out", NULL },
	{ "anon", "ANON", CELL_BYTES, COL_TEXT | COL_SORT, "RSS of no file: heaps, stacks, mmap",
	  NULL },
	{ "file", "FILE", CELL_BYTES, COL_TEXT | COL_SORT,
	  "RSS of files: programs, libraries, data", NULL },
	{ "shmem", "SHMEM", CELL_BYTES, COL_TEXT | COL_SORT, "RSS of shared memory", NULL },
	{ "peak", "PEAK", CELL_BYTES, COL_TEXT | COL_DATA, "highest RSS so far", NULL },
	{ "virt", "VIRT", CELL_BYTES, COL_TEXT | COL_DATA, "address space; not memory", NULL },
	{ "lazy", "LAZY", CELL_BYTES, COL_TEXT | COL_DATA, "freed but still in RSS", NULL },
	{ "hugetlb", "HUGE", CELL_BYTES, COL_TEXT | COL_DATA, "reserved huge pages, not in RSS",
	  NULL },
	{ "thp", "THP", CELL_BYTES, COL_TEXT | COL_DATA, "in transparent huge pages", NULL },
	{ "locked", "LOCKED", CELL_BYTES, COL_TEXT | COL_DATA, "locked into RAM", NULL },
	{ "pte", "PTE", CELL_BYTES, COL_TEXT | COL_DATA, "page tables, not in RSS", NULL },
	{ "command", "COMMAND", CELL_TEXT, COL_TEXT | COL_TRUNC | COL_SORT, "arguments, or [name]",
	  NULL },
};

const struct column *const list_columns = columns;
const size_t n_list_columns = ARRAY_SIZE(columns);

/* A counter of smaps_rollup, or why there is none. */
static struct amount rolled(const struct proclist_row *p, enum mem_count which)
{
	return p->rollup_why ? amount_absent(p->rollup_why) : mem_counts_get(&p->rollup, which);
}

static struct amount or_status(struct amount a, const struct proclist_row *p,
			       enum proc_status_field field)
{
	return amount_ok(a) ? a : p->rollup_why == why_no_mm ? a : p->status.v[field];
}

struct figures {
	struct amount rss, pss, uss, swap, swap_pss, anon, file, shmem, lazy, huge;
};

static struct figures figures_of(const struct proclist_row *p)
{
	return (struct figures){
		.rss = or_status(rolled(p, MC_RSS), p, PS_VM_RSS),
		.pss = rolled(p, MC_PSS),
		.uss = amount_add(rolled(p, MC_PRIVATE_CLEAN), rolled(p, MC_PRIVATE_DIRTY)),
		.swap = or_status(rolled(p, MC_SWAP), p, PS_VM_SWAP),
		.swap_pss = rolled(p, MC_SWAP_PSS),
		.anon = or_status(p->status.v[PS_RSS_ANON], p, PS_RSS_ANON),
		.file = p->status.v[PS_RSS_FILE],
		.shmem = p->status.v[PS_RSS_SHMEM],
		.lazy = rolled(p, MC_LAZYFREE),
		.huge = p->status.v[PS_HUGETLB],
	};
}

static const struct column totals_columns[] = {
	{ "rss_bytes", "", CELL_BYTES, 0, "", NULL },
	{ "pss_bytes", "", CELL_BYTES, 0, "", NULL },
	{ "uss_bytes", "", CELL_BYTES, 0, "", NULL },
	{ "swap_bytes", "", CELL_BYTES, 0, "", NULL },
	{ "swap_pss_bytes", "", CELL_BYTES, 0, "", NULL },
	{ "anonymous_bytes", "", CELL_BYTES, 0, "", NULL },
	{ "file_bytes", "", CELL_BYTES, 0, "", NULL },
	{ "shmem_bytes", "", CELL_BYTES, 0, "", NULL },
	{ "hugetlb_bytes", "", CELL_BYTES, 0, "", NULL },
	{ "lazyfree_bytes", "", CELL_BYTES, 0, "", NULL },
	{ "peak_rss_bytes", "", CELL_BYTES, 0, "", NULL },
	{ "status_rss_bytes", "", CELL_BYTES, 0, "", NULL },
	{ "virtual_bytes", "", CELL_BYTES, 0, "", NULL },
};

static const struct table *totals_table(struct report *r, const struct proclist_row *p,
					const struct figures *f)
{
	const struct amount cells[] = {
		f->rss,
		f->pss,
		f->uss,
		f->swap,
		f->swap_pss,
		f->anon,
		f->file,
		f->shmem,
		f->huge,
		f->lazy,
		p->status.v[PS_VM_HWM],
		p->status.v[PS_VM_RSS],
		p->status.v[PS_VM_SIZE],
	};
	struct table *t = report_table(r, totals_columns, ARRAY_SIZE(totals_columns), 1);

	_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(totals_columns), "a cell for each column");
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_HIDDEN;
	for (size_t i = 0; i < ARRAY_SIZE(cells); i++)
		table_row(t, 0)[i] = cell_amount(cells[i]);
	return t;
}

/* Arguments joined by blanks; kernel threads and processes without arguments by their name. */
static struct cell command_cell(struct report *r, const struct proclist_row *p)
{
	char *text;

	if (!p->cmdline || !p->cmdline_len)
		return p->stuck ? cell_absent(p->cmdline_why)
				: cell_text(arena_printf(&r->arena, "[%s]", p->status.comm));
	text = arena_strndup(&r->arena, p->cmdline, p->cmdline_len);
	for (size_t i = 0; i + 1 < p->cmdline_len; i++)
		text[i] = text[i] ? text[i] : ' ';
	return cell_text(text);
}

static struct cell user_cell(struct report *r, const struct proclist_row *p)
{
	struct amount uid = p->status.v[PS_UID];

	if (p->user || !amount_ok(uid))
		return p->user ? cell_text(p->user) : cell_absent(uid.why);
	return cell_text(arena_printf(&r->arena, "%llu", (unsigned long long)uid.value));
}

static void fill_figures(const struct table *t, size_t row, const struct proclist_row *p,
			 const struct figures *f)
{
	const struct {
		const char *id;
		struct amount value;
	} cells[] = {
		{ "rss", f->rss },
		{ "pss", f->pss },
		{ "uss", f->uss },
		{ "swap", f->swap },
		{ "anon", f->anon },
		{ "file", f->file },
		{ "shmem", f->shmem },
		{ "peak", p->status.v[PS_VM_HWM] },
		{ "virt", p->status.v[PS_VM_SIZE] },
		{ "lazy", f->lazy },
		{ "hugetlb", f->huge },
		{ "thp", rolled(p, MC_ANON_HUGE) },
		{ "locked", p->status.v[PS_VM_LCK] },
		{ "pte", p->status.v[PS_VM_PTE] },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cells); i++)
		row_set(t, row, cells[i].id, cell_amount(cells[i].value));
}

static void fill_row(struct report *r, const struct table *t, size_t row,
		     const struct proclist_row *p)
{
	struct figures f = figures_of(p);
	char state[2] = { p->status.state, '\0' };

	row_set(t, row, "pid", cell_u64((uint64_t)p->pid));
	row_set(t, row, "start_ticks",
		p->stat.pid ? cell_u64(p->stat.start_ticks) : cell_absent(why_not_read));
	row_set(t, row, "comm", p->stuck ? cell_absent(p->cmdline_why) : cell_text(p->status.comm));
	row_set(t, row, "cmdline",
		p->cmdline ? cell_bytes(p->cmdline, p->cmdline_len) : cell_absent(p->cmdline_why));
	row_set(t, row, "uid", cell_amount(p->status.v[PS_UID]));
	row_set(t, row, "user", user_cell(r, p));
	row_set(t, row, "state",
		p->stuck ? cell_absent(p->cmdline_why) : cell_text(arena_strdup(&r->arena, state)));
	row_set(t, row, "threads", cell_amount(p->status.v[PS_THREADS]));
	row_set(t, row, "age_seconds",
		p->age_seconds >= 0 ? cell_real(p->age_seconds) : cell_absent(why_not_read));
	row_set(t, row, "totals", cell_table(totals_table(r, p, &f)));
	fill_figures(t, row, p, &f);
	row_set(t, row, "command", command_cell(r, p));
	row_set(t, row, "unavailable", cell_table(report_unavailable(r, t, row)));
}

/* Text leaves them out: they have no memory of their own, and there are many. */
static bool is_kernel_thread(const struct proclist_row *p)
{
	struct amount flag = p->status.v[PS_KTHREAD];

	if (amount_ok(flag))
		return flag.value != 0;
	return p->rollup_why == why_no_mm && p->cmdline && !p->cmdline_len &&
	       p->status.state != 'Z';
}

static const struct column footer_columns[] = {
	{ "count", "", CELL_COUNT, 0, "", "% processes" },
	{ "pss", "", CELL_BYTES, 0, "", "PSS % in all" },
	{ "swap", "", CELL_BYTES, 0, "", "swap %" },
	{ "denied", "", CELL_COUNT, 0, "", "% not readable (PSS, USS n/a; RSS counted)" },
	{ "stuck", "", CELL_COUNT, 0, "", "% without an answer" },
	{ "gone", "", CELL_COUNT, 0, "", "% went away meanwhile" },
	{ "kernel", "", CELL_COUNT, 0, "", "% kernel threads left out" },
};

static struct cell count_or_none(size_t n)
{
	return n ? cell_u64(n) : cell_none();
}

static const struct table *footer_table(struct report *r, const struct proclist *list)
{
	struct table *t = report_table(r, footer_columns, ARRAY_SIZE(footer_columns), 1);
	struct amount pss = amount_absent(why_not_read), swap = amount_absent(why_not_read);
	size_t kernel = 0;

	for (size_t i = 0; i < list->n; i++) {
		struct figures f = figures_of(&list->rows[i]);

		kernel += is_kernel_thread(&list->rows[i]);

		amount_sum(&pss, f.pss);
		amount_sum(&swap, f.swap);
	}
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_LINE;
	row_set(t, 0, "count", cell_u64(list->n - kernel));
	row_set(t, 0, "kernel", count_or_none(kernel));
	row_set(t, 0, "pss", cell_amount(pss));
	row_set(t, 0, "swap", cell_amount(swap));
	row_set(t, 0, "denied", count_or_none(list->n_denied));
	row_set(t, 0, "stuck", count_or_none(list->n_stuck));
	row_set(t, 0, "gone", count_or_none(list->n_gone));
	return t;
}

/* By PSS, and by RSS where that is not to be had. */
static int compare_rows(const void *x, const void *y)
{
	const struct figures a = figures_of(x), b = figures_of(y);
	uint64_t u = amount_ok(a.pss) ? a.pss.value : amount_ok(a.rss) ? a.rss.value : 0;
	uint64_t v = amount_ok(b.pss) ? b.pss.value : amount_ok(b.rss) ? b.rss.value : 0;
	pid_t p = ((const struct proclist_row *)x)->pid, q = ((const struct proclist_row *)y)->pid;

	return u != v ? (u < v) - (u > v) : (p > q) - (p < q);
}

int build_list(struct report *r, struct proclist *list, const struct build_opts *opts,
	       struct err *err)
{
	struct table *t = report_table(r, columns, ARRAY_SIZE(columns), list->n);
	bool *hide;

	qsort(list->rows, list->n, sizeof(*list->rows), compare_rows);
	hide = arena_alloc(&r->arena, list->n + 1);
	t->layout = LAYOUT_TABLE;
	t->empty = "no process";
	t->text_hide = hide;
	for (size_t i = 0; i < list->n; i++) {
		fill_row(r, t, i, &list->rows[i]);
		hide[i] = is_kernel_thread(&list->rows[i]);
	}
	if (table_sort(r, t, opts->sort, err) < 0 || table_pick(r, t, opts->columns, err) < 0)
		return -EINVAL;
	build_root(r, t, NULL, footer_table(r, list), opts);
	return 0;
}
