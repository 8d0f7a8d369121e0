/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/data/columns.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"

enum { COMMAND_LEAST = 16, OLD_SECONDS = 60 };

static struct cell cell_pid(const struct proc *p, const struct column_context *ctx attr_unused)
{
	return cell_u64((uint64_t)p->stat.pid);
}

static struct cell cell_ppid(const struct proc *p, const struct column_context *ctx attr_unused)
{
	return cell_u64((uint64_t)p->stat.ppid);
}

static struct cell cell_user(const struct proc *p, const struct column_context *ctx attr_unused)
{
	return p->user ? cell_text(p->user) : cell_absent(why_not_read);
}

static struct cell cell_state(const struct proc *p, const struct column_context *ctx attr_unused)
{
	return cell_bytes(&p->stat.state, 1);
}

static struct cell cell_threads(const struct proc *p, const struct column_context *ctx attr_unused)
{
	return cell_u64(p->stat.threads);
}

/* Where there is no statm, in a recorded tree, status has the same. */
static struct cell cell_rss(const struct proc *p, const struct column_context *ctx attr_unused)
{
	return cell_amount(amount_ok(p->rss) || p->rss.why == why_no_mm ? p->rss : p->more.rss);
}

static struct cell cell_change(const struct proc *p, const struct column_context *ctx)
{
	struct cell rss = cell_rss(p, ctx);

	if (!ctx->has_base)
		return cell_none();
	return rss.why ? rss : cell_i64((int64_t)(rss.u - p->base_rss));
}

static struct cell cell_percent(const struct proc *p, const struct column_context *ctx)
{
	struct cell rss = cell_rss(p, ctx);

	if (rss.why || !ctx->total_bytes)
		return cell_absent(rss.why ? rss.why : why_not_read);
	return cell_real(100.0 * (double)rss.u / (double)ctx->total_bytes);
}

#define AMOUNT_CELL(name, field)                                                                   \
	static struct cell cell_##name(const struct proc *p,                                       \
				       const struct column_context *ctx attr_unused)               \
	{                                                                                          \
		return cell_amount(p->field);                                                      \
	}

AMOUNT_CELL(pss, more.pss)
AMOUNT_CELL(uss, more.uss)
AMOUNT_CELL(swap, more.swap)
AMOUNT_CELL(anon, more.anon)
AMOUNT_CELL(file, more.file)
AMOUNT_CELL(shmem, more.shmem)
AMOUNT_CELL(shared, shared)
AMOUNT_CELL(peak, more.peak)
AMOUNT_CELL(virt, size)
AMOUNT_CELL(lazy, more.lazyfree)
AMOUNT_CELL(huge, more.hugetlb)
AMOUNT_CELL(thp, more.thp)
AMOUNT_CELL(locked, more.locked)
AMOUNT_CELL(pte, more.page_tables)

#undef AMOUNT_CELL

static struct cell cell_growth(const struct proc *p, const struct column_context *ctx attr_unused)
{
	if (!amount_ok(p->rss))
		return cell_absent(p->rss.why);
	if (!p->growth.has_rate)
		return cell_absent("too few samples");
	return cell_i64((int64_t)MAX(MIN(p->growth.rate, 1e18), -1e18));
}

static struct cell cell_verdict(const struct proc *p, const struct column_context *ctx attr_unused)
{
	return amount_ok(p->rss) ? cell_text(verdict_descs[p->growth.verdict].title)
				 : cell_absent(p->rss.why);
}

static struct cell cell_trend(const struct proc *p attr_unused,
			      const struct column_context *ctx attr_unused)
{
	return cell_none();
}

static struct cell cell_read(const struct proc *p, const struct column_context *ctx)
{
	if (!p->more.read_ns || p->more.pss.why == why_not_read)
		return cell_absent(why_not_read);
	return cell_real((double)(ctx->now_ns - p->more.read_ns) / NS_PER_S);
}

static struct cell cell_age(const struct proc *p, const struct column_context *ctx)
{
	if (ctx->uptime_seconds <= 0)
		return cell_absent(why_not_read);
	return cell_real(MAX(ctx->uptime_seconds -
				     (double)p->stat.start_ticks / (double)sysconf(_SC_CLK_TCK),
			     0));
}

static struct cell cell_command(const struct proc *p, const struct column_context *ctx attr_unused)
{
	return cell_text(proc_command(p));
}

#define DESC(id, title, type, flags_, help)                                                        \
	.column = COLUMN(id, title, type, help, .flags = (flags_))

