/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/findings/findings.h"

#include <inttypes.h>

#include "analysis/findings/row.h"
#include "base/alloc.h"
#include "base/fmt.h"
#include "base/num.h"
#include "base/path.h"
#include "base/text.h"

const char *const severity_ids[] = {
	[SEV_INFO] = "info",
	[SEV_WARNING] = "warning",
	[SEV_CRITICAL] = "critical",
};
_Static_assert(ARRAY_SIZE(severity_ids) == SEV_COUNT, "a row for each");

/* Thresholds: smaller numbers are not worth a finding. */
#define LIMIT_WARNING_PERCENT 90.0
#define LIMIT_CRITICAL_PERCENT 97.0
#define OFF_RSS_MIN MIB(16)
#define LAZYFREE_MIN MIB(16)
#define SHARED_MIN MIB(32)
#define SWAP_MIN MIB(1)
#define SWAP_WARNING_MIN MIB(64)
#define ARENAS_WARNING_MIN MIB(64)
enum { ARENAS_MANY = 16 };

static void check_partial(struct collector *c)
{
	const struct snapshot *s = c->in->snapshot;

	if (s->partial)
		add_finding(c, SEV_WARNING, "The report is incomplete: %s.",
			    reason_text(s->partial));
}

static void check_consistent(struct collector *c)
{
	const struct snapshot *s = c->in->snapshot;

	if (!s->regions_why && !s->consistent)
		add_finding(
			c, SEV_WARNING,
			"Mappings changed while they were read, in %u attempts: some memory may be "
			"counted twice.",
			s->retries + 1);
}

/*
 * Page cache that a group can drop at once is not counted: reading files fills any limit. Nor is
 * the size of the stack: Ruby grows it to its limit at the start and uses little of it.
 */
static void check_limits(struct collector *c)
{
	const struct limits *l = c->in->limits;

	for (size_t i = 0; i < l->n; i++) {
		const struct limit_row *row = &l->rows[i];
		const struct limit_desc *d = &limit_descs[row->id];
		enum fmt_unit unit = d->is_count ? FMT_EXACT : FMT_IEC;
		uint64_t limit = known(row->limit), used = known(row->used);
		double percent;
		char used_text[FMT_MAX], limit_text[FMT_MAX];

		used -= MIN(used, row->reclaimable_bytes);
		percent = percent_of(used, limit);
		if (limit == UINT64_MAX || percent < LIMIT_WARNING_PERCENT ||
		    row->id == LIMIT_RLIMIT_STACK)
			continue;
		add_finding(c,
			    d->decides && percent >= LIMIT_CRITICAL_PERCENT ? SEV_CRITICAL
									    : SEV_WARNING,
			    "Limit \"%s\"%s%.200s: %s of %s used (%s).", d->title,
			    row->path ? " of " : "", row->path ? row->path : "",
			    fmt_bytes(used_text, used, unit), fmt_bytes(limit_text, limit, unit),
			    PERCENT(used, limit));
	}
}

static void check_outside(struct collector *c)
{
	const struct off_rss *o = c->in->off_rss;
	uint64_t total = known(o->total), rss = rss_of(c);
	int largest = OUT_PAGE_TABLES;

	if (total <= OFF_RSS_MIN || total <= rss / 10)
		return;
	for (int i = 0; i < OUT_COUNT; i++) {
		if (off_rss_descs[i].adds &&
		    known(o->rows[i].bytes) > known(o->rows[largest].bytes))
			largest = i;
	}
	add_finding(c, SEV_WARNING, "%s of its memory is not in RSS; the largest part is %s of %s.",
		    IEC(total), IEC(known(o->rows[largest].bytes)), off_rss_descs[largest].title);
}

static void check_swap(struct collector *c)
{
	uint64_t swap = known(c->in->off_rss->rows[OUT_SWAP].bytes);
	uint64_t rss = rss_of(c);
	bool much = swap >= SWAP_WARNING_MIN && swap >= rss / 3;

	if (swap >= SWAP_MIN)
		add_finding(c, much ? SEV_WARNING : SEV_INFO,
			    "%s is in swap, in addition to %s of RSS.", IEC(swap), IEC(rss));
}

/* After an upgrade the process still uses the old file. */
static void check_deleted(struct collector *c)
{
	const struct snapshot *s = c->in->snapshot;
	const struct file *first = NULL;
	size_t n = 0;

	for (size_t i = 1; i < s->n_files; i++) {
		const struct file *f = &s->files[i];

		/*
		 * Programs that unpack their libraries to /tmp delete them right after mapping
		 * them.
		 */
		if (!f->deleted || !f->has_exec || f->on_tmpfs || starts_with(f->path, "/tmp/"))
			continue;
		first = first ? first : f;
		n++;
	}
	if (n == 1)
		add_finding(c, SEV_WARNING, "%.100s was deleted or replaced and is still in use.",
			    path_base(first->path));
	else if (n > 1)
		add_finding(c, SEV_WARNING,
			    "%zu files with code, such as %.100s, were deleted or replaced and are "
			    "still in use.",
			    n, path_base(first->path));
}

