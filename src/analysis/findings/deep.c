/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings about the contents of memory, or about memory that was not read. */
#include <inttypes.h>

#include "analysis/findings/row.h"
#include "base/path.h"
#include "base/text.h"
#include "walk/core/runtime_heap.h"

/* Thresholds: smaller numbers are not worth a finding. */
#define ALLOCATOR_MIN MIB(1)
#define BEYOND_MIN MIB(64)
#define FREE_MIN MIB(64)
#define HUGE_WARNING_MIN MIB(16)
#define FREE_PERCENT 20.0
#define TYPE_MIN MIB(16)
#define TYPE_PERCENT 20.0

/* Reports unexplained memory only if memory was read; otherwise reading it comes first. */
static void check_unexplained(struct collector *c)
{
	const struct accounting *a = c->in->accounting;
	uint64_t unknown = a->evidence_bytes[EV_UNKNOWN], rss = known(a->totals.rss);

	if (c->in->walk && percent_of(unknown, rss) > c->in->unexplained_percent)
		add_finding(c, SEV_WARNING,
			    "%s of RSS (%s) is unexplained, although memory was read.",
			    IEC(unknown), PERCENT(unknown, rss));
}

static void check_beyond(struct collector *c)
{
	const struct non_object *b = c->in->non_object;
	uint64_t bytes = b ? known(b->beyond_bytes) : 0, rss = rss_of(c);

	if (bytes >= BEYOND_MIN && percent_of(bytes, rss) > c->in->beyond_percent)
		add_finding(c, SEV_WARNING,
			    "%s of RSS (%s) is not in objects of the runtime; the largest part: "
			    "%s, %s.",
			    IEC(bytes), PERCENT(bytes, rss), cause_descs[b->rows[0].cause].title,
			    IEC(b->rows[0].bytes));
}

/*
 * Reports free memory of malloc, also without a runtime: it is the largest amount that can be
 * released at once.
 */
static void check_malloc_free(struct collector *c)
{
	const struct non_object *b = c->in->non_object;
	uint64_t rss = rss_of(c);

	for (size_t i = 0; b && i < b->n_rows; i++) {
		const struct cause_row *row = &b->rows[i];

		if (row->cause != CAUSE_MALLOC_FREE || row->bytes < FREE_MIN ||
		    percent_of(row->bytes, rss) < FREE_PERCENT)
			continue;
		add_finding(c, SEV_WARNING, "%s of RSS (%s) is free in malloc, %s.",
			    IEC(row->bytes), PERCENT(row->bytes, rss), row->facts);
		c->found[c->n - 1].advice = row->advice;
	}
}

/* Returns the largest object of a type; NULL: no object of it is large. */
static const struct walk_large *largest_of(const struct walk_runtime *r, const char *type)
{
	for (size_t i = 0; i < r->n_large; i++) {
		if (!r->large[i].is_view && streq(r->large[i].type, type))
			return &r->large[i];
	}
	return NULL;
}

static void judge_type(struct collector *c, const struct walk_runtime *r, const struct walk_kind *t)
{
	const struct walk_large *largest = largest_of(r, t->name);
	uint64_t all = r->bytes.value;

	if (t->bytes < TYPE_MIN || percent_of(t->bytes, all) <= TYPE_PERCENT)
		return;
	if (largest)
		add_finding(c, SEV_INFO,
			    "%" PRIu64 " %.100s take %s of %s in objects (%s); the largest has %s.",
			    t->count, t->name, IEC(t->bytes), IEC(all), PERCENT(t->bytes, all),
			    IEC(largest->bytes));
	else
		add_finding(c, SEV_INFO,
			    "%" PRIu64
			    " %.100s take %s of %s in objects (%s); no single object is large.",
			    t->count, t->name, IEC(t->bytes), IEC(all), PERCENT(t->bytes, all));
}

/*
 * Reports types that take a large part of all objects: usually a cache. One large object is enough.
 */
static void check_large_types(struct collector *c)
{
	const struct walk *walk = c->in->walk;

	for (size_t i = 0; walk && i < walk->n_runtimes; i++) {
		const struct walk_runtime *r = &walk->runtimes[i];

		for (size_t k = 0; amount_ok(r->bytes) && k < r->n_kinds; k++)
			judge_type(c, r, &r->kinds[k]);
	}
}

