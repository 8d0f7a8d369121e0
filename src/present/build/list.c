/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/build.h"

#include <errno.h>
#include <inttypes.h>

#include "base/text.h"
#include "present/build/cells.h"
#include "present/build/root.h"
#include "present/render/table_order.h"

/* Text has flat columns, data formats the object `totals` of a full report. */
enum list_column {
	LC_PID,
	LC_START,
	LC_COMM,
	LC_CMDLINE,
	LC_UID,
	LC_USER,
	LC_STATE,
	LC_THREADS,
	LC_AGE,
	LC_UNAVAILABLE,
	LC_TOTALS,
	LC_RSS,
	LC_PSS,
	LC_USS,
	LC_SWAP,
	LC_ANON,
	LC_FILE,
	LC_SHMEM,
	LC_PEAK,
	LC_VIRT,
	LC_LAZY,
	LC_HUGE,
	LC_THP,
	LC_LOCKED,
	LC_PTE,
	LC_COMMAND,
	LC_COUNT
};

enum {
	SHOWN = COL_TEXT | COL_SORT,
	ON_REQUEST = COL_TEXT | COL_DATA | COL_SORT,
};

static const struct column columns[LC_COUNT] = {
	[LC_PID] = COLUMN("pid", "PID", CELL_COUNT, "process id", .flags = COL_SORT),
	[LC_START] = COLUMN("start_ticks", "START", CELL_COUNT, "start, in clock ticks since boot",
			    .flags = COL_DATA),
	[LC_COMM] = COLUMN("comm", "COMM", CELL_TEXT, "name", .flags = COL_DATA),
	[LC_CMDLINE] = COLUMN("cmdline", "CMDLINE", CELL_LIST, "arguments", .flags = COL_DATA),
	[LC_UID] = COLUMN("uid", "UID", CELL_COUNT, "effective user id", .flags = COL_DATA),
	[LC_USER] = COLUMN("user", "USER", CELL_TEXT, "name of the effective user",
			   .flags = COL_SORT),
	[LC_STATE] = COLUMN("state", "S", CELL_TEXT,
			    "R running, S sleeping, D waiting, Z zombie, ...", .flags = COL_DATA),
	[LC_THREADS] = COLUMN("threads", "THR", CELL_COUNT, "threads", .flags = COL_SORT),
	[LC_AGE] = COLUMN("age_seconds", "AGE", CELL_SECONDS, "since its start", .flags = COL_DATA),
	[LC_UNAVAILABLE] = COLUMN("unavailable", "UNAVAILABLE", CELL_TABLE,
				  "what could not be read, and why", .flags = COL_DATA),
	[LC_TOTALS] = COLUMN("totals", "TOTALS", CELL_TABLE, "totals", .flags = COL_DATA),
	[LC_RSS] = COLUMN("rss", "RSS", CELL_BYTES, "pages in RAM, shared ones counted in full",
			  .flags = SHOWN),
	[LC_PSS] = COLUMN("pss", "PSS", CELL_BYTES, "shared pages divided among their users",
			  .flags = SHOWN),
	[LC_USS] = COLUMN("uss", "USS", CELL_BYTES, "private; freed if the process exits",
			  .flags = SHOWN),
	[LC_SWAP] = COLUMN("swap", "SWAP", CELL_BYTES, "swapped out", .flags = SHOWN),
	[LC_ANON] = COLUMN("anon", "ANON", CELL_BYTES, "PSS of no file: heaps, stacks, mmap",
			   .flags = SHOWN),
	[LC_FILE] = COLUMN("file", "FILE", CELL_BYTES, "PSS of files: programs, libraries, data",
			   .flags = SHOWN),
	[LC_SHMEM] = COLUMN("shmem", "SHMEM", CELL_BYTES, "PSS of shared memory", .flags = SHOWN),
	[LC_PEAK] = COLUMN("peak", "PEAK", CELL_BYTES, "highest RSS so far", .flags = ON_REQUEST),
	[LC_VIRT] = COLUMN("virt", "VIRT", CELL_BYTES, "address space; not memory",
			   .flags = ON_REQUEST),
	[LC_LAZY] = COLUMN("lazy", "LAZY", CELL_BYTES, "freed but still in RSS",
			   .flags = ON_REQUEST),
	[LC_HUGE] = COLUMN("hugetlb", "HUGE", CELL_BYTES, "reserved huge pages, not in RSS",
			   .flags = ON_REQUEST),
	[LC_THP] = COLUMN("thp", "THP", CELL_BYTES, "in transparent huge pages",
			  .flags = ON_REQUEST),
	[LC_LOCKED] = COLUMN("locked", "LOCKED", CELL_BYTES, "locked into RAM",
			     .flags = ON_REQUEST),
	[LC_PTE] = COLUMN("pte", "PTE", CELL_BYTES, "page tables, not in RSS", .flags = ON_REQUEST),
	[LC_COMMAND] = COLUMN("command", "COMMAND", CELL_TEXT, "arguments, or [name]",
			      .flags = SHOWN | COL_TRUNC),
};

