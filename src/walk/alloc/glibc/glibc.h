/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What other walkers use of glibc's malloc. Its heaps are walked when the first walker asks for
 * them: runtimes visit the live blocks, and at the end its own walker accounts for what that walk
 * found.
 */
#ifndef WALK_ALLOC_GLIBC_GLIBC_H
#define WALK_ALLOC_GLIBC_GLIBC_H

#include "walk/core/walk.h"

/* Walks every glibc malloc of the process, and adds them to the results. Returns 0 or -errno. */
int glibc_walk(struct walk *walk);
uint32_t glibc_applies(const struct walk *walk);
/* Frees what was found of the heaps. No walker may ask for them afterwards. */
void glibc_close(struct walk *walk);

/* Visits a live block: addr is what malloc returned, size is how many bytes the program may use. */
typedef void glibc_visit_fn(void *arg, uint64_t addr, uint64_t size);

/*
 * Calls fn for every live block of every glibc malloc in the process, but not for blocks that are
 * in a fastbin or tcache. Blocks with a mapping each come last. fn may read through walk->mem.
 * Returns 0 or -ENOENT.
 */
int glibc_live_blocks(struct walk *walk, glibc_visit_fn *fn, void *arg);

/*
 * Tells whether malloc returned this address for this many bytes, as far as the block's header
 * shows.
 */
bool glibc_is_block(struct memsrc *m, uint64_t addr, uint64_t bytes);

#endif
