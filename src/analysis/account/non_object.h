/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory beyond the objects of a language runtime: why a process is so much bigger than the sum of
 * its objects. RSS less live objects, by cause; the causes add up.
 */
#ifndef ANALYSIS_ACCOUNT_NON_OBJECT_H
#define ANALYSIS_ACCOUNT_NON_OBJECT_H

#include "analysis/account/causes.h"

struct cause_row {
	enum cause cause;
	uint64_t bytes;     /* resident */
	const char *facts;  /* what was measured; bytes of the target; NULL: nothing else */
	const char *advice; /* what to do */
};

struct non_object {
	uint64_t objects_bytes;             /* live objects and their buffers, resident */
	uint64_t native_bytes;              /* live blocks that no object owns */
	struct amount beyond_bytes;         /* RSS less objects; absent if no runtime was read */
	struct amount beyond_permille;      /* of RSS */
	struct cause_row rows[CAUSE_COUNT]; /* largest first; those of 0 are left out */
	size_t n_rows;
};

/* Judges what was walked; the accounting is that of the snapshot after walk_apply. The arena owns
 * what rows say. */
void non_object_init(struct non_object *ret, const struct walk *d, const struct accounting *a,
		     struct arena *arena);

#endif