/* A huge page is resident as a whole, even if only one byte is used. */
static void check_huge_pages(struct collector *c)
{
	const struct walk *walk = c->in->walk;
	const struct huge_waste *w = walk ? &walk->huge_waste : NULL;

	if (w && w->pages)
		add_finding(c, w->idle_bytes >= HUGE_WARNING_MIN ? SEV_WARNING : SEV_INFO,
			    "%" PRIu64 " of %" PRIu64 " huge pages (%s) are more than half free or "
			    "zero: %s of that is free, %s zero.",
			    w->pages, w->of_pages, IEC(w->pages * HUGE_BYTES),
			    IEC(w->idle_bytes - w->zero_bytes), IEC(w->zero_bytes));
}

/*
 * Returns the allocator that a walk found in a file; NULL: no walk looked for allocators, or it
 * found none there.
 */
static const struct walk_allocator *walked_in(const struct walk *walk, const char *path)
{
	for (size_t i = 0; walk && i < walk->n_allocators; i++) {
		const struct walk_allocator *a = &walk->allocators[i];

		if (a->module && streq(a->module, path))
			return a;
	}
	return NULL;
}

/* Reports an allocator by its library. One that was read explains nothing more. */
static void judge_library(struct collector *c, const char *path)
{
	uint64_t unknown = c->in->accounting->evidence_bytes[EV_UNKNOWN];
	const struct walk_allocator *a = walked_in(c->in->walk, path);

	if (a && !a->unread)
		return;
	if (a)
		add_finding(
			c, SEV_INFO,
			"%.100s was not read (%.200s); it may manage the %s of unexplained memory.",
			path_base(path), walk_unread_text(a->unread, a->unread_other),
			IEC(unknown));
	else
		add_finding(c, SEV_INFO,
			    "%.100s is loaded; it may manage the %s of unexplained memory.",
			    path_base(path), IEC(unknown));
	if (c->in->walk || c->in->snapshot->heap_stats.why) /* --deep was given */
		c->found[c->n - 1].advice = "Use the allocator's own statistics, such as "
					    "malloc_stats_print or mi_stats_print.";
}

/* Finds allocators that leave no sign in their mappings, by the name of their library. */
static void check_allocator(struct collector *c)
{
	static const char *const libraries[] = { "libjemalloc.so*", "libtcmalloc*.so*",
						 "libmimalloc*.so*" };
	const struct snapshot *s = c->in->snapshot;

	if (c->in->accounting->evidence_bytes[EV_UNKNOWN] < ALLOCATOR_MIN)
		return;
	for (size_t i = 1; i < s->n_files; i++) {
		const char *name = path_base(s->files[i].path);

		for (size_t k = 0; s->files[i].has_exec && k < ARRAY_SIZE(libraries); k++)
			if (text_glob(libraries[k], name))
				judge_library(c, s->files[i].path);
	}
}

const struct judgement deep_judgements[] = {
	{ .id = "unexplained",
	  .check = check_unexplained,
	  .advice = "See the largest mappings; a rule in the configuration can name memory that "
		    "the program maps itself." },
	{ .id = "beyond_objects",
	  .check = check_beyond,
	  .advice = "The table of causes has advice for each of them." },
	{ .id = "malloc_free",
	  .check = check_malloc_free,
	  .advice = "The table of causes has advice." },
	{ .id = "large_types",
	  .check = check_large_types,
	  .advice = "Check whether a cache holds them and can be limited; --large=SIZE and "
		    "--preview show more about large objects." },
	{ .id = "huge_pages",
	  .check = check_huge_pages,
	  .advice = "Use fewer huge pages: write madvise instead of always to "
		    "/sys/kernel/mm/transparent_hugepage/enabled, or call "
		    "prctl(PR_SET_THP_DISABLE) in this service alone." },
	{ .id = "allocator",
	  .check = check_allocator,
	  .advice = "Read it with --deep, or use the allocator's own statistics, such as "
		    "malloc_stats_print or mi_stats_print." },
};

const size_t n_deep_judgements = ARRAY_SIZE(deep_judgements);
