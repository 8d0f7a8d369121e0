/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * malloc of glibc, for others: its heaps are walked when the first asks for them. Runtimes visit the
 * live blocks, and the walker makes the account of what the walk found at the end.
 */
#ifndef WALK_ALLOC_GLIBC_GLIBC_H
#define WALK_ALLOC_GLIBC_GLIBC_H

#include "walk/core/walk.h"

/* The walker. */
int glibc_walk(struct walk *walk);
uint32_t glibc_applies(const struct walk *walk);
/* Frees what was found of the heaps: nobody asks any more. */
void glibc_close(struct walk *walk);

/* A live block: addr is what malloc returned, size what may be used of it. */
typedef void glibc_visit_fn(void *arg, uint64_t addr, uint64_t size);

/*
 * Calls fn for every live block of every glibc malloc in the process: not for blocks that are free,
 * in a fastbin or in a tcache. Blocks with a mapping each come last. fn may read through d->mem.
 * 0, or -ENOENT.
 */
int glibc_live_blocks(struct walk *walk, glibc_visit_fn *fn, void *arg);

/* Returns whether malloc returned this address for this many bytes, as far as its header tells. */
bool glibc_is_block(struct memsrc *m, uint64_t addr, uint64_t bytes);

#endif
