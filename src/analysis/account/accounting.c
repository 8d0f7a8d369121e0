/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/account/accounting.h"

#include "base/alloc.h"

static struct amount stated(bool is, uint64_t value, enum reason why)
{
	return is ? amount_of(value) : amount_absent(why);
}

_Static_assert(offsetof(struct totals, counts) == 0, "0 is the offset of no amount");

/* A metric that is missing here is a compile error. */
#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wswitch"

/* Returns the offset of the member of struct totals that holds a metric; 0: none does. */
static size_t total_member(enum metric metric)
{
	switch (metric) {
	case METRIC_RSS:
		return offsetof(struct totals, rss);
	case METRIC_PSS:
		return offsetof(struct totals, pss);
	case METRIC_USS:
		return offsetof(struct totals, uss);
	case METRIC_SWAP:
		return offsetof(struct totals, swap);
	case METRIC_SWAP_PSS:
		return offsetof(struct totals, swap_pss);
	case METRIC_ANONYMOUS:
		return offsetof(struct totals, anonymous);
	case METRIC_FILE:
		return offsetof(struct totals, file);
	case METRIC_SHMEM:
		return offsetof(struct totals, shmem);
	case METRIC_PSS_ANONYMOUS:
		return offsetof(struct totals, pss_anonymous);
	case METRIC_PSS_SHMEM:
		return offsetof(struct totals, pss_shmem);
	case METRIC_HUGETLB:
		return offsetof(struct totals, hugetlb);
	case METRIC_LAZYFREE:
		return offsetof(struct totals, lazyfree);
	case METRIC_RECLAIMABLE:
		return offsetof(struct totals, reclaimable);
	case METRIC_PEAK_RSS:
		return offsetof(struct totals, peak_rss);
	case METRIC_STATUS_RSS:
		return offsetof(struct totals, status_rss);
	case METRIC_VIRTUAL:
		return offsetof(struct totals, virtual);
	case METRIC_SHARED:
	case METRIC_PSS_FILE:
	case METRIC_THP:
	case METRIC_LOCKED:
	case METRIC_PAGE_TABLES:
	case METRIC_COUNT:
		break;
	}
	return 0;
}

#pragma GCC diagnostic pop

static struct amount *total_at(struct totals *t, enum metric metric)
{
	return (struct amount *)(void *)((char *)t + total_member(metric));
}

struct amount totals_metric(const struct totals *t, enum metric metric)
{
	const char *at = (const char *)t + total_member(metric);

	return total_member(metric) ? *(const struct amount *)(const void *)at
				    : amount_absent(REASON_NOT_READ);
}

struct totals totals_of_status(const struct proc_status *status, enum reason why)
{
	struct totals t = { .mappings = amount_absent(why) };

	for (int i = 0; i < METRIC_COUNT; i++) {
		if (total_member((enum metric)i))
			*total_at(&t, (enum metric)i) = metric_descs[i].status
								? metric_of_status((enum metric)i,
										   status)
								: amount_absent(why);
	}
	return t;
}

/* Fills in the totals that are sums of counters. */
static void sum_counters(struct totals *t, enum reason why)
{
	for (int i = 0; i < METRIC_COUNT; i++) {
		struct amount sum;

		if (!total_member((enum metric)i) || !metric_descs[i].counters)
			continue;
		sum = metric_of_counts((enum metric)i, &t->counts);
		*total_at(t, (enum metric)i) = amount_ok(sum) ? sum : amount_absent(why);
	}
}

struct amount status_of(const struct snapshot *s, enum proc_status_field field)
{
	struct amount a = s->status.v[field];

	return !amount_ok(a) && s->regions_why == REASON_NO_MM ? amount_absent(REASON_NO_MM) : a;
}

/*
 * Returns the number of mappings as the kernel counts them: without the vsyscall page, which is
 * last and does not belong to the process.
 */
static uint64_t map_count(const struct snapshot *s)
{
	size_t n = s->n_regions;

	return n && streq(snapshot_region_name(s, &s->regions[n - 1]), "[vsyscall]") ? n - 1 : n;
}

