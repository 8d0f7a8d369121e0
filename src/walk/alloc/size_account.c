/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/alloc/size_account.h"

#include <errno.h>

#include "base/alloc.h"
#include "walk/image/libraries.h"

enum { EXACT_MAX = 32 << 10 }; /* larger blocks are counted by powers of two */

struct walk_arena *size_account_arena(struct size_account *account, uint64_t address)
{
	for (size_t i = 0; i < account->n_arenas; i++) {
		if (account->arenas[i].address == address)
			return &account->arenas[i];
	}
	account->arenas = xgrow(account->arenas, account->n_arenas, &account->cap_arenas,
				sizeof(*account->arenas));
	account->arenas[account->n_arenas] = (struct walk_arena){ .address = address };
	return &account->arenas[account->n_arenas++];
}

static uint64_t class_bound(uint64_t bytes)
{
	if (bytes <= EXACT_MAX || bytes > UINT64_C(1) << 62)
		return bytes;
	return UINT64_C(1) << (64 - __builtin_clzll(bytes - 1));
}

static void count_class(struct walk_allocator *out, uint64_t bytes, uint64_t n)
{
	uint64_t bound = class_bound(bytes);
	struct walk_size_class *c = out->classes;
	size_t i = 0;

	while (i < out->n_classes && c[i].max_bytes < bound)
		i++;
	if (i == out->n_classes || c[i].max_bytes != bound) {
		if (out->n_classes < WALK_CLASSES) {
			memmove(c + i + 1, c + i, (out->n_classes - i) * sizeof(*c));
			out->n_classes++;
			c[i] = (struct walk_size_class){ .max_bytes = bound };
		} else if (i == out->n_classes) {
			c[--i].max_bytes = bound;
		}
	}
	c[i].blocks += n;
	c[i].bytes += bytes * n;
}

/* Large blocks, which are of any size, need not all find room. */
static void count_native(struct size_account *account, uint64_t bytes, uint64_t n)
{
	size_t i = 0;

	account->out.native_blocks += n;
	account->out.native_bytes += n * bytes;
	while (i < account->n_sizes && account->sizes[i].bytes != bytes)
		i++;
	if (i == SIZE_ACCOUNT_SIZES || n == 0)
		return;
	if (i == account->n_sizes)
		account->sizes[account->n_sizes++] = (struct walk_size){ .bytes = bytes };
	account->sizes[i].blocks += n;
}

static bool is_large(const struct walk_allocator *out, uint64_t bytes)
{
	return out->n_largest < WALK_LARGEST || bytes > out->largest[WALK_LARGEST - 1].bytes;
}

static enum size_account_state state_of(const struct size_account_run *run, uint32_t i)
{
	return run->states ? (enum size_account_state)run->states[i] : BLOCK_LIVE;
}

/* Blocks of a run by their state. */
struct tally {
	uint64_t n[BLOCK_OTHER + 1];
};

static struct tally count_states(struct size_account *account, const struct size_account_run *run)
{
	struct tally t = { { 0 } };
	bool large = is_large(&account->out, run->block_bytes);

	for (uint32_t i = 0; i < run->n; i++) {
		enum size_account_state state = state_of(run, i);

		t.n[state]++;
		if (large && state == BLOCK_LIVE)
			walk_record_block(&account->out,
					  (struct walk_block){ run->first + i * run->block_bytes,
							       run->block_bytes });
	}
	return t;
}

static void sum_states(struct size_account *account, struct walk_heap *sums,
		       const struct size_account_run *run, const struct tally *t)
{
	uint64_t bytes = run->block_bytes;

	sums->live_blocks += t->n[BLOCK_LIVE];
	sums->live_bytes += t->n[BLOCK_LIVE] * bytes;
	sums->free_blocks += t->n[BLOCK_FREE];
	sums->free_bytes += t->n[BLOCK_FREE] * bytes;
	sums->tcache_blocks += t->n[BLOCK_CACHED];
	sums->tcache_bytes += t->n[BLOCK_CACHED] * bytes;
	sums->overhead_bytes += run->end - run->start - run->n * bytes;
	if (t->n[BLOCK_LIVE])
		count_class(&account->out, bytes, t->n[BLOCK_LIVE]);
}

/* Claims [start, end), returns what of it is resident. */
static uint64_t attribution(struct size_account *account, uint16_t owner, enum walk_line line,
			    uint64_t start, uint64_t end, uint64_t *swapped)
{
	return start < end ? attributions_add_range(&account->attributions, account->walk->mem,
						    owner, line, start, end - start, swapped)
			   : 0;
}

/* Claims memory that is free, and counts what is behind it. */
static uint64_t attribute_free(struct size_account *account, struct walk_heap *sums, uint64_t start,
			       uint64_t end)
{
	uint64_t swapped = 0;
	uint64_t resident = attribution(account, account->owner, LINE_MALLOC_FREE, start, end,
					&swapped);

	account->swapped_bytes += swapped;
	sums->free_resident_bytes += resident;
	sums->free_absent_bytes += end - start - MIN(resident + swapped, end - start);
	return resident;
}

