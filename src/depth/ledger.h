/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The account of an allocator whose blocks lie in runs, each of one size: what its walker found is
 * summed up, counted by size and claimed here. All of them but glibc's are made so.
 */
#ifndef DEPTH_LEDGER_H
#define DEPTH_LEDGER_H

#include "depth/depth.h"

enum ledger_state {
	BLOCK_FREE,
	BLOCK_LIVE,
	BLOCK_CACHED, /* free, in the cache of a thread */
	BLOCK_OTHER,  /* holds another run, which is accounted for itself */
};

/* Blocks one behind another. Of [start, end), what is in no block is overhead. */
struct ledger_run {
	uint64_t start, end;
	uint64_t first; /* the first block */
	uint64_t block_bytes;
	uint32_t n;
	const uint8_t *states; /* enum ledger_state of each; NULL: all are live */
};

struct ledger {
	struct depth *d; /* not owned */
	uint16_t owner;
	struct claims claims;
	struct depth_allocator out; /* but for name, module, arenas and total */
	struct depth_arena *arenas; /* owned */
	size_t n_arenas, cap_arenas;
	uint64_t swapped_bytes;
};

/* name is that of the owner of its claims. The caller releases it. */
void ledger_init(struct ledger *l, struct depth *d, const char *name);
void ledger_release(struct ledger *l);

/* The arena of this address, added when new; valid until the next is added. */
struct depth_arena *ledger_arena(struct ledger *l, uint64_t address);

void ledger_add_run(struct ledger *l, struct depth_heap *sums, const struct ledger_run *run);
/* Whole pages without a block, which the allocator has back: free, and idle. */
void ledger_add_idle(struct ledger *l, struct depth_heap *sums, uint64_t start, uint64_t end);
/* Memory at the end that was never handed out. */
void ledger_add_top(struct ledger *l, struct depth_heap *sums, uint64_t start, uint64_t end);
/* Tables and headers. */
void ledger_add_overhead(struct ledger *l, struct depth_heap *sums, uint64_t start, uint64_t end);
/* What should hold and does not; it is not claimed. */
void ledger_add_unwalked(struct ledger *l, struct depth_heap *sums, uint64_t start, uint64_t end);

/* Bytes of all arenas that were not walked. */
uint64_t ledger_unwalked_bytes(const struct ledger *l);

/* Adds the allocator to the results of its depth, of a file (0: not told) and a version or NULL. */
void ledger_publish(struct ledger *l, const char *name, uint32_t file, const char *version);

#endif