/* Counts the thread heaps of glibc by their boundaries, as adjacent ones may have merged. */
static void check_arenas(struct collector *c)
{
	const struct snapshot *s = c->in->snapshot;
	bool narrow = s->n_regions && s->regions[s->n_regions - 1].end <= UINT64_C(1) << 32;
	uint64_t size = narrow ? MIB(1) : MIB(64), next = 0, n = 0, rss = 0;

	for (size_t i = 0; i < s->n_regions; i++) {
		const struct region *r = &s->regions[i];
		struct mem_counts counts;

		if (!(r->marks & MARK_GLIBC_ARENA) || r->end <= r->start)
			continue;
		snapshot_counts(s, r, &counts);
		rss += counts.v[MC_RSS];
		next = MAX(next, r->start / size);
		n += (r->end - 1) / size + 1 - MIN(next, (r->end - 1) / size + 1);
		next = (r->end - 1) / size + 1;
	}
	if (n >= ARENAS_MANY)
		add_finding(c, rss >= ARENAS_WARNING_MIN ? SEV_WARNING : SEV_INFO,
			    "%" PRIu64 " thread heaps of glibc malloc hold %s: each keeps the "
			    "memory that its threads have freed.",
			    n, IEC(rss));
}

static void check_lazyfree(struct collector *c)
{
	const struct totals *t = &c->in->accounting->totals;
	uint64_t lazyfree = known(t->lazyfree), rss = known(t->rss);

	if (lazyfree >= LAZYFREE_MIN && lazyfree >= rss / 10)
		add_finding(c, SEV_INFO,
			    "%s of RSS (%s) is freed already; the kernel takes it back when it "
			    "needs it.",
			    IEC(lazyfree), PERCENT(lazyfree, rss));
}

static void check_sharing(struct collector *c)
{
	const struct totals *t = &c->in->accounting->totals;
	uint64_t rss = known(t->rss), pss = known(t->pss);

	if (amount_ok(t->pss) && rss >= pss && rss - pss >= SHARED_MIN && pss <= rss / 2)
		add_finding(c, SEV_INFO, "RSS is %s, but the process's share of it (PSS) is %s.",
			    IEC(rss), IEC(pss));
}

static void check_hugetlb(struct collector *c)
{
	uint64_t hugetlb = known(c->in->off_rss->rows[OUT_HUGETLB].bytes);

	if (hugetlb)
		add_finding(c, SEV_INFO, "%s of huge pages come on top of RSS and PSS.",
			    IEC(hugetlb));
}

static void check_not_read(struct collector *c)
{
	const struct accounting *a = c->in->accounting;
	uint64_t unknown = a->evidence_bytes[EV_UNKNOWN], rss = known(a->totals.rss);
	enum reason why = c->in->snapshot->heap_stats.why;

	if (c->in->walk || !unknown || percent_of(unknown, rss) <= c->in->unexplained_percent)
		return;
	add_finding(c, SEV_INFO,
		    "%s of RSS (%s) is anonymous memory that was not read%s%s%s: smaps does not "
		    "say what it contains.",
		    IEC(unknown), PERCENT(unknown, rss), why ? " (" : "", reason_text(why),
		    why ? ")" : "");
	if (why)
		c->found[c->n - 1].advice = "Ask the runtime or allocator for its own statistics.";
}

/*
 * How far VmRSS may be off: before 6.2 each thread held back up to 64 pages; from 6.2 to 6.15 each
 * processor holds back a batch that grows with the number of processors.
 */
static void check_drift(struct collector *c)
{
	const struct accounting *a = c->in->accounting;
	uint64_t drift = known(a->drift_magnitude), cpus = c->in->cpus;
	uint64_t pages = MAX(num_mul_sat(c->in->snapshot->stat.threads, 64), 3 * cpus * cpus);
	uint64_t tolerance = num_mul_sat(pages, c->in->snapshot->page_bytes);

	if (cpus && drift > tolerance)
		add_finding(
			c, SEV_WARNING,
			"VmRSS is %s %s the sum over smaps; %s can be explained by how the kernel "
			"counts.",
			IEC(drift), a->drift_negative ? "below" : "above", IEC(tolerance));
}

/* What the process reached, in a watch or up to now. */
static struct amount reached(const struct collector *c, enum ceiling id)
{
	const struct accounting *a = c->in->accounting;
	struct amount value = c->in->reached ? c->in->reached[id] : AMOUNT_UNREAD;

