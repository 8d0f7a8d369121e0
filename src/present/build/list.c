/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/build.h"

#include <errno.h>
#include <inttypes.h>

#include "base/text.h"
#include "present/build/process_columns.h"
#include "present/build/root.h"
#include "present/render/table_order.h"

enum {
	SHOWN = COL_TEXT | COL_SORT,
	ON_REQUEST = COL_TEXT | COL_DATA | COL_SORT,
};

static cell_get_fn get_pid, get_start, get_comm, get_cmdline, get_uid, get_user, get_state,
	get_threads, get_age, get_unavailable, get_totals, get_metric, get_command;

#define METRIC(metric, flags_)                                                                     \
	METRIC_COLUMN(metric, .flags = (flags_), .get = get_metric, .at = METRIC_##metric)

/* Text shows metrics as columns; data formats have them in `totals`, as in a full report. */
static const struct column columns[] = {
	COLUMN_PID(.flags = COL_SORT, .get = get_pid),
	COLUMN("start_ticks", "START", CELL_COUNT, "start, in clock ticks since boot",
	       .flags = COL_DATA, .get = get_start),
	COLUMN("comm", "COMM", CELL_TEXT, "name", .flags = COL_DATA, .get = get_comm),
	COLUMN("cmdline", "CMDLINE", CELL_LIST, "arguments", .flags = COL_DATA, .get = get_cmdline),
	COLUMN("uid", "UID", CELL_COUNT, "effective user id", .flags = COL_DATA, .get = get_uid),
	COLUMN_USER(.flags = COL_SORT, .get = get_user),
	COLUMN_STATE(.flags = COL_DATA, .get = get_state),
	COLUMN_THREADS(.flags = COL_SORT, .get = get_threads),
	COLUMN_AGE(.flags = COL_DATA, .get = get_age),
	COLUMN("unavailable", "UNAVAILABLE", CELL_TABLE, "what could not be read, and why",
	       .flags = COL_DATA, .get = get_unavailable),
	COLUMN("totals", "TOTALS", CELL_TABLE, "totals", .flags = COL_DATA, .get = get_totals),
	METRIC(RSS, SHOWN),
	METRIC(PSS, SHOWN),
	METRIC(USS, SHOWN),
	METRIC(SWAP, SHOWN),
	METRIC(PSS_ANONYMOUS, SHOWN),
	METRIC(PSS_FILE, SHOWN),
	METRIC(PSS_SHMEM, SHOWN),
	METRIC(PEAK_RSS, ON_REQUEST),
	METRIC(VIRTUAL, ON_REQUEST),
	METRIC(LAZYFREE, ON_REQUEST),
	METRIC(HUGETLB, ON_REQUEST),
	METRIC(THP, ON_REQUEST),
	METRIC(LOCKED, ON_REQUEST),
	METRIC(PAGE_TABLES, ON_REQUEST),
	COLUMN_COMMAND(.flags = SHOWN | COL_TRUNC, .get = get_command),
};

#undef METRIC

const struct column *const list_columns = columns;
const size_t n_list_columns = ARRAY_SIZE(columns);

#define TOTAL(metric) METRIC_FIELD(metric, .get = get_metric, .at = METRIC_##metric)

static const struct column totals_columns[] = {
	TOTAL(RSS),       TOTAL(PSS),        TOTAL(USS),     TOTAL(SWAP),    TOTAL(SWAP_PSS),
	TOTAL(ANONYMOUS), TOTAL(FILE),       TOTAL(SHMEM),   TOTAL(HUGETLB), TOTAL(LAZYFREE),
	TOTAL(PEAK_RSS),  TOTAL(STATUS_RSS), TOTAL(VIRTUAL),
};

#undef TOTAL

enum { UNAVAILABLE_MAX = ARRAY_SIZE(totals_columns) + ARRAY_SIZE(columns) };

/* A field of a process that is absent, and why. */
struct absent_field {
	char id[32];
	struct cell cell;
};

/* What the getters need. It holds what the cells of the current row point to. */
struct list_arg {
	const struct proclist *list;
	struct table totals, unavailable;
	struct absent_field absent[UNAVAILABLE_MAX];
	char *command; /* large enough for the longest */
	char state[2];
	char uid[24];
};

static struct cell get_pid(const struct ask *ask)
{
	const struct proclist_row *p = ask->row;

	return cell_u64((uint64_t)p->pid);
}

static struct cell get_start(const struct ask *ask)
{
	const struct proclist_row *p = ask->row;

	return p->stat.pid ? cell_u64(p->stat.start_ticks) : cell_absent(REASON_NOT_READ);
}

/* Returns why status was not read: if it was, it states the number of threads. */
static struct cell unknown(const struct proclist_row *p)
{
	struct amount known = p->status.v[PS_THREADS];

	return cell_absent(known.why ? known.why : REASON_NOT_READ);
}

static struct cell get_comm(const struct ask *ask)
{
	const struct proclist_row *p = ask->row;

	return p->status.comm[0] ? cell_text(p->status.comm) : unknown(p);
}

static struct cell get_cmdline(const struct ask *ask)
{
	const struct proclist_row *p = ask->row;

	return p->cmdline ? cell_bytes(p->cmdline, p->cmdline_len) : cell_absent(p->cmdline_why);
}

static struct cell get_uid(const struct ask *ask)
{
	const struct proclist_row *p = ask->row;

	return cell_amount(p->status.v[PS_UID]);
}

static struct cell get_user(const struct ask *ask)
{
	const struct proclist_row *p = ask->row;
	struct list_arg *a = ask->arg;
	struct amount uid = p->status.v[PS_UID];

	if (p->user || !amount_ok(uid))
		return p->user ? cell_text(p->user) : cell_absent(uid.why);
	(void)snprintf(a->uid, sizeof(a->uid), "%" PRIu64, uid.value);
	return cell_text(a->uid);
}

static struct cell get_state(const struct ask *ask)
{
	const struct proclist_row *p = ask->row;
	struct list_arg *a = ask->arg;

	a->state[0] = p->status.state;
	return p->status.state ? cell_text(a->state) : unknown(p);
}

static struct cell get_threads(const struct ask *ask)
{
	const struct proclist_row *p = ask->row;

	return cell_amount(p->status.v[PS_THREADS]);
}

static struct cell get_age(const struct ask *ask)
{
	const struct proclist_row *p = ask->row;

	return p->age_seconds >= 0 ? cell_real(p->age_seconds) : cell_absent(REASON_NOT_READ);
}

static struct cell get_metric(const struct ask *ask)
{
	return cell_amount(proclist_metric(ask->row, (enum metric)ask->at));
}

static struct cell get_totals(const struct ask *ask)
{
	struct list_arg *a = ask->arg;

	a->totals.rows = ask->row;
	return a->list->full ? cell_table(&a->totals) : cell_none();
}

static void add_unavailable(struct list_arg *a, const char *prefix, const struct column *column,
			    const void *row)
{
	struct cell cell = column->get(&(struct ask){ .row = row, .arg = a, .at = column->at });
	struct absent_field *absent = &a->absent[a->unavailable.n_rows];

	if (!cell_lacks(&cell))
		return;
	(void)snprintf(absent->id, sizeof(absent->id), "%s%s", prefix, column->id);
	absent->cell = cell;
	a->unavailable.n_rows++;
}

static struct cell get_absent_id(const struct ask *ask)
{
	const struct absent_field *absent = ask->row;

	return cell_text(absent->id);
}

static struct cell get_absent_why(const struct ask *ask)
{
	const struct absent_field *absent = ask->row;

	return cell_text(cell_why(&absent->cell));
}

static struct cell get_unavailable(const struct ask *ask)
{
	struct list_arg *a = ask->arg;

	if (!a->list->full)
		return cell_none();
	a->unavailable.n_rows = 0;
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		if (!(columns[i].flags & COL_TEXT) && columns[i].type != CELL_TABLE)
			add_unavailable(a, "", &columns[i], ask->row);
	}
	for (size_t i = 0; i < ARRAY_SIZE(totals_columns); i++)
		add_unavailable(a, "totals.", &totals_columns[i], ask->row);
	return cell_table(&a->unavailable);
}