/* All of it is resident and of one region: sums will do. */
static void attribute_whole(struct size_account *account, struct walk_heap *sums,
			    const struct size_account_run *run, const struct tally *t)
{
	uint32_t region = attributions_region(&account->attributions, run->start);
	uint64_t bytes = run->block_bytes;

	attributions_add(&account->attributions, region, account->owner, LINE_NATIVE,
			 t->n[BLOCK_LIVE] * bytes);
	attributions_add(&account->attributions, region, account->owner, LINE_MALLOC_FREE,
			 (t->n[BLOCK_FREE] + t->n[BLOCK_CACHED]) * bytes);
	attributions_add(&account->attributions, region, account->owner, LINE_OVERHEAD,
			 run->end - run->start - run->n * bytes);
	sums->free_resident_bytes += t->n[BLOCK_FREE] * bytes;
}

/* Who has a block, and as what. */
struct holder {
	enum size_account_state state;
	uint16_t owner;
	enum walk_line line;
};

static struct holder holder_of(struct size_account *account, const struct size_account_run *run,
			       uint32_t i)
{
	uint64_t addr = run->first + i * run->block_bytes;
	struct holder h = { state_of(run, i), account->owner, LINE_MALLOC_FREE };
	const struct walk_owned *owned;

	if (h.state != BLOCK_LIVE)
		return h;
	h.line = LINE_NATIVE;
	if (walk_owner_of(account->walk, addr, addr + run->block_bytes, &owned)) {
		h.owner = owned->owner;
		h.line = (enum walk_line)owned->line;
	}
	return h;
}

static void attribute_blocks(struct size_account *account, struct walk_heap *sums,
			     const struct holder *h, uint64_t start, uint64_t end)
{
	if (h->state == BLOCK_FREE)
		(void)attribute_free(account, sums, start, end);
	else if (h->state != BLOCK_OTHER)
		(void)attribution(account, h->owner, h->line, start, end, &account->swapped_bytes);
}

/* Claims block by block, those together that have the same holder. */
static void attribute_each(struct size_account *account, struct walk_heap *sums,
			   const struct size_account_run *run)
{
	uint64_t end = run->first + run->n * run->block_bytes, from = run->first;
	uint64_t native = 0;
	struct holder h = { 0 };

	(void)attribution(account, account->owner, LINE_OVERHEAD, run->start, run->first,
			  &account->swapped_bytes);
	for (uint32_t i = 0; i < run->n; i++) {
		uint64_t addr = run->first + i * run->block_bytes;
		struct holder next = holder_of(account, run, i);

		native += next.line == LINE_NATIVE;
		if (next.state != h.state || next.owner != h.owner || next.line != h.line) {
			if (i)
				attribute_blocks(account, sums, &h, from, addr);
			h = next;
			from = addr;
		}
	}
	if (run->n)
		attribute_blocks(account, sums, &h, from, end);
	(void)attribution(account, account->owner, LINE_OVERHEAD, end, run->end,
			  &account->swapped_bytes);
	count_native(account, run->block_bytes, native);
}

static bool is_whole(struct size_account *account, const struct size_account_run *run)
{
	struct mem_presence p;

	return attributions_region(&account->attributions, run->start) ==
		       attributions_region(&account->attributions, run->end - 1) &&
	       memsrc_presence(account->walk->mem, run->start, run->end, &p) &&
	       p.resident_bytes == run->end - run->start;
}

/*
 * Whether [start, end) is mapped from end to end: what a process says may be of any length. If not,
 * that is a place where its structure does not hold.
 */
static bool is_mapped(struct size_account *account, uint64_t start, uint64_t end)
{
	const struct memsrc *m = account->walk->mem;
	const struct mem_map *map = memsrc_map_from(m, start), *behind = m->maps + m->n_maps;
	uint64_t at = start;

	for (; map && map < behind && map->start <= at && at < end; map++)
		at = map->end;
	if (start <= end && at >= end)
		return true;
	account->out.breaks++;
	return false;
}

void size_account_add_run(struct size_account *account, struct walk_heap *sums,
			  const struct size_account_run *run)
{
	struct tally t;

	if (!is_mapped(account, run->start, run->end))
		return;
	t = count_states(account, run);
	sum_states(account, sums, run, &t);
	if (run->start == run->end)
		return;
	walk_reserve(account->walk, run->start, run->end);
	if (!account->walk->n_owned && !t.n[BLOCK_OTHER] && is_whole(account, run)) {
		attribute_whole(account, sums, run, &t);
		count_native(account, run->block_bytes, t.n[BLOCK_LIVE]);
	} else {
		attribute_each(account, sums, run);
	}
}

void size_account_add_idle(struct size_account *account, struct walk_heap *sums, uint64_t start,
			   uint64_t end)
{
	if (!is_mapped(account, start, end))
		return;
	walk_reserve(account->walk, start, end);
	sums->free_bytes += end - start;
	sums->idle_bytes += end - start;
	sums->trimmable_bytes += attribute_free(account, sums, start, end);
}