static void fill_totals(struct totals *t, const struct tallies *sums)
{
	const struct snapshot *s = sums->s;
	const struct backing_tally *b = &sums->backing;
	enum reason why = s->regions_why ? s->regions_why : REASON_NOT_REPORTED;

	t->counts = s->sums;
	sum_counters(t, why);
	t->uss = stated(sums->all.present >> F_USS & 1, sums->all.v[F_USS], why);
	t->file = stated(b->has_pages, b->file, why);
	t->shmem = stated(b->has_pages, b->shmem, why);
	t->pss_anonymous = stated(b->has_pss, b->pss_anonymous, why);
	t->pss_shmem = stated(b->has_pss, b->pss_shmem, why);
	t->reclaimable = amount_add(t->lazyfree, stated(b->has_clean, b->file_clean, why));
	t->peak_rss = status_of(s, PS_VM_HWM);
	t->status_rss = status_of(s, PS_VM_RSS);
	t->virtual = status_of(s, PS_VM_SIZE);
	t->mappings = stated(!s->regions_why, s->n_regions, why);
	t->map_count = map_count(s);
}

/*
 * Returns a field of a line, or why it is absent: it is unknown of a part that the line has, as the
 * others would pass for the whole, or no record has it.
 */
static struct amount line_amount(const struct tally *t, int field, struct amount total)
{
	if (t->unknown >> field & 1)
		return amount_absent(REASON_PART_OF_MAPPING);
	if (t->present >> field & 1)
		return amount_of(t->v[field]);
	if (!amount_ok(total))
		return total;
	return t->records ? amount_absent(REASON_NOT_REPORTED) : amount_of(0);
}

static struct line line_of(const struct tally *t, const struct totals *totals)
{
	return (struct line){
		.rss = line_amount(t, F_RSS, totals->rss),
		.pss = line_amount(t, F_PSS, totals->pss),
		.uss = line_amount(t, F_USS, totals->uss),
		.swap = line_amount(t, F_SWAP, totals->swap),
		.lazyfree = line_amount(t, F_LAZYFREE, totals->lazyfree),
		.size_bytes = t->size_bytes,
		.mappings = t->mappings,
	};
}

/*
 * Sorts by RSS, largest first; lines with equal RSS by their key, so that the output does not
 * depend on the sort.
 */
static int by_rss(const struct line *a, const struct line *b, uint64_t key_a, uint64_t key_b)
{
	uint64_t x = amount_ok(a->rss) ? a->rss.value : 0;
	uint64_t y = amount_ok(b->rss) ? b->rss.value : 0;

	if (x != y)
		return x < y ? 1 : -1;
	return (key_a > key_b) - (key_a < key_b);
}

static int compare_owners(const void *pa, const void *pb)
{
	const struct owner_line *a = pa, *b = pb;

	if (a->category != b->category)
		return a->category < b->category ? -1 : 1;
	return by_rss(&a->sum, &b->sum, (uint64_t)a->owner << 8 | a->evidence,
		      (uint64_t)b->owner << 8 | b->evidence);
}

static int compare_perms(const void *pa, const void *pb)
{
	const struct perm_line *a = pa, *b = pb;

	return by_rss(&a->sum, &b->sum, a->perms, b->perms);
}

static int compare_files(const void *pa, const void *pb)
{
	const struct file_line *a = pa, *b = pb;

	return by_rss(&a->sum, &b->sum, a->file, b->file);
}

static int compare_packages(const void *pa, const void *pb)
{
	const struct package_line *a = pa, *b = pb;

	return by_rss(&a->sum, &b->sum, a->package, b->package);
}

static void fill_owners(struct accounting *a, const struct tallies *sums)
{
	size_t at = 0;

	a->owners = xcalloc(sums->n_owners, sizeof(*a->owners));
	a->n_owners = sums->n_owners;
	for (size_t i = 0; i < sums->n_owners; i++) {
		const struct owner_tally *o = &sums->owners[i];

		a->owners[i] = (struct owner_line){
			.owner = o->owner,
			.evidence = o->evidence,
			.category = o->category,
			.sum = line_of(&o->sum, &a->totals),
		};
		a->categories[o->category].n_owners++;
		a->categories[o->category].evidence_bytes[o->evidence] += o->sum.v[F_RSS];
		a->evidence_bytes[o->evidence] += o->sum.v[F_RSS];
	}
	qsort(a->owners, a->n_owners, sizeof(*a->owners), compare_owners);
	for (int i = 0; i < CAT_COUNT; i++) {
		a->categories[i].sum = line_of(&sums->categories[i], &a->totals);
		a->categories[i].owners = a->owners + at;
		at += a->categories[i].n_owners;
	}
}

