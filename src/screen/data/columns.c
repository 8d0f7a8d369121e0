/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/data/columns.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include "present/build/process_columns.h"

enum { COMMAND_LEAST = 16, OLD_SECONDS = 60 };

static struct cell get_pid(const struct ask *ask)
{
	const struct proc *p = ask->row;

	return cell_u64((uint64_t)p->stat.pid);
}

static struct cell get_ppid(const struct ask *ask)
{
	const struct proc *p = ask->row;

	return cell_u64((uint64_t)p->stat.ppid);
}

static struct cell get_user(const struct ask *ask)
{
	const struct proc *p = ask->row;

	return p->user ? cell_text(p->user) : cell_absent(REASON_NOT_READ);
}

static struct cell get_state(const struct ask *ask)
{
	const struct proc *p = ask->row;

	return cell_bytes(&p->stat.state, 1);
}

static struct cell get_threads(const struct ask *ask)
{
	const struct proc *p = ask->row;

	return cell_u64(p->stat.threads);
}

/* A recorded tree may lack statm; status has the same number. */
static struct cell get_rss(const struct ask *ask)
{
	const struct proc *p = ask->row;

	return cell_amount(amount_ok(p->rss) || p->rss.why == REASON_NO_MM ? p->rss
									   : p->more.v[METRIC_RSS]);
}

static struct cell get_change(const struct ask *ask)
{
	const struct proc *p = ask->row;
	const struct column_context *ctx = ask->arg;
	struct cell rss = get_rss(ask);

	if (!ctx->has_base)
		return cell_none();
	return rss.why ? rss : cell_i64((int64_t)(rss.u - p->base_rss));
}

static struct cell get_percent(const struct ask *ask)
{
	const struct column_context *ctx = ask->arg;
	struct cell rss = get_rss(ask);

	if (rss.why || !ctx->total_bytes)
		return cell_absent(rss.why ? rss.why : REASON_NOT_READ);
	return cell_real(100.0 * (double)rss.u / (double)ctx->total_bytes);
}

static struct cell get_growth(const struct ask *ask)
{
	const struct proc *p = ask->row;

	if (!amount_ok(p->rss))
		return cell_absent(p->rss.why);
	if (!p->growth.has_rate)
		return cell_absent(REASON_TOO_FEW_SAMPLES);
	return cell_i64((int64_t)MAX(MIN(p->growth.rate, 1e18), -1e18));
}

static struct cell get_verdict(const struct ask *ask)
{
	const struct proc *p = ask->row;

	return amount_ok(p->rss) ? cell_text(verdict_descs[p->growth.verdict].title)
				 : cell_absent(p->rss.why);
}

static struct cell get_trend(const struct ask *ask attr_unused)
{
	return cell_none();
}

static struct cell get_read(const struct ask *ask)
{
	const struct proc *p = ask->row;
	const struct column_context *ctx = ask->arg;

	if (!p->more.read_ns || p->more.v[METRIC_PSS].why == REASON_NOT_READ)
		return cell_absent(REASON_NOT_READ);
	return cell_real((double)(ctx->now_ns - p->more.read_ns) / NS_PER_S);
}

static struct cell get_age(const struct ask *ask)
{
	const struct proc *p = ask->row;
	const struct column_context *ctx = ask->arg;

	if (ctx->uptime_seconds <= 0)
		return cell_absent(REASON_NOT_READ);
	return cell_real(MAX(ctx->uptime_seconds -
				     (double)p->stat.start_ticks / (double)sysconf(_SC_CLK_TCK),
			     0));
}

static struct cell get_command(const struct ask *ask)
{
	const struct proc *p = ask->row;

	return cell_text(proc_command(p));
}

#define SHOWN_AT(width_, rank_) .width = (width_), .rank = (rank_), .is_default = true
#define HIDDEN_AT(width_, rank_) .width = (width_), .rank = (rank_)
/* Columns of metrics are as wide as those of bytes. */
#define METRIC(metric, field) .column = METRIC_COLUMN_BYTES(metric, FIELD(struct proc, field))
#define SLOW(metric) METRIC(metric, more.v[METRIC_##metric])