/* Returns the arguments joined by blanks, or the name in brackets if there are none. */
static struct cell get_command(const struct ask *ask)
{
	const struct proclist_row *p = ask->row;
	struct list_arg *a = ask->arg;

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

struct footer {
	struct cell count, pss, swap, denied, stuck, gone, kernel;
};

static const struct column footer_columns[] = {
	COLUMN("count", "", CELL_COUNT, "", FIELD(struct footer, count),
	       .line = "% process|% processes"),
	COLUMN("pss", "", CELL_BYTES, "", FIELD(struct footer, pss), .line = "PSS % in all"),
	COLUMN("swap", "", CELL_BYTES, "", FIELD(struct footer, swap), .line = "swap %"),
	COLUMN("denied", "", CELL_COUNT, "", FIELD(struct footer, denied),
	       .line = "% not readable (PSS, USS n/a)"),
	COLUMN("stuck", "", CELL_COUNT, "", FIELD(struct footer, stuck),
	       .line = "% without an answer"),
	COLUMN("gone", "", CELL_COUNT, "", FIELD(struct footer, gone),
	       .line = "% went away meanwhile"),
	COLUMN("kernel", "", CELL_COUNT, "", FIELD(struct footer, kernel),
	       .line = "% kernel thread left out|% kernel threads left out"),
};

static struct cell count_or_none(size_t n)
{
	return n ? cell_u64(n) : cell_none();
}

static const struct table *footer_table(struct report *r, const struct proclist *list)
{
	struct footer *footer = arena_alloc(&r->arena, sizeof(*footer));
	struct table *t = report_object(r, footer_columns, ARRAY_SIZE(footer_columns), footer);
	struct amount pss = amount_absent(REASON_NOT_READ), swap = amount_absent(REASON_NOT_READ);
	size_t hidden = list->named ? 0 : list->n_kthreads;

	for (size_t i = 0; i < list->n; i++) {
		amount_sum(&pss, proclist_metric(&list->rows[i], METRIC_PSS));
		amount_sum(&swap, proclist_metric(&list->rows[i], METRIC_SWAP));
	}
	t->layout = LAYOUT_LINE;
	*footer = (struct footer){
		.count = cell_u64(list->n - hidden),
		.pss = cell_amount(pss),
		.swap = cell_amount(swap),
		.denied = count_or_none(list->n_denied),
		.stuck = count_or_none(list->n_stuck),
		.gone = count_or_none(list->n_gone),
		.kernel = count_or_none(hidden),
	};
	return t;
}

/* Returns the PSS of a process, or its RSS if that is absent. */
static uint64_t size_of(const struct proclist_row *p)
{
	struct amount pss = proclist_metric(p, METRIC_PSS), rss = proclist_metric(p, METRIC_RSS);

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
		COLUMN("field", "", CELL_TEXT, "", .get = get_absent_id),
		COLUMN("why", "", CELL_TEXT, "", .get = get_absent_why),
	};

	a->list = list;
	a->totals = (struct table){ .columns = totals_columns,
				    .n_columns = ARRAY_SIZE(totals_columns),
				    .shape = SHAPE_OBJECT,
				    .n_rows = 1 };
	a->unavailable = (struct table){ .columns = unavailable_columns,
					 .n_columns = ARRAY_SIZE(unavailable_columns),
					 .shape = SHAPE_MAP,
					 .rows = a->absent,
					 .row_size = sizeof(a->absent[0]) };
	for (size_t i = 0; i < list->n; i++) {
		hide[i] = list->rows[i].kthread && !list->named;
		longest = MAX(longest, list->rows[i].cmdline_len + 1);
	}
	a->command = arena_alloc(&r->arena, longest);
	*t = (struct table){ .columns = columns,
			     .n_columns = ARRAY_SIZE(columns),
			     .layout = LAYOUT_TABLE,
			     .empty = "no process",
			     .text_hide = hide,
			     .n_rows = list->n,
			     .is_long = true,
			     .rows = list->rows,
			     .row_size = sizeof(*list->rows),
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
	build_root(r,
		   &(struct root_parts){
			   .processes = t, .footer = footer_table(r, list), .main = cell_table(t) },
		   opts);
	return 0;
}
