/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk of an allocator: it is found, walked, walked once more if something did not hold, and
 * its account is added to the results. glibc, which may be there more than once and which runtimes
 * ask for blocks, is walked by its own walker; its accounts are added here as well.
 */
#ifndef WALK_ALLOC_ALLOCATOR_WALK_H
#define WALK_ALLOC_ALLOCATOR_WALK_H

#include "walk/alloc/size_account.h"
#include "walk/core/walker.h"

/* How an allocator is walked. */
struct allocator_walker {
	/*
	 * Finds and walks it: fills the account, with file and version. Returns 0, -ENOENT if it is
	 * not found, -ENOTSUP if there is one that it does not know.
	 */
	int (*walk)(struct size_account *account);
	enum reason not_found, not_known; /* why it was not read, then */
};

/*
 * Walks the allocator of a row, and once more if something did not hold, which is mostly because
 * the process was at work just then. Adds the better result to the walk; if there is none, adds why
 * it was not read, unless the allocator was only looked for. Returns 0 or what the walker returned.
 */
int allocator_walk(struct walk *walk, const struct walker *row);

/*
 * Adds an account to the results of its walk. Returns the allocator, which is valid until the next
 * is added.
 */
struct walk_allocator *allocator_report(struct size_account *account, const char *name);

#endif