void size_account_add_retained(struct size_account *account, struct walk_heap *sums, uint64_t start,
			       uint64_t end)
{
	uint64_t swapped = 0, resident, kept;

	if (!is_mapped(account, start, end))
		return;
	resident = attribution(account, account->owner, LINE_MALLOC_FREE, start, end, &swapped);
	kept = MIN(resident + swapped, end - start);
	walk_reserve(account->walk, start, end);
	account->swapped_bytes += swapped;
	sums->free_bytes += kept;
	sums->idle_bytes += kept;
	sums->free_resident_bytes += resident;
	sums->trimmable_bytes += resident;
	sums->retained_bytes += end - start - kept;
}

void size_account_add_top(struct size_account *account, struct walk_heap *sums, uint64_t start,
			  uint64_t end)
{
	if (!is_mapped(account, start, end))
		return;
	sums->top_bytes += end - start;
	(void)attribute_free(account, sums, start, end);
}

void size_account_add_overhead(struct size_account *account, struct walk_heap *sums, uint64_t start,
			       uint64_t end)
{
	if (!is_mapped(account, start, end))
		return;
	walk_reserve(account->walk, start, end);
	sums->overhead_bytes += end - start;
	(void)attribution(account, account->owner, LINE_OVERHEAD, start, end,
			  &account->swapped_bytes);
}

void size_account_add_unwalked(struct size_account *account, struct walk_heap *sums, uint64_t start,
			       uint64_t end)
{
	struct mem_presence p;

	if (!is_mapped(account, start, end))
		return;
	account->out.breaks++;
	sums->unwalked_bytes += end - start;
	if (memsrc_presence(account->walk->mem, start, end, &p))
		account->swapped_bytes += p.swapped_bytes;
}

static uint64_t unwalked_bytes(const struct size_account *account)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < account->n_arenas; i++)
		sum += account->arenas[i].sums.unwalked_bytes;
	return sum;
}

static void release(struct size_account *account)
{
	attributions_release(&account->attributions);
	free(account->arenas);
}

static void publish(struct size_account *account, const char *name)
{
	struct walk_allocator *out = walk_add_allocator(account->walk, name, account->file);
	const char *module = out->module;

	*out = account->out;
	out->name = name;
	out->module = module;
	out->version = account->version;
	out->n_arenas = account->n_arenas;
	out->arenas = arena_array(&account->walk->arena, account->n_arenas, struct walk_arena);
	for (size_t i = 0; i < account->n_arenas; i++) {
		struct walk_heap *s = &account->arenas[i].sums;

		s->system_bytes = s->live_bytes + s->free_bytes + s->top_bytes + s->tcache_bytes +
				  s->overhead_bytes + s->unwalked_bytes;
		out->arenas[i] = account->arenas[i];
		walk_heap_add(&out->total, s);
	}
	for (size_t i = 0; i < account->n_sizes; i++)
		walk_record_size(out, account->sizes[i]);
	out->complete = out->breaks == 0 && out->total.unwalked_bytes == 0 &&
			!memsrc_is_over(account->walk->mem);
	attributions_merge(&account->walk->attributions, &account->attributions);
	account->walk->swapped_unread_bytes += account->swapped_bytes;
}

static int walk_once(struct walk *walk, const struct walker *row, struct size_account *ret)
{
	int status;

	*ret = (struct size_account){ .walk = walk,
				      .owner = walk_owner(walk, OWNER_ALLOCATOR, row->name) };
	attributions_init(&ret->attributions, walk->snap);
	ret->attributions.huge.map = walk->attributions.huge.map;
	status = row->account->walk(ret);
	if (status < 0)
		release(ret);
	return status;
}

static bool is_better(const struct size_account *account, const struct size_account *than)
{
	uint64_t a = unwalked_bytes(account), b = unwalked_bytes(than);

	return a < b || (a == b && account->out.breaks <= than->out.breaks);
}

/* Says why it was not read, and which release it is. */
static void refuse(struct walk *walk, const struct walker *row, uint32_t library, const char *why)
{
	const char *release = library ? library_release(walk, library) : NULL;
	struct walk_allocator *a = walk_add_allocator(walk, row->name, library);

	a->version = release;
	a->unread = release ? arena_printf(&walk->arena, "%s (it is %s)", why, release) : why;
}

int size_account_walk(struct walk *walk, const struct walker *row)
{
	const struct size_account_walker *how = row->account;
	uint32_t library = walker_module(row, walk);
	struct size_account first, again;
	int status = walk_once(walk, row, &first);
	bool held = status == 0 ? first.out.breaks == 0 : status == -ENOENT && !library;

	if (!held && !memsrc_is_over(walk->mem) && memsrc_refresh(walk->mem) == 0 &&
	    walk_once(walk, row, &again) == 0) {
		if (status < 0) {
			first = again;
		} else if (is_better(&again, &first)) {
			release(&first);
			first = again;
		} else {
			release(&again);
		}
		first.out.retries = 1;
		status = 0;
	}
	if (status == -ENOTSUP || (status < 0 && library))
		refuse(walk, row, library, status == -ENOTSUP ? how->not_known : how->not_found);
	if (status < 0)
		return status;
	publish(&first, row->name);
	release(&first);
	return 0;
}