const struct proc_column_desc proc_columns[] = {
	[PC_PID] = { .column = COLUMN_PID(.get = get_pid), SHOWN_AT(7, 1) },
	[PC_PPID] = { .column = COLUMN("ppid", "PPID", CELL_COUNT, "process id of the parent",
				       .get = get_ppid),
		      HIDDEN_AT(7, 90) },
	[PC_USER] = { .column = COLUMN_USER(.get = get_user), SHOWN_AT(9, 30) },
	[PC_STATE] = { .column = COLUMN_STATE(.get = get_state), HIDDEN_AT(1, 70) },
	[PC_THREADS] = { .column = COLUMN_THREADS(.get = get_threads), SHOWN_AT(4, 60) },
	[PC_RSS] = { .column = METRIC_COLUMN_BYTES(RSS, .get = get_rss), SHOWN_AT(0, 0) },
	[PC_CHANGE] = { .column = COLUMN("change_bytes", "CHANGE", CELL_DELTA,
					 "change of RSS since the base (b); all of RSS if the "
					 "process is newer",
					 .get = get_change),
			HIDDEN_AT(0, 5) },
	[PC_PSS] = { SLOW(PSS), SHOWN_AT(0, 12), .is_slow = true },
	[PC_USS] = { SLOW(USS), SHOWN_AT(0, 50), .is_slow = true },
	[PC_SWAP] = { SLOW(SWAP), SHOWN_AT(0, 40), .is_slow = true },
	[PC_ANON] = { SLOW(ANONYMOUS), HIDDEN_AT(0, 80) },
	[PC_FILE] = { SLOW(FILE), HIDDEN_AT(0, 81) },
	[PC_SHMEM] = { SLOW(SHMEM), HIDDEN_AT(0, 82) },
	[PC_SHARED] = { METRIC(SHARED, shared), HIDDEN_AT(0, 83) },
	[PC_PEAK] = { SLOW(PEAK_RSS), HIDDEN_AT(0, 84) },
	[PC_VIRT] = { METRIC(VIRTUAL, size), HIDDEN_AT(0, 85) },
	[PC_LAZY] = { SLOW(LAZYFREE), HIDDEN_AT(0, 86) },
	[PC_HUGE] = { SLOW(HUGETLB), HIDDEN_AT(0, 87) },
	[PC_THP] = { SLOW(THP), HIDDEN_AT(0, 88) },
	[PC_LOCKED] = { SLOW(LOCKED), HIDDEN_AT(0, 89) },
	[PC_PTE] = { SLOW(PAGE_TABLES), HIDDEN_AT(0, 91) },
	[PC_PERCENT] = { .column = COLUMN("mem_percent", "%MEM", CELL_PERCENT,
					  "RSS as a part of the machine's memory",
					  .get = get_percent),
			 HIDDEN_AT(5, 75) },
	[PC_GROWTH] = { .column = COLUMN("growth_bytes_per_hour", "GROW/h", CELL_RATE,
					 "growth of RSS in an hour; ! marks what grows, .. is too "
					 "early to say",
					 .get = get_growth),
			SHOWN_AT(0, 10) },
	[PC_VERDICT] = { .column = COLUMN("verdict", "VERDICT", CELL_TEXT, "how RSS behaves",
					  .flags = COL_LEFT, .get = get_verdict),
			 HIDDEN_AT(16, 72) },
	[PC_TREND] = { .column = COLUMN("trend", "3 MIN", CELL_TEXT,
					"RSS in the last minutes; a flat line changed by less than "
					"5 %",
					.flags = COL_LEFT, .get = get_trend),
		       SHOWN_AT(SPARK_SLOTS, 20) },
	[PC_READ] = { .column = COLUMN("read_seconds", "READ", CELL_SECONDS,
				       "age of PSS, USS, SWAP: they are read in turn",
				       .get = get_read),
		      SHOWN_AT(5, 65),
		      .is_slow = true },
	[PC_AGE] = { .column = COLUMN_AGE(.get = get_age), HIDDEN_AT(6, 74) },
	[PC_COMMAND] = { .column = COLUMN_COMMAND(.get = get_command), SHOWN_AT(COMMAND_LEAST, 0) },
};
_Static_assert(ARRAY_SIZE(proc_columns) == PC_COUNT, "a row for each");

