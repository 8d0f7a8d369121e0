/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/account/non_object.h"

#include "walk/core/runtime_heap.h"

/* A line or a category that a switch below leaves out is an error that names it. */
#pragma GCC diagnostic error "-Wswitch"

/* Returns the cause of a line of walked memory. Objects have no cause: CAUSE_COUNT. */
static enum cause cause_of_line(enum walk_line line)
{
	switch (line) {
	case LINE_NATIVE:
		return CAUSE_NATIVE;
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

/* Returns the cause for memory of a category that was not walked. */
static enum cause cause_of_category(enum category category)
{
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
	return CAUSE_REST;
}

static void add_attributions(struct non_object *b, const struct walk *walk,
			     uint64_t causes[CAUSE_COUNT])
{
	for (size_t i = 0; i < walk->attributions.n; i++) {
		const struct attribution *c = &walk->attributions.v[i];
		enum cause cause = cause_of_line((enum walk_line)c->line);

		if (cause == CAUSE_COUNT)
			b->objects_bytes += c->bytes;
		else
			causes[cause] += c->bytes;
	}
	b->native_bytes = causes[CAUSE_NATIVE];
}

static void add_categories(const struct accounting *a, uint64_t causes[CAUSE_COUNT])
{
	for (int i = 0; i < CAT_COUNT; i++) {
		const struct category_line *c = &a->categories[i];
		enum cause cause = cause_of_category((enum category)i);

		for (int e = 0; e < EV_COUNT; e++) {
			if (e != EV_WALKED)
				causes[cause] += c->evidence_bytes[e];
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

static bool has_objects(const struct walk *walk)
{
	for (size_t i = 0; i < walk->n_runtimes; i++) {
		const struct walk_runtime *r = &walk->runtimes[i];

		/*
		 * Counters that a runtime publishes cover live objects, but not what is resident.
		 */
		if (!r->unread && (amount_ok(r->bytes) ||
				   (amount_ok(r->total.live) && amount_ok(r->total.resident))))
			return true;
	}
	return false;
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
		.advice = arena_strdup(arena, sbuf_str(&advice)),
	};
}

void non_object_init(struct non_object *ret, const struct walk *walk, const struct accounting *a,
		     struct arena *arena)
{
	uint64_t causes[CAUSE_COUNT] = { 0 };
	struct amount rss = a->totals.rss;

	*ret = (struct non_object){ .beyond_bytes = amount_absent(REASON_NO_RUNTIME),
				    .beyond_permille = amount_absent(REASON_NO_RUNTIME) };
	add_attributions(ret, walk, causes);
	add_categories(a, causes);
	for (int i = 0; i < CAUSE_COUNT; i++) {
		const struct cause_input in = { walk, a, causes[i] };

		if (causes[i])
			ret->rows[ret->n_rows++] = row_of((enum cause)i, &in, arena);
	}
	qsort(ret->rows, ret->n_rows, sizeof(*ret->rows), by_bytes);
	if (!has_objects(walk) || !amount_ok(rss))
		return;
	ret->beyond_bytes = amount_of(rss.value - MIN(ret->objects_bytes, rss.value));
	if (rss.value)
		ret->beyond_permille = amount_of((ret->beyond_bytes.value * 1000 + rss.value / 2) /
						 rss.value);
}
