/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/account/non_object.h"

#include "walk/core/runtime_heap.h"

/* A line or a category that a switch below leaves out is an error that names it. */
#pragma GCC diagnostic error "-Wswitch"

/* Returns the cause of a line of walked memory. Objects have no cause: CAUSE_COUNT. */
static enum cause cause_of_line(const struct non_object *b, enum walk_line line)
{
	switch (line) {
	case LINE_NATIVE:
		return b->native_bytes.why == REASON_OWNERS_NOT_READ ? CAUSE_BLOCKS : CAUSE_NATIVE;
	case LINE_RUNTIME_FREE:
		return CAUSE_RUNTIME_FREE;
	case LINE_MALLOC_FREE:
		return CAUSE_MALLOC_FREE;
	case LINE_OVERHEAD:
		return CAUSE_OVERHEAD;
	case LINE_CODE:
		return CAUSE_JIT;
	case LINE_STACK:
		return CAUSE_STACKS;
	case LINE_AGAIN:
		return CAUSE_AGAIN;
	case LINE_OBJECTS:
	case LINE_BUFFERS:
	case LINE_COUNT:
		break;
	}
	return CAUSE_COUNT;
}

/* Returns the cause for memory of a category that is known by evidence other than a walk. */
static enum cause cause_of_category(enum category category, enum evidence evidence)
{
	if (evidence == EV_UNKNOWN)
		return CAUSE_REST;
	switch (category) {
	case CAT_STACK:
		return CAUSE_STACKS;
	case CAT_PROGRAM:
		return CAUSE_PROGRAM;
	case CAT_SHARED_LIBRARY:
		return CAUSE_LIBRARIES;
	case CAT_C_EXTENSION:
		return CAUSE_EXTENSIONS;
	case CAT_JIT_CODE:
		return CAUSE_JIT;
	case CAT_SHARED_MEMORY:
		return CAUSE_SHARED;
	case CAT_MAPPED_FILE:
		return CAUSE_FILES;
	case CAT_HEAP:
	case CAT_ANONYMOUS:
	case CAT_HUGETLB:
	case CAT_DEVICE:
	case CAT_KERNEL:
	case CAT_COUNT:
		break;
	}
	return CAUSE_NAMED;
}

/* The resident bytes of each cause, and the private ones of those that were not walked. */
struct sums {
	uint64_t bytes[CAUSE_COUNT];
	struct amount private_bytes[CAUSE_COUNT];
};

static void add_attributions(struct non_object *b, const struct walk *walk, struct sums *sums)
{
	uint64_t objects = 0, native = 0;

	for (size_t i = 0; i < walk->attributions.n; i++) {
		const struct attribution *c = &walk->attributions.v[i];
		enum cause cause = cause_of_line(b, (enum walk_line)c->line);

		native += c->line == LINE_NATIVE ? c->bytes : 0;
		if (cause == CAUSE_COUNT)
			objects += c->bytes;
		else
			sums->bytes[cause] += c->bytes;
	}
	if (amount_ok(b->objects_bytes))
		b->objects_bytes = amount_of(objects);
	if (amount_ok(b->native_bytes))
		b->native_bytes = amount_of(native);
}

static void add_categories(const struct accounting *a, struct sums *sums)
{
	for (int i = 0; i < CAT_COUNT; i++) {
		const struct category_line *c = &a->categories[i];

		for (int e = 0; e < EV_COUNT; e++) {
			if (e != EV_WALKED)
				sums->bytes[cause_of_category((enum category)i,
							      (enum evidence)e)] +=
					c->evidence_bytes[e];
		}
		for (size_t k = 0; k < c->n_owners; k++) {
			const struct owner_line *o = &c->owners[k];
			enum cause cause = cause_of_category((enum category)i,
							     (enum evidence)o->evidence);

			if (o->evidence != EV_WALKED)
				sums->private_bytes[cause] = amount_add(sums->private_bytes[cause],
									o->sum.uss);
		}
	}
}

static int by_bytes(const void *pa, const void *pb)
{
	const struct cause_row *a = pa, *b = pb;

	if (a->bytes != b->bytes)
		return a->bytes < b->bytes ? 1 : -1;
	return (a->cause > b->cause) - (a->cause < b->cause);
}

/* Returns an absent amount with the reason why a runtime or an allocator was not read. */
static struct amount unread(struct arena *arena, const char *name, enum reason why,
			    const char *other)
{
	return amount_absent_text(
		arena_printf(arena, "%s: %s", name, walk_unread_text(why, other)));
}