const struct column *const list_columns = columns;
const size_t n_list_columns = LC_COUNT;

/* A counter of smaps_rollup, or why there is none. */
static struct amount rolled(const struct proclist_row *p, enum mem_count which)
{
	return p->rollup_why ? amount_absent(p->rollup_why) : mem_counts_get(&p->rollup, which);
}

/* status may be read by everyone; it has less. */
static struct amount or_status(struct amount a, const struct proclist_row *p,
			       enum proc_status_field field)
{
	return amount_ok(a) || p->rollup_why == why_no_mm ? a : p->status.v[field];
}

static struct amount rss_of(const struct proclist_row *p)
{
	return or_status(rolled(p, MC_RSS), p, PS_VM_RSS);
}

static struct amount swap_of(const struct proclist_row *p)
{
	return or_status(rolled(p, MC_SWAP), p, PS_VM_SWAP);
}

static struct amount uss_of(const struct proclist_row *p)
{
	return amount_add(rolled(p, MC_PRIVATE_CLEAN), rolled(p, MC_PRIVATE_DIRTY));
}

static const struct column totals_columns[] = {
	COLUMN("rss_bytes", "", CELL_BYTES, ""),
	COLUMN("pss_bytes", "", CELL_BYTES, ""),
	COLUMN("uss_bytes", "", CELL_BYTES, ""),
	COLUMN("swap_bytes", "", CELL_BYTES, ""),
	COLUMN("swap_pss_bytes", "", CELL_BYTES, ""),
	COLUMN("anonymous_bytes", "", CELL_BYTES, ""),
	COLUMN("file_bytes", "", CELL_BYTES, ""),
	COLUMN("shmem_bytes", "", CELL_BYTES, ""),
	COLUMN("hugetlb_bytes", "", CELL_BYTES, ""),
	COLUMN("lazyfree_bytes", "", CELL_BYTES, ""),
	COLUMN("peak_rss_bytes", "", CELL_BYTES, ""),
	COLUMN("status_rss_bytes", "", CELL_BYTES, ""),
	COLUMN("virtual_bytes", "", CELL_BYTES, ""),
};

enum { UNAVAILABLE_MAX = ARRAY_SIZE(totals_columns) + LC_COUNT };

/* Rows are made one at a time; what they point to is kept here. */
struct list_arg {
	const struct proclist *list;
	struct table totals, unavailable;
	struct cell totals_cells[ARRAY_SIZE(totals_columns)];
	struct cell unavailable_cells[2 * UNAVAILABLE_MAX];
	char fields[UNAVAILABLE_MAX][32];
	char *command; /* room for the longest */
	char state[2];
	char uid[24];
};

static const struct table *fill_totals(struct list_arg *a, const struct proclist_row *p)
{
	const struct amount values[] = {
		rss_of(p),
		rolled(p, MC_PSS),
		uss_of(p),
		swap_of(p),
		rolled(p, MC_SWAP_PSS),
		p->status.v[PS_RSS_ANON],
		p->status.v[PS_RSS_FILE],
		p->status.v[PS_RSS_SHMEM],
		p->status.v[PS_HUGETLB],
		rolled(p, MC_LAZYFREE),
		p->status.v[PS_VM_HWM],
		p->status.v[PS_VM_RSS],
		p->status.v[PS_VM_SIZE],
	};

	_Static_assert(ARRAY_SIZE(values) == ARRAY_SIZE(totals_columns), "a cell for each column");
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		a->totals_cells[i] = cell_amount(values[i]);
	return &a->totals;
}

static void add_unavailable(struct list_arg *a, const char *prefix, const struct column *column,
			    const struct cell *cell)
{
	size_t n = a->unavailable.n_rows;

	if (!cell->why || !*cell->why || n == UNAVAILABLE_MAX)
		return;
	(void)snprintf(a->fields[n], sizeof(a->fields[n]), "%s%s", prefix, column->id);
	a->unavailable_cells[2 * n] = cell_text(a->fields[n]);
	a->unavailable_cells[2 * n + 1] = cell_text(cell->why);
	a->unavailable.n_rows++;
}