#undef SLOW
#undef METRIC
#undef HIDDEN_AT
#undef SHOWN_AT

struct cell proc_cell(const struct proc *p, enum proc_column column,
		      const struct column_context *ctx)
{
	const struct column *c = &proc_columns[column].column;
	struct column_context copy = *ctx;
	const struct ask ask = { .row = p, .arg = &copy, .at = c->at };

	return c->get(&ask);
}

enum proc_column proc_column_find(const char *id, size_t len)
{
	int i = 0;

	for (; i < PC_COUNT; i++) {
		const char *known = proc_columns[i].column.id;

		if (strncmp(known, id, len) == 0 && (known[len] == '\0' || known[len] == '_'))
			break;
	}
	return (enum proc_column)i;
}

char proc_growth_mark(const struct proc *p)
{
	static const char marks[VERDICT_COUNT] = {
		[VERDICT_INSUFFICIENT] = ' ',     [VERDICT_STABLE] = ' ',
		[VERDICT_WARMING_UP] = ' ',       [VERDICT_GROWING] = '!',
		[VERDICT_GROWING_IN_STEPS] = '^', [VERDICT_SAWTOOTH] = '~',
		[VERDICT_SAWTOOTH_GROWING] = '!', [VERDICT_SHRINKING] = 'v',
	};

	return marks[p->growth.verdict];
}

/*
 * Draws the last minutes as bars, the lowest one at the minimum. If the whole change is small, the
 * base line is lower, so that the change looks small.
 */
static enum tone add_sparkline(const struct proc *p, bool ascii, struct sbuf *out)
{
	static const char *const bars[] = { "\u2581", "\u2582", "\u2583", "\u2584",
					    "\u2585", "\u2586", "\u2587", "\u2588" };
	static const char ascii_bars[] = "_.,-=+*#";
	const uint64_t *first = p->spark + SPARK_SLOTS - p->sparks;
	uint64_t low = UINT64_MAX, high = 0, span;

	for (size_t i = 0; i < p->sparks; i++) {
		low = MIN(low, first[i]);
		high = MAX(high, first[i]);
	}
	for (size_t i = p->sparks; i < SPARK_SLOTS; i++)
		sbuf_addch(out, ' ');
	span = MAX(high - low, high / 20);
	for (size_t i = 0; i < p->sparks; i++) {
		size_t level = span ? (size_t)((first[i] - low) * (ARRAY_SIZE(bars) - 1) / span)
				    : 0;

		if (ascii)
			sbuf_addch(out, ascii_bars[level]);
		else
			sbuf_adds(out, bars[level]);
	}
	return proc_grows(p) ? TONE_WARN : span == high - low ? TONE_PLAIN : TONE_DIM;
}

static enum tone growth_text(const struct proc *p, const struct cell *cell,
			     const struct column_context *ctx, struct sbuf *out)
{
	char buf[FMT_MAX];

	if (cell->why) {
		sbuf_adds(out, amount_ok(p->rss) ? ".. " : "- ");
		return TONE_DIM;
	}
	sbuf_adds(out, number_format_delta(buf, ctx->format, (double)cell->i));
	sbuf_addch(out, ' ');
	sbuf_addch(out, proc_growth_mark(p));
	if (!proc_grows(p))
		return cell->i ? TONE_PLAIN : TONE_DIM;
	return p->growth.low > ctx->bad_rate ? TONE_BAD : TONE_WARN;
}

/* Returns whether the value was read long ago, in turn with other processes. */
static bool is_old(const struct proc *p, enum proc_column column, const struct column_context *ctx)
{
	return proc_columns[column].is_slow &&
	       ctx->now_ns - p->more.read_ns > OLD_SECONDS * NS_PER_S;
}

static enum tone absent_text(const struct proc *p, enum reason why, struct sbuf *out)
{
	bool none = why == REASON_BY_DESIGN || why == REASON_NO_MM ||
		    (why == REASON_NOT_READ && !p->is_stuck);

	sbuf_adds(out, none ? "-" : "n/a");
	return TONE_DIM;
}