	if (!c->in->reached || !amount_ok(value))
		value = ceiling_value(id, &a->totals, a->unexplained_permille, c->in->growth);
	return value;
}

static void check_ceilings(struct collector *c)
{
	char value[FMT_MAX], limit[FMT_MAX];

	for (int i = CEILING_NONE + 1; c->in->ceilings && i < CEILING_COUNT; i++) {
		const struct ceiling_desc *d = &ceiling_descs[i];
		uint64_t max = c->in->ceilings->max[i];
		struct amount is = reached(c, (enum ceiling)i);

		if (!(c->in->ceilings->set >> i & 1))
			continue;
		if (amount_ok(is) && is.value > max)
			add_finding(c, SEV_CRITICAL, "%s %s %s, over the %s of --%s.", d->title,
				    d->verb, ceiling_text(value, (enum ceiling)i, is.value),
				    ceiling_text(limit, (enum ceiling)i, max), d->option);
	}
}

static void check_unjudged(struct collector *c)
{
	for (int i = CEILING_NONE + 1; c->in->ceilings && i < CEILING_COUNT; i++) {
		struct amount is = reached(c, (enum ceiling)i);

		if (c->in->ceilings->set >> i & 1 && !amount_ok(is))
			add_finding(c, SEV_WARNING, "--%s could not be judged: %s.",
				    ceiling_descs[i].option, amount_why(is));
	}
}

static void check_growth(struct collector *c)
{
	const struct growth *g = c->in->growth;
	uint64_t rate = known(
		ceiling_value(CEILING_GROWTH, &c->in->accounting->totals, AMOUNT_UNREAD, g));

	if (g && rate > c->in->growth_bytes_per_hour)
		add_finding(c, SEV_WARNING, "It grows by %s an hour.", IEC(rate));
}

static const struct judgement judgements[] = {
	{ .id = "over_limit",
	  .check = check_ceilings,
	  .advice = "An option of memspect set this limit; the exit status reports it too." },
	{ .id = "limit_unjudged",
	  .check = check_unjudged,
	  .advice = "Provide what the value needs: permission, more samples or a newer kernel." },
	{ .id = "growth",
	  .check = check_growth,
	  .advice = "The table of growth shows which category, owner and region grow." },
	{ .id = "partial",
	  .check = check_partial,
	  .advice = "Inspect it again; a smaller number does not mean that memory was freed." },
	{ .id = "inconsistent",
	  .check = check_consistent,
	  .advice = "Inspect it again when it maps and unmaps less, or use VmRSS." },
	{ .id = "limit_near",
	  .check = check_limits,
	  .advice = "Raise the limit, or see which category grows towards it." },
	{ .id = "outside_rss",
	  .check = check_outside,
	  .advice = "Add it to RSS when you size memory; the rows outside RSS show where it is." },
	{ .id = "deleted_libraries",
	  .check = check_deleted,
	  .advice = "Restart the process so that it uses the files installed now." },
	{ .id = "swap",
	  .check = check_swap,
	  .advice = "Include swap when you judge growth: swapped-out memory leaves RSS without "
		    "being freed." },
	{ .id = "glibc_arenas",
	  .check = check_arenas,
	  .advice = "Try MALLOC_ARENA_MAX=2 in its environment, or fewer threads that allocate." },
	{ .id = "counter_drift",
	  .check = check_drift,
	  .advice = "Use the sum over smaps; the kernel's own counter is not exact." },
	{ .id = "lazyfree",
	  .check = check_lazyfree,
	  .advice = "This is not a leak: subtract it from RSS." },
	{ .id = "sharing",
	  .check = check_sharing,
	  .advice = "Use PSS to add up several processes, and USS for what would be free if this "
		    "one exited." },
	{ .id = "hugetlb",
	  .check = check_hugetlb,
	  .advice = "Add them to RSS when you size memory; they come from a pool that is always "
		    "reserved." },
	{ .id = "not_read",
	  .check = check_not_read,
	  .advice =
		  "Read it with --deep, or ask the runtime or allocator for its own statistics." },
};

static void judge_all(struct collector *c, const struct judgement *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		c->judging = &rows[i];
		rows[i].check(c);
	}
}

const struct finding *findings_collect(const struct findings_input *in, struct arena *arena,
				       size_t *ret_n)
{
	struct collector c = { .in = in, .arena = arena };
	struct finding *sorted;
	size_t n = 0;

	judge_all(&c, judgements, ARRAY_SIZE(judgements));
	judge_all(&c, deep_judgements, n_deep_judgements);
	sorted = arena_array(arena, c.n, struct finding);
	for (int severity = SEV_COUNT - 1; severity >= 0; severity--) {
		for (size_t i = 0; i < c.n; i++)
			if ((int)c.found[i].severity == severity)
				sorted[n++] = c.found[i];
	}
	free(c.found);
	*ret_n = n;
	return sorted;
}