static const struct table *fill_unavailable(struct list_arg *a, const struct cell *cells)
{
	a->unavailable.n_rows = 0;
	for (size_t i = 0; i < LC_COUNT; i++) {
		if (!(columns[i].flags & COL_TEXT) && columns[i].type != CELL_TABLE)
			add_unavailable(a, "", &columns[i], &cells[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(totals_columns); i++)
		add_unavailable(a, "totals.", &totals_columns[i], &a->totals_cells[i]);
	return &a->unavailable;
}

/* Arguments joined by blanks; kernel threads and processes without arguments by their name. */
static struct cell command_cell(struct list_arg *a, const struct proclist_row *p)
{
	if (p->stuck)
		return cell_absent(p->cmdline_why);
	if (!p->cmdline || !p->cmdline_len) {
		(void)snprintf(a->command, PROC_COMM_MAX + 2, "[%s]", p->status.comm);
		return p->status.comm[0] ? cell_text(a->command) : cell_absent(p->cmdline_why);
	}
	memcpy(a->command, p->cmdline, p->cmdline_len);
	a->command[p->cmdline_len] = '\0';
	text_join_arguments(a->command, p->cmdline_len);
	return cell_text(a->command);
}

static struct cell user_cell(struct list_arg *a, const struct proclist_row *p)
{
	struct amount uid = p->status.v[PS_UID];

	if (p->user || !amount_ok(uid))
		return p->user ? cell_text(p->user) : cell_absent(uid.why);
	(void)snprintf(a->uid, sizeof(a->uid), "%" PRIu64, uid.value);
	return cell_text(a->uid);
}

static void fill_identity(struct list_arg *a, const struct proclist_row *p, struct cell *cells)
{
	/* What status says, or why it does not; it always says how many threads there are. */
	struct amount known = p->status.v[PS_THREADS];
	struct cell unknown = cell_absent(known.why ? known.why : why_not_read);

	a->state[0] = p->status.state;
	cells[LC_PID] = cell_u64((uint64_t)p->pid);
	cells[LC_START] = p->stat.pid ? cell_u64(p->stat.start_ticks) : cell_absent(why_not_read);
	cells[LC_COMM] = p->status.comm[0] ? cell_text(p->status.comm) : unknown;
	cells[LC_CMDLINE] = p->cmdline ? cell_bytes(p->cmdline, p->cmdline_len)
				       : cell_absent(p->cmdline_why);
	cells[LC_UID] = cell_amount(p->status.v[PS_UID]);
	cells[LC_USER] = user_cell(a, p);
	cells[LC_STATE] = p->status.state ? cell_text(a->state) : unknown;
	cells[LC_THREADS] = cell_amount(p->status.v[PS_THREADS]);
	cells[LC_AGE] = p->age_seconds >= 0 ? cell_real(p->age_seconds) : cell_absent(why_not_read);
	cells[LC_COMMAND] = command_cell(a, p);
}

static void fill_row(void *arg, size_t row, struct cell *cells)
{
	struct list_arg *a = arg;
	const struct proclist_row *p = &a->list->rows[row];

	fill_identity(a, p, cells);
	cells[LC_RSS] = cell_amount(rss_of(p));
	cells[LC_PSS] = cell_amount(rolled(p, MC_PSS));
	cells[LC_USS] = cell_amount(uss_of(p));
	cells[LC_SWAP] = cell_amount(swap_of(p));
	cells[LC_ANON] = cell_amount(rolled(p, MC_PSS_ANON));
	cells[LC_FILE] = cell_amount(rolled(p, MC_PSS_FILE));
	cells[LC_SHMEM] = cell_amount(rolled(p, MC_PSS_SHMEM));
	cells[LC_PEAK] = cell_amount(p->status.v[PS_VM_HWM]);
	cells[LC_VIRT] = cell_amount(p->status.v[PS_VM_SIZE]);
	cells[LC_LAZY] = cell_amount(rolled(p, MC_LAZYFREE));
	cells[LC_HUGE] = cell_amount(p->status.v[PS_HUGETLB]);
	cells[LC_THP] = cell_amount(rolled(p, MC_ANON_HUGE));
	cells[LC_LOCKED] = cell_amount(p->status.v[PS_VM_LCK]);
	cells[LC_PTE] = cell_amount(p->status.v[PS_VM_PTE]);
	if (a->list->full) {
		cells[LC_TOTALS] = cell_table(fill_totals(a, p));
		cells[LC_UNAVAILABLE] = cell_table(fill_unavailable(a, cells));
	}
}

static const struct column footer_columns[] = {
	COLUMN("count", "", CELL_COUNT, "", .line = "% process|% processes"),
	COLUMN("pss", "", CELL_BYTES, "", .line = "PSS % in all"),
	COLUMN("swap", "", CELL_BYTES, "", .line = "swap %"),
	COLUMN("denied", "", CELL_COUNT, "", .line = "% not readable (PSS, USS n/a)"),
	COLUMN("stuck", "", CELL_COUNT, "", .line = "% without an answer"),
	COLUMN("gone", "", CELL_COUNT, "", .line = "% went away meanwhile"),
	COLUMN("kernel", "", CELL_COUNT, "",
	       .line = "% kernel thread left out|% kernel threads left out"),
};

static struct cell count_or_none(size_t n)
{
	return n ? cell_u64(n) : cell_none();
}

static const struct table *footer_table(struct report *r, const struct proclist *list)
{
	struct table *t = report_table(r, footer_columns, ARRAY_SIZE(footer_columns), 1);
	struct amount pss = amount_absent(why_not_read), swap = amount_absent(why_not_read);
	size_t hidden = list->named ? 0 : list->n_kthreads;

	for (size_t i = 0; i < list->n; i++) {
		amount_sum(&pss, rolled(&list->rows[i], MC_PSS));
		amount_sum(&swap, swap_of(&list->rows[i]));
	}
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_LINE;
	row_set(t, 0, "count", cell_u64(list->n - hidden));
	row_set(t, 0, "kernel", count_or_none(hidden));
	row_set(t, 0, "pss", cell_amount(pss));
	row_set(t, 0, "swap", cell_amount(swap));
	row_set(t, 0, "denied", count_or_none(list->n_denied));
	row_set(t, 0, "stuck", count_or_none(list->n_stuck));
	row_set(t, 0, "gone", count_or_none(list->n_gone));
	return t;
}

/* By PSS, and by RSS where that is not to be had. */
static uint64_t size_of(const struct proclist_row *p)
{
	struct amount pss = rolled(p, MC_PSS), rss = rss_of(p);

	return amount_ok(pss) ? pss.value : amount_ok(rss) ? rss.value : 0;
}

static int compare_rows(const void *x, const void *y)
{
	uint64_t a = size_of(x), b = size_of(y);
	pid_t p = ((const struct proclist_row *)x)->pid, q = ((const struct proclist_row *)y)->pid;

	return a != b ? (a < b) - (a > b) : (p > q) - (p < q);
}

static struct table *list_table(struct report *r, const struct proclist *list, struct list_arg *a)
{
	struct table *t = arena_alloc(&r->arena, sizeof(*t));
	bool *hide = arena_alloc(&r->arena, list->n + 1);
	size_t longest = PROC_COMM_MAX + 2;
	static const struct column unavailable_columns[] = {
		COLUMN("field", "", CELL_TEXT, ""),
		COLUMN("why", "", CELL_TEXT, ""),
	};

	a->list = list;
	a->totals = (struct table){ .columns = totals_columns,
				    .n_columns = ARRAY_SIZE(totals_columns),
				    .shape = SHAPE_OBJECT,
				    .n_rows = 1,
				    .cells = a->totals_cells };
	a->unavailable = (struct table){ .columns = unavailable_columns,
					 .n_columns = ARRAY_SIZE(unavailable_columns),
					 .shape = SHAPE_MAP,
					 .cells = a->unavailable_cells };
	for (size_t i = 0; i < list->n; i++) {
		hide[i] = list->rows[i].kthread && !list->named;
		longest = MAX(longest, list->rows[i].cmdline_len + 1);
	}
	a->command = arena_alloc(&r->arena, longest);
	*t = (struct table){ .columns = columns,
			     .n_columns = LC_COUNT,
			     .layout = LAYOUT_TABLE,
			     .empty = "no process",
			     .text_hide = hide,
			     .n_rows = list->n,
			     .is_long = true,
			     .cells = arena_array(&r->arena, LC_COUNT, struct cell),
			     .fill = fill_row,
			     .arg = a };
	return t;
}

int build_list(struct report *r, struct proclist *list, const struct build_opts *opts,
	       struct err *err)
{
	struct list_arg *arg = arena_alloc(&r->arena, sizeof(*arg));
	struct table *t;

	qsort(list->rows, list->n, sizeof(*list->rows), compare_rows);
	t = list_table(r, list, arg);
	if (table_sort(r, t, opts->sort, err) < 0 || table_pick(r, t, opts->columns, err) < 0)
		return -EINVAL;
	build_root(r, t, NULL, footer_table(r, list), opts);
	return 0;
}