enum tone proc_cell_text(const struct proc *p, enum proc_column column,
			 const struct column_context *ctx, struct sbuf *out)
{
	const struct column *d = &proc_columns[column].column;
	struct cell cell = proc_cell(p, column, ctx);
	char buf[FMT_MAX];

	sbuf_reset(out);
	if (column == PC_TREND)
		return add_sparkline(p, ctx->format->ascii, out);
	if (column == PC_GROWTH)
		return growth_text(p, &cell, ctx, out);
	if (cell.why)
		return absent_text(p, cell.why, out);
	switch (d->type) {
	case CELL_BYTES:
		sbuf_adds(out, number_format_bytes(buf, ctx->format, cell.u));
		return cell.u && !is_old(p, column, ctx) ? TONE_PLAIN : TONE_DIM;
	case CELL_DELTA:
		sbuf_adds(out, number_format_delta(buf, ctx->format, (double)cell.i));
		return cell.i > 0 ? TONE_WARN : cell.i < 0 ? TONE_GOOD : TONE_DIM;
	case CELL_SECONDS:
		sbuf_adds(out, number_format_age(buf, cell.d));
		return is_old(p, column, ctx) ? TONE_DIM : TONE_PLAIN;
	case CELL_PERCENT:
		sbuf_addf(out, "%.1f", cell.d);
		return TONE_PLAIN;
	case CELL_COUNT:
		sbuf_add_u64(out, cell.u);
		return TONE_PLAIN;
	default:
		text_escape(out, cell.s, cell.n);
		return TONE_PLAIN;
	}
}

struct column_set column_set_default(void)
{
	struct column_set set = { .n = 0 };

	for (int i = 0; i < PC_COUNT; i++) {
		if (proc_columns[i].is_default)
			set.list[set.n++] = (enum proc_column)i;
	}
	return set;
}

bool column_set_has(const struct column_set *set, enum proc_column column)
{
	for (size_t i = 0; i < set->n; i++) {
		if (set->list[i] == column)
			return true;
	}
	return false;
}

int column_set_parse(const char *ids, struct column_set *ret_set, struct err *err)
{
	struct column_set set = { .n = 0 };

	for (;; ids++) {
		size_t len = strcspn(ids, ",");
		enum proc_column found = proc_column_find(ids, len);

		if (len == 0 || found == PC_COUNT)
			return err_set(err, EINVAL,
				       "column '%.*s': no such column; -O help lists them",
				       (int)MIN(len, (size_t)60), ids);
		if (!column_set_has(&set, found))
			set.list[set.n++] = found;
		ids += len;
		if (!*ids)
			break;
	}
	*ret_set = set;
	return 0;
}

void column_set_show(const struct column_set *set, struct sbuf *out)
{
	for (size_t i = 0; i < set->n; i++)
		sbuf_addf(out, "%s%s", i ? "," : "", proc_columns[set->list[i]].column.id);
}

size_t column_width(enum proc_column column, const struct number_format *format)
{
	enum cell_type type = proc_columns[column].column.type;

	if (type == CELL_BYTES)
		return number_format_width(format);
	if (type == CELL_DELTA)
		return number_format_width(format) + strlen("+");
	if (type == CELL_RATE)
		return number_format_width(format) + strlen("+") + strlen(" !");
	return proc_columns[column].width;
}

struct column_set column_set_fit(const struct column_set *set, const struct number_format *format,
				 size_t width, size_t command)
{
	struct column_set fit = *set;

	while (fit.n > 1) {
		size_t taken = 0;

		for (size_t i = 0; i < fit.n; i++)
			taken += (fit.list[i] == PC_COMMAND ? command
							    : column_width(fit.list[i], format)) +
				 1;
		if (taken <= width + 1)
			break;
		size_t last = 0;

		for (size_t i = 1; i < fit.n; i++) {
			if (proc_columns[fit.list[i]].rank >= proc_columns[fit.list[last]].rank)
				last = i;
		}
		if (proc_columns[fit.list[last]].rank == 0)
			break;
		fit.n--;
		memmove(&fit.list[last], &fit.list[last + 1], (fit.n - last) * sizeof(*fit.list));
	}
	return fit;
}
