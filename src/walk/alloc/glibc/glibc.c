/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walker of glibc's malloc: finds, walks, and makes a report of it.
 */
#include "walk/alloc/glibc/glibc.h"

#include <errno.h>

#include "base/alloc.h"

enum { FIND_RETRIES = 4 };

/*
 * What an arena has from the system and where no segment was found counts as not walked, unless it
 * gave that back meanwhile.
 */
static void settle_arena(struct glibc *g, struct glibc_arena *a)
{
	struct walk_heap *s = &a->out.sums;

	memsrc_forget(g->d->mem, a->addr, g->layout->size);
	(void)glibc_read_arena(g, a);
	if (a->covered_bytes < a->system_mem)
		s->unwalked_bytes += a->system_mem - a->covered_bytes;
	s->system_bytes = s->live_bytes + s->free_bytes + s->top_bytes + s->tcache_bytes +
			  s->overhead_bytes + s->unwalked_bytes;
}

static void settle_sums(struct glibc *g)
{
	struct walk_allocator *out = &g->out;

	for (size_t i = 0; i < g->n_arenas; i++) {
		settle_arena(g, &g->arenas[i]);
		walk_heap_add(&out->total, &g->arenas[i].out.sums);
	}
	glibc_settle_sizes(g);
	out->complete = out->total.unwalked_bytes == 0 && out->mmapped_unfound_bytes == 0 &&
			g->cut_lists == 0;
}

static bool is_used(const struct glibc *g)
{
	return g->n_arenas > 1 || g->arenas[0].system_mem || g->has_mapped;
}

static void walk_heaps(struct glibc *g, const struct glibc *peers, size_t n_peers)
{
	g->peers = peers;
	g->n_peers = n_peers;
	g->owner = walk_owner(g->d, OWNER_ALLOCATOR, "glibc malloc");
	attributions_init(&g->attributions, g->d->snap);
	g->attributions.huge.map = g->d->attributions.huge.map;
	glibc_learn_lists(g);
	glibc_walk_heaps(g);
}

static void release_all(struct glibc *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		glibc_release(&list[i]);
	free(list);
}

/* An arena that is being changed may not look like one just then. */
static int find_all(struct walk *d, struct glibc **ret, size_t *ret_n)
{
	int status = glibc_find(d, ret, ret_n);

	for (int i = 0; i < FIND_RETRIES && status == -ENOTSUP; i++) {
		if (memsrc_is_over(d->mem) || memsrc_refresh(d->mem) < 0)
			break;
		status = glibc_find(d, ret, ret_n);
	}
	return status;
}

static int walk_all(struct walk *d, struct glibc **ret, size_t *ret_n)
{
	struct glibc *list;
	size_t n = 0, found;
	int status = find_all(d, &list, &found);

	if (status < 0)
		return status;
	for (size_t i = 0; i < found; i++) {
		if (is_used(&list[i]))
			list[n++] = list[i];
		else
			glibc_release(&list[i]);
	}
	if (n == 0) {
		free(list);
		return -ENOENT;
	}
	for (size_t i = 0; i < n; i++)
		walk_heaps(&list[i], list, n);
	for (size_t i = 0; i < n; i++)
		glibc_walk_pieces(&list[i]);
	glibc_walk_mapped(&list[0]);
	for (size_t i = 0; i < n; i++) {
		glibc_settle_caches(&list[i]);
		settle_sums(&list[i]);
	}
	*ret = list;
	*ret_n = n;
	return 0;
}

static uint64_t missing_bytes(const struct glibc *list, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += list[i].out.total.unwalked_bytes;
	return sum;
}

/* Walks, and once more if something was missing: mostly the process was at work just then. */
static int walk_twice(struct walk *d, struct glibc **ret, size_t *ret_n)
{
	struct glibc *again;
	size_t n_again;
	int status = walk_all(d, ret, ret_n);

	if (status < 0 || missing_bytes(*ret, *ret_n) == 0 || memsrc_is_over(d->mem) ||
	    memsrc_refresh(d->mem) < 0 || walk_all(d, &again, &n_again) < 0)
		return status;
	if (missing_bytes(again, n_again) > missing_bytes(*ret, *ret_n)) {
		release_all(again, n_again);
	} else {
		release_all(*ret, *ret_n);
		*ret = again;
		*ret_n = n_again;
	}
	(*ret)[0].out.retries = 1;
	return 0;
}

static void publish(struct walk *d, struct glibc *g)
{
	struct walk_allocator *out = walk_add_allocator(d, "glibc malloc", g->file);
	const char *module = out->module;

	*out = g->out;
	cxx_settle(d->cxx, &g->objects, out);
	out->name = "glibc malloc";
	out->module = module;
	out->version = g->layout->releases;
	out->n_arenas = g->n_arenas;
	out->arenas = arena_array(&d->arena, g->n_arenas, struct walk_arena);
	for (size_t i = 0; i < g->n_arenas; i++)
		out->arenas[i] = g->arenas[i].out;
	attributions_merge(&d->attributions, &g->attributions);
	d->swapped_unread_bytes += g->swapped_bytes;
}

static int walk_and_publish(struct walk *d)
{
	struct glibc *list;
	size_t n;
	int status = walk_twice(d, &list, &n);

	if (status == -ENOTSUP)
		walk_add_allocator(d, "glibc malloc", glibc_applies(d))
			->unread = "its arenas were not found";
	if (status < 0)
		return status;
	for (size_t i = 0; i < n; i++)
		publish(d, &list[i]);
	release_all(list, n);
	return 0;
}

int glibc_walk(struct walk *d)
{
	int status;

	d->cxx = cxx_new(d);
	status = walk_and_publish(d);
	cxx_free(d->cxx);
	d->cxx = NULL;
	return status;
}

/* Any process may hold one, in a static program too; it takes little to look. */
uint32_t glibc_applies(const struct walk *d)
{
	uint32_t program = 0;

	for (uint32_t i = 1; i < d->snap->n_files; i++) {
		if (glibc_is_name(d->snap->files[i].path))
			return i;
		if (d->snap->files[i].is_program)
			program = i;
	}
	return program;
}

struct visit {
	glibc_visit_fn *fn;
	void *arg;
	struct marks *cached;
};

static void visit_chunks(void *arg, const struct glibc_chunk *chunks, size_t n)
{
	struct visit *v = arg;

	for (size_t i = 0; i < n; i++) {
		if (chunks[i].in_use &&
		    !marks_any(v->cached, chunks[i].addr, chunks[i].addr + GLIBC_HEAD))
			v->fn(v->arg, chunks[i].addr + GLIBC_HEAD, chunks[i].bytes - 8);
	}
}

int glibc_live_blocks(struct walk *d, glibc_visit_fn *fn, void *arg)
{
	struct glibc *list;
	size_t n;
	int status = walk_all(d, &list, &n);

	if (status < 0)
		return status;
	for (size_t i = 0; i < n; i++) {
		struct visit v = { .fn = fn, .arg = arg, .cached = &list[i].cached };

		for (size_t k = 0; k < list[i].n_segments; k++) {
			struct glibc_walk w = {
				.g = &list[i],
				.seg = &list[i].segments[k],
				.take = visit_chunks,
				.arg = &v,
			};

			glibc_walk_chunks(&w);
		}
		for (size_t k = 0; k < list[i].n_mapped; k++)
			fn(arg, list[i].mapped[k].addr + GLIBC_HEAD,
			   list[i].mapped[k].bytes - GLIBC_HEAD);
	}
	release_all(list, n);
	return 0;
}