const struct proc_column_desc proc_columns[PC_COUNT] = {
	[PC_PID] = { DESC("pid", "PID", CELL_COUNT, 0, "process id"), 7, 1, true, cell_pid },
	[PC_PPID] = { DESC("ppid", "PPID", CELL_COUNT, 0, "process id of the parent"), 7, 90, false,
		      cell_ppid },
	[PC_USER] = { DESC("user", "USER", CELL_TEXT, 0, "name of the effective user"), 9, 30, true,
		      cell_user },
	[PC_STATE] = { DESC("state", "S", CELL_TEXT, 0,
			    "R running, S sleeping, D waiting, T stopped, Z zombie"),
		       1, 70, false, cell_state },
	[PC_THREADS] = { DESC("threads", "THR", CELL_COUNT, 0, "threads"), 4, 60, true,
			 cell_threads },
	[PC_RSS] = { DESC("rss_bytes", "RSS", CELL_BYTES, 0,
			  "pages in RAM, shared ones counted in full"),
		     0, 0, true, cell_rss },
	[PC_CHANGE] = { DESC("change_bytes", "CHANGE", CELL_DELTA, 0,
			     "of RSS since the base (b); all of it where the process is newer"),
			0, 5, false, cell_change },
	[PC_PSS] = { DESC("pss_bytes", "PSS", CELL_BYTES, 0,
			  "shared pages divided among their users"),
		     0, 12, true, cell_pss },
	[PC_USS] = { DESC("uss_bytes", "USS", CELL_BYTES, 0, "private; freed if the process exits"),
		     0, 50, true, cell_uss },
	[PC_SWAP] = { DESC("swap_bytes", "SWAP", CELL_BYTES, 0, "swapped out"), 0, 40, true,
		      cell_swap },
	[PC_ANON] = { DESC("anon_bytes", "ANON", CELL_BYTES, 0,
			   "RSS of no file: heaps, stacks, mmap"),
		      0, 80, false, cell_anon },
	[PC_FILE] = { DESC("file_bytes", "FILE", CELL_BYTES, 0,
			   "RSS of files: programs, libraries, data"),
		      0, 81, false, cell_file },
	[PC_SHMEM] = { DESC("shmem_bytes", "SHMEM", CELL_BYTES, 0, "RSS of shared memory"), 0, 82,
		       false, cell_shmem },
	[PC_SHARED] = { DESC("shr_bytes", "SHR", CELL_BYTES, 0, "RSS of files and shared memory"),
			0, 83, false, cell_shared },
	[PC_PEAK] = { DESC("peak_bytes", "PEAK", CELL_BYTES, 0, "highest RSS so far"), 0, 84, false,
		      cell_peak },
	[PC_VIRT] = { DESC("virt_bytes", "VIRT", CELL_BYTES, 0, "address space; not memory"), 0, 85,
		      false, cell_virt },
	[PC_LAZY] = { DESC("lazy_bytes", "LAZY", CELL_BYTES, 0, "freed but still in RSS"), 0, 86,
		      false, cell_lazy },
	[PC_HUGE] = { DESC("hugetlb_bytes", "HUGE", CELL_BYTES, 0,
			   "reserved huge pages, not in RSS"),
		      0, 87, false, cell_huge },
	[PC_THP] = { DESC("thp_bytes", "THP", CELL_BYTES, 0, "in transparent huge pages"), 0, 88,
		     false, cell_thp },
	[PC_LOCKED] = { DESC("locked_bytes", "LOCKED", CELL_BYTES, 0, "locked into RAM"), 0, 89,
			false, cell_locked },
	[PC_PTE] = { DESC("pte_bytes", "PTE", CELL_BYTES, 0, "page tables, not in RSS"), 0, 91,
		     false, cell_pte },
	[PC_PERCENT] = { DESC("mem_percent", "%MEM", CELL_PERCENT, 0,
			      "RSS as a part of the machine's memory"),
			 5, 75, false, cell_percent },
	[PC_GROWTH] = { DESC("growth_bytes_per_hour", "GROW/h", CELL_RATE, 0,
			     "growth of RSS in an hour; ! marks what grows, .. is too early to "
			     "say"),
			0, 10, true, cell_growth },
	[PC_VERDICT] = { DESC("verdict", "VERDICT", CELL_TEXT, COL_LEFT, "how RSS behaves"), 16, 72,
			 false, cell_verdict },
	[PC_TREND] = { DESC("trend", "3 MIN", CELL_TEXT, COL_LEFT,
			    "RSS in the last minutes; a flat line changed by less than 5 %"),
		       SPARK_SLOTS, 20, true, cell_trend },
	[PC_READ] = { DESC("read_seconds", "READ", CELL_SECONDS, 0,
			   "age of PSS, USS, SWAP: they are read in turn"),
		      5, 65, true, cell_read },
	[PC_AGE] = { DESC("age_seconds", "AGE", CELL_SECONDS, 0, "since its start"), 6, 74, false,
		     cell_age },
	[PC_COMMAND] = { DESC("command", "COMMAND", CELL_TEXT, 0, "arguments, or [name]"),
			 COMMAND_LEAST, 0, true, cell_command },
};

#undef DESC

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
 * The last minutes as bars. They begin at the least, unless the whole change is small: then at so
 * much less that it looks small.
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

/* What was read in turn with others, and long ago. */
static bool is_old(const struct proc *p, enum proc_column column, const struct column_context *ctx)
{
	bool is_dear = column == PC_PSS || column == PC_USS || column == PC_SWAP ||
		       column == PC_READ;

	return is_dear && ctx->now_ns - p->more.read_ns > OLD_SECONDS * NS_PER_S;
}

static enum tone absent_text(const struct proc *p, const char *why, struct sbuf *out)
{
	bool none = !*why || why == why_no_mm || (why == why_not_read && !p->is_stuck);

	sbuf_adds(out, none ? "-" : "n/a");
	return TONE_DIM;
}

enum tone proc_cell_text(const struct proc *p, enum proc_column column,
			 const struct column_context *ctx, struct sbuf *out)
{
	const struct column *d = &proc_columns[column].column;
	struct cell cell = proc_columns[column].cell(p, ctx);
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
