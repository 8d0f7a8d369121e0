/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walker of glibc's malloc: finds, walks, and makes a report of it.
 */
#include "walk/alloc/glibc/glibc_impl.h"

#include <errno.h>

#include "base/alloc.h"
#include "walk/alloc/allocator_walk.h"

enum {
	FIND_RETRIES = 4,
	SLACK_MAX = 64,          /* bytes that a block may have more than was asked for */
	MAPPED_SLACK_MAX = 8192, /* if it has a mapping of its own */
};

static const char name[] = "glibc malloc";

/* All mallocs that were found. */
struct glibc_list {
	struct glibc *v;
	size_t n;
};

/*
 * Counts what an arena has from the system, and where no segment was found, as not walked, unless
 * the arena has returned it since.
 */
static void count_missing(struct glibc *g, size_t i)
{
	struct glibc_arena *a = &g->arenas[i];

	memsrc_forget(g->walk->mem, a->addr, g->layout->size);
	(void)glibc_read_arena(g, a);
	if (a->covered_bytes < a->system_mem)
		g->account.arenas[i].sums.unwalked_bytes += a->system_mem - a->covered_bytes;
}

static bool is_used(const struct glibc *g)
{
	return g->n_arenas > 1 || g->arenas[0].system_mem || g->has_mapped;
}

static void walk_heaps(struct glibc *g, const struct glibc *peers, size_t n_peers)
{
	g->peers = peers;
	g->n_peers = n_peers;
	size_account_init(&g->account, g->walk, name);
	g->account.file = g->file;
	g->account.version = g->layout->releases;
	g->account.doubling_classes = true;
	for (size_t i = 0; i < g->n_arenas; i++)
		size_account_add_arena(&g->account, g->arenas[i].addr)->is_main = g->arenas[i].main;
	glibc_learn_lists(g);
	glibc_walk_heaps(g);
}

static void release_all(struct glibc_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		glibc_release(&list->v[i]);
	free(list->v);
}

/* Finds all mallocs. Tries again if none looks right: an arena may be changing at the moment. */
static int find_all(struct walk *walk, struct glibc **ret, size_t *ret_n)
{
	int status = glibc_find(walk, ret, ret_n);

	for (int i = 0; i < FIND_RETRIES && status == -ENOTSUP; i++) {
		if (memsrc_is_over(walk->mem) || memsrc_refresh(walk->mem) < 0)
			break;
		status = glibc_find(walk, ret, ret_n);
	}
	return status;
}

static int walk_all(struct walk *walk, struct glibc_list *ret)
{
	struct glibc *list;
	size_t n = 0, found;
	int status = find_all(walk, &list, &found);

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
	glibc_find_mapped(&list[0]);
	for (size_t i = 0; i < n; i++) {
		glibc_find_cached(&list[i]);
		for (size_t k = 0; k < list[i].n_arenas; k++)
			count_missing(&list[i], k);
	}
	*ret = (struct glibc_list){ list, n };
	return 0;
}

static uint64_t missing_bytes(const struct glibc_list *list)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < list->n; i++)
		sum += size_account_unwalked(&list->v[i].account);
	return sum;
}

/* Walks, and once more if something was missing: mostly because the process was at work. */
static int walk_twice(struct walk *walk, struct glibc_list *ret)
{
	struct glibc_list again;
	int status = walk_all(walk, ret);

	if (status < 0 || missing_bytes(ret) == 0 || memsrc_is_over(walk->mem) ||
	    memsrc_refresh(walk->mem) < 0 || walk_all(walk, &again) < 0)
		return status;
	if (missing_bytes(&again) > missing_bytes(ret)) {
		release_all(&again);
	} else {
		release_all(ret);
		*ret = again;
	}
	ret->v[0].account.out.retries = 1;
	return 0;
}

/* Walks the heaps, unless that was done for another walker. */
static int walk_once(struct walk *walk)
{
	struct glibc_list list;
	int status;

	if (walk->glibc)
		return 0;
	if (!walk->cxx && (walk->opts.want & WANT_MALLOC))
		walk->cxx = cxx_new(walk);
	status = walk_twice(walk, &list);
	if (status < 0)
		return status;
	walk->glibc = xmemdup(&list, sizeof(list));
	return 0;
}

void glibc_close(struct walk *walk)
{
	if (walk->glibc)
		release_all(walk->glibc);
	free(walk->glibc);
	walk->glibc = NULL;
	cxx_free(walk->cxx);
	walk->cxx = NULL;
}

static void report(struct glibc *g)
{
	struct walk_allocator *out;

	g->account.incomplete = g->cut_lists || g->account.out.mmapped_unfound_bytes;
	out = allocator_report(&g->account, name);
	cxx_report(g->walk->cxx, &g->objects, out);
}

/*
 * If the heaps were walked for a runtime, other walkers have reserved their memory since then:
 * chunks with a mapping each that were not found may be found now.
 */
int glibc_walk(struct walk *walk)
{
	bool early = walk->glibc;
	int status = walk_once(walk);

	if (status == -ENOTSUP)
		walk_add_allocator(walk, name, glibc_applies(walk))
			->unread = REASON_GLIBC_NOT_FOUND;
	if (status == 0 && early && !walk->glibc->v[0].mapped_whole)
		glibc_find_mapped(&walk->glibc->v[0]);
	for (size_t i = 0; status == 0 && i < walk->glibc->n; i++) {
		glibc_account(&walk->glibc->v[i]);
		report(&walk->glibc->v[i]);
	}
	glibc_close(walk);
	return status;
}

/* Any process may have one, in a static program too, and it costs little to look. */
uint32_t glibc_applies(const struct walk *walk)
{
	uint32_t program = 0;

	for (uint32_t i = 1; i < walk->snap->n_files; i++) {
		if (glibc_is_name(walk->snap->files[i].path))
			return i;
		if (walk->snap->files[i].is_program)
			program = i;
	}
	return program;
}

struct visit {
	struct glibc *g;
	glibc_visit_fn *fn;
	void *arg;
};

static void visit_chunks(void *arg, const struct glibc_chunk *chunks, size_t n)
{
	struct visit *v = arg;

	for (size_t i = 0; i < n; i++) {
		if (chunks[i].in_use && !glibc_is_marked(v->g, chunks[i].addr))
			v->fn(v->arg, chunks[i].addr + GLIBC_HEAD, chunks[i].bytes - 8);
	}
}

/*
 * Chunks are read again while they are visited. In a running process, chunks of the index may be
 * gone, and fn would take bytes in the middle of another object for an object.
 */
int glibc_live_blocks(struct walk *walk, glibc_visit_fn *fn, void *arg)
{
	int status = walk_once(walk);

	for (size_t i = 0; status == 0 && i < walk->glibc->n; i++) {
		struct glibc *g = &walk->glibc->v[i];
		struct visit v = { g, fn, arg };

		glibc_each_chunk_now(g, visit_chunks, &v);
		for (size_t k = 0; k < g->n_mapped; k++)
			fn(arg, g->mapped[k].addr + GLIBC_HEAD, g->mapped[k].bytes - GLIBC_HEAD);
	}
	return status;
}

bool glibc_is_block(struct memsrc *m, uint64_t addr, uint64_t bytes)
{
	uint64_t head, room, slack;

	if (addr % 16 || addr < GLIBC_HEAD || !memsrc_peek(m, addr - 8, &head, sizeof(head)))
		return false;
	room = (head & ~(uint64_t)GLIBC_FLAGS) - 8;
	slack = head & GLIBC_MMAPPED ? MAPPED_SLACK_MAX : SLACK_MAX;
	return room >= bytes && room - bytes < slack;
}