/*
 * Returns whether the live objects of a runtime were counted, as an amount that has the reason if
 * not. Counters that a runtime publishes cover live objects, but not what is resident.
 */
static struct amount was_counted(const struct walk_runtime *r)
{
	struct amount resident = amount_ok(r->total.live) ? r->total.resident : r->total.live;

	if (amount_ok(r->bytes) || amount_ok(resident))
		return amount_of(0);
	return resident.why == REASON_BY_DESIGN ? AMOUNT_UNREAD : resident;
}

/* Returns an absent amount with the reason if live objects of the process were not counted. */
static struct amount objects_counted(const struct walk *walk, struct arena *arena)
{
	struct amount counted = amount_of(0);

	if (!walk->n_runtimes && !walk->snap->n_runtimes)
		return amount_absent(REASON_NO_RUNTIME);
	for (size_t i = 0; i < walk->n_runtimes; i++) {
		const struct walk_runtime *r = &walk->runtimes[i];

		counted = amount_add(counted, r->unread
						      ? unread(arena, r->label ? r->label : r->name,
							       r->unread, r->unread_other)
						      : was_counted(r));
	}
	for (size_t i = 0; i < walk->snap->n_runtimes; i++) {
		const char *name = walk->snap->runtimes[i].name;

		if (!walk_has_runtime(walk, name))
			counted = amount_add(counted, unread(arena, name, REASON_NOT_READ, NULL));
	}
	return counted;
}

/* Returns an absent amount with the reason if blocks that no object owns were not counted. */
static struct amount native_counted(const struct walk *walk, struct arena *arena)
{
	struct amount counted = amount_of(0);

	if (!walk->n_allocators)
		return amount_absent(REASON_NO_ALLOCATOR);
	if (!walk_runtimes_read(walk))
		return amount_absent(REASON_OWNERS_NOT_READ);
	for (size_t i = 0; i < walk->n_allocators; i++) {
		const struct walk_allocator *a = &walk->allocators[i];

		if (a->unread)
			counted = amount_add(counted,
					     unread(arena, a->name, a->unread, a->unread_other));
	}
	return counted;
}

/* Causes of fewer bytes get no advice. */
static bool is_worth(const struct cause_input *in)
{
	const struct amount rss = in->accounting->totals.rss;

	return in->bytes >= CAUSE_MIN_BYTES && amount_ok(rss) &&
	       in->bytes >= rss.value / CAUSE_MIN_SHARE;
}

static struct cause_row row_of(enum cause cause, const struct cause_input *in, struct arena *arena)
{
	const struct cause_desc *desc = &cause_descs[cause];
	auto_sbuf facts = SBUF_INIT, advice = SBUF_INIT;

	sbuf_adds(&advice, desc->advice);
	if (desc->measure)
		desc->measure(in, &facts, &advice);
	return (struct cause_row){
		.cause = cause,
		.bytes = in->bytes,
		.facts = facts.len ? arena_strdup(arena, sbuf_str(&facts)) : NULL,
		.advice = advice.len && is_worth(in) ? arena_strdup(arena, sbuf_str(&advice))
						     : NULL,
	};
}

void non_object_init(struct non_object *ret, const struct walk *walk, const struct accounting *a,
		     struct arena *arena)
{
	struct sums sums = { 0 };
	struct amount rss = a->totals.rss;

	*ret = (struct non_object){ .objects_bytes = objects_counted(walk, arena),
				    .native_bytes = native_counted(walk, arena) };
	add_attributions(ret, walk, &sums);
	add_categories(a, &sums);
	for (int i = 0; i < CAUSE_COUNT; i++) {
		const struct cause_input in = { walk, a, sums.bytes[i], sums.private_bytes[i] };

		if (sums.bytes[i])
			ret->rows[ret->n_rows++] = row_of((enum cause)i, &in, arena);
	}
	qsort(ret->rows, ret->n_rows, sizeof(*ret->rows), by_bytes);
	ret->beyond_bytes = ret->beyond_permille = amount_add(ret->objects_bytes, rss);
	if (!amount_ok(ret->beyond_bytes))
		return;
	ret->beyond_bytes = amount_of(rss.value - MIN(ret->objects_bytes.value, rss.value));
	if (rss.value)
		ret->beyond_permille = amount_of((ret->beyond_bytes.value * 1000 + rss.value / 2) /
						 rss.value);
}
