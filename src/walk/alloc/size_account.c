/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/alloc/size_account.h"

#include "base/alloc.h"

void size_account_init(struct size_account *account, struct walk *walk, const char *name)
{
	*account = (struct size_account){ .walk = walk,
					  .owner = walk_owner(walk, OWNER_ALLOCATOR, name) };
	attributions_init(&account->attributions, walk->snap);
	account->attributions.huge.map = walk->attributions.huge.map;
	account->attributions.shares = walk->attributions.shares;
}

void size_account_release(struct size_account *account)
{
	attributions_release(&account->attributions);
	free(account->arenas);
	live_sizes_release(&account->sizes);
}

struct walk_arena *size_account_add_arena(struct size_account *account, uint64_t address)
{
	account->arenas = xgrow(account->arenas, account->n_arenas, &account->cap_arenas,
				sizeof(*account->arenas));
	account->arenas[account->n_arenas] = (struct walk_arena){ .address = address };
	return &account->arenas[account->n_arenas++];
}

struct walk_arena *size_account_arena(struct size_account *account, uint64_t address)
{
	for (size_t i = 0; i < account->n_arenas; i++) {
		if (account->arenas[i].address == address)
			return &account->arenas[i];
	}
	return size_account_add_arena(account, address);
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
	bool large = size_account_is_large(account, run->block_bytes);

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

static void sum_states(struct walk_heap *sums, const struct size_account_run *run,
		       const struct tally *t)
{
	uint64_t bytes = run->block_bytes;

	sums->live_blocks += t->n[BLOCK_LIVE];
	sums->live_bytes += t->n[BLOCK_LIVE] * bytes;
	sums->free_blocks += t->n[BLOCK_FREE];
	sums->free_bytes += t->n[BLOCK_FREE] * bytes;
	sums->tcache_blocks += t->n[BLOCK_CACHED];
	sums->tcache_bytes += t->n[BLOCK_CACHED] * bytes;
	sums->overhead_bytes += run->end - run->start - run->n * bytes;
}

/* Attributes [start, end). Returns the bytes of it that are resident. */
static uint64_t attribute(struct size_account *account, uint16_t owner, enum walk_line line,
			  uint64_t start, uint64_t end, uint64_t *swapped)
{
	return start < end ? attributions_add_range(&account->attributions, account->walk->mem,
						    owner, line, start, end - start, swapped)
			   : 0;
}

uint64_t size_account_attribute_free(struct size_account *account, struct walk_heap *sums,
				     uint64_t start, uint64_t end)
{
	uint64_t swapped = 0;
	uint64_t resident = attribute(account, account->owner, LINE_MALLOC_FREE, start, end,
				      &swapped);

	account->swapped_bytes += swapped;
	sums->free_resident_bytes += resident;
	sums->free_absent_bytes += end - start - MIN(resident + swapped, end - start);
	return resident;
}

/* Attributes a run that is wholly resident and in one region, by its sums. */
static void attribute_whole(struct size_account *account, struct walk_heap *sums,
			    const struct size_account_run *run, const struct tally *t)
{
	struct attribution_place at = attributions_place(&account->attributions, run->start,
							 run->end);
	uint64_t bytes = run->block_bytes;

	attributions_add(&account->attributions, &at, account->owner, LINE_NATIVE,
			 t->n[BLOCK_LIVE] * bytes);
	attributions_add(&account->attributions, &at, account->owner, LINE_MALLOC_FREE,
			 (t->n[BLOCK_FREE] + t->n[BLOCK_CACHED]) * bytes);
	attributions_add(&account->attributions, &at, account->owner, LINE_OVERHEAD,
			 run->end - run->start - run->n * bytes);
	sums->free_resident_bytes += t->n[BLOCK_FREE] * bytes;
}

/* Who owns a block, and what it is. */
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
		(void)size_account_attribute_free(account, sums, start, end);
	else if (h->state != BLOCK_OTHER)
		(void)attribute(account, h->owner, h->line, start, end, &account->swapped_bytes);
}

/*
 * Attributes block by block, those together that have the same holder. Returns how many of them no
 * object owns.
 */
static uint32_t attribute_each(struct size_account *account, struct walk_heap *sums,
			       const struct size_account_run *run)
{
	uint64_t end = run->first + run->n * run->block_bytes, from = run->first;
	uint32_t native = 0;
	struct holder h = { 0 };

	(void)attribute(account, account->owner, LINE_OVERHEAD, run->start, run->first,
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
	(void)attribute(account, account->owner, LINE_OVERHEAD, end, run->end,
			&account->swapped_bytes);
	return native;
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
 * Tells whether [start, end) is mapped without a gap: a process may state any length. If not,
 * counts a break.
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
	uint64_t native;

	if (!is_mapped(account, run->start, run->end))
		return;
	t = count_states(account, run);
	sum_states(sums, run, &t);
	if (run->start == run->end)
		return;
	native = t.n[BLOCK_LIVE];
	walk_reserve(account->walk, run->start, run->end);
	if (!account->walk->n_owned && !t.n[BLOCK_OTHER] && is_whole(account, run))
		attribute_whole(account, sums, run, &t);
	else
		native = attribute_each(account, sums, run);
	live_sizes_count(&account->sizes, run->block_bytes, t.n[BLOCK_LIVE] - native, native);
}

void size_account_add_idle(struct size_account *account, struct walk_heap *sums, uint64_t start,
			   uint64_t end)
{
	if (!is_mapped(account, start, end))
		return;
	walk_reserve(account->walk, start, end);
	sums->free_bytes += end - start;
	sums->idle_bytes += end - start;
	sums->trimmable_bytes += size_account_attribute_free(account, sums, start, end);
}

void size_account_add_retained(struct size_account *account, struct walk_heap *sums, uint64_t start,
			       uint64_t end)
{
	uint64_t swapped = 0, resident, kept;

	if (!is_mapped(account, start, end))
		return;
	resident = attribute(account, account->owner, LINE_MALLOC_FREE, start, end, &swapped);
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
	(void)size_account_attribute_free(account, sums, start, end);
}

void size_account_add_overhead(struct size_account *account, struct walk_heap *sums, uint64_t start,
			       uint64_t end)
{
	if (!is_mapped(account, start, end))
		return;
	walk_reserve(account->walk, start, end);
	sums->overhead_bytes += end - start;
	(void)attribute(account, account->owner, LINE_OVERHEAD, start, end,
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

uint64_t size_account_unwalked(const struct size_account *account)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < account->n_arenas; i++)
		sum += account->arenas[i].sums.unwalked_bytes;
	return sum;
}