static void fill_perms(struct accounting *a, const struct tallies *sums)
{
	a->perms = xcalloc(N_PERMS, sizeof(*a->perms));
	for (unsigned int i = 0; i < N_PERMS; i++) {
		if (sums->perms[i].records)
			a->perms[a->n_perms++] = (struct perm_line){
				.perms = (uint8_t)i,
				.sum = line_of(&sums->perms[i], &a->totals),
			};
	}
	qsort(a->perms, a->n_perms, sizeof(*a->perms), compare_perms);
}

static void fill_files(struct accounting *a, const struct tallies *sums)
{
	a->files = xcalloc(sums->s->n_files, sizeof(*a->files));
	for (size_t i = 1; i < sums->s->n_files; i++) {
		if (sums->files[i].records)
			a->files[a->n_files++] = (struct file_line){
				.file = (uint32_t)i,
				.sum = line_of(&sums->files[i], &a->totals),
			};
	}
	qsort(a->files, a->n_files, sizeof(*a->files), compare_files);
}

static void fill_packages(struct accounting *a, const struct tallies *sums)
{
	const struct snapshot *s = sums->s;
	auto_free uint64_t *files = xcalloc(s->n_packages, sizeof(*files));

	for (size_t i = 1; i < s->n_files; i++)
		files[s->files[i].package] += sums->files[i].records > 0;
	a->packages = xcalloc(s->n_packages, sizeof(*a->packages));
	for (size_t i = 1; i < s->n_packages; i++) {
		if (sums->packages[i].records)
			a->packages[a->n_packages++] = (struct package_line){
				.package = (uint32_t)i,
				.sum = line_of(&sums->packages[i], &a->totals),
				.files = files[i],
			};
	}
	qsort(a->packages, a->n_packages, sizeof(*a->packages), compare_packages);
}

static struct amount unexplained_permille(const struct accounting *a)
{
	struct amount rss = a->totals.rss;

	if (!amount_ok(rss))
		return rss;
	if (rss.value == 0)
		return amount_absent(REASON_NOT_RESIDENT);
	return amount_of((a->evidence_bytes[EV_UNKNOWN] * 1000 + rss.value / 2) / rss.value);
}

static void fill_drift(struct accounting *a, const struct snapshot *s)
{
	struct amount before = s->status.v[PS_VM_RSS], after = s->rss_after;
	struct amount sum = a->totals.rss;
	enum reason why = !amount_ok(sum)               ? sum.why
			  : !amount_ok(before)          ? before.why
			  : !amount_ok(after)           ? after.why
			  : s->partial                  ? REASON_PARTIAL
			  : !s->consistent              ? REASON_INCONSISTENT
			  : before.value != after.value ? REASON_RSS_CHANGED
							: REASON_NONE;

	if (why) {
		a->drift_magnitude = amount_absent(why);
		return;
	}
	a->drift_negative = before.value < sum.value;
	a->drift_magnitude = amount_of(a->drift_negative ? sum.value - before.value
							 : before.value - sum.value);
}

void accounting_init(struct accounting *ret, const struct snapshot *s)
{
	struct tallies sums;

	*ret = (struct accounting){ 0 };
	tallies_init(&sums, s);
	fill_totals(&ret->totals, &sums);
	fill_owners(ret, &sums);
	fill_perms(ret, &sums);
	fill_files(ret, &sums);
	fill_packages(ret, &sums);
	memcpy(ret->largest, sums.largest, sizeof(ret->largest));
	ret->n_largest = sums.n_largest;
	tallies_release(&sums);
	ret->unexplained_permille = unexplained_permille(ret);
	fill_drift(ret, s);
}

void accounting_release(struct accounting *a)
{
	if (!a)
		return;
	free(a->owners);
	free(a->perms);
	free(a->files);
	free(a->packages);
	*a = (struct accounting){ 0 };
}

/* Adds b to *sum, which is unknown as soon as a part of it is. */
static void add_divided(struct amount *sum, struct amount b)
{
	if (b.why == REASON_PART_OF_MAPPING)
		*sum = b;
	if (sum->why != REASON_PART_OF_MAPPING)
		amount_sum(sum, b);
}

void line_add(struct line *a, const struct line *b)
{
	amount_sum(&a->rss, b->rss);
	add_divided(&a->pss, b->pss);
	add_divided(&a->uss, b->uss);
	amount_sum(&a->swap, b->swap);
	amount_sum(&a->lazyfree, b->lazyfree);
	a->size_bytes += b->size_bytes;
	a->mappings += b->mappings;
}
