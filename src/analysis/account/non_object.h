/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Non-object memory: RSS less the live objects of a language runtime, by cause. Explains why a
 * process is larger than the sum of its objects; the causes add up.
 */
#ifndef ANALYSIS_ACCOUNT_NON_OBJECT_H
#define ANALYSIS_ACCOUNT_NON_OBJECT_H

#include "analysis/account/causes.h"

struct cause_row {
	enum cause cause;
	uint64_t bytes;     /* resident */
	const char *facts;  /* what was measured, not yet cleaned; NULL: only the bytes */
	const char *advice; /* what to do about it; NULL: nothing, or too few bytes */
};

struct non_object {
	/* Live objects and their buffers, resident. Absent unless all runtimes were walked. */
	struct amount objects_bytes;
	/*
	 * Live blocks that no object owns. Absent unless allocators were walked, all of them, and
	 * all runtimes, whose objects may own blocks.
	 */
	struct amount native_bytes;
	struct amount beyond_bytes;         /* RSS less objects; absent as objects_bytes is */
	struct amount beyond_permille;      /* of RSS */
	struct cause_row rows[CAUSE_COUNT]; /* largest first; causes of 0 bytes are left out */
	size_t n_rows;
};

/*
 * Finds the causes of non-object memory from a walk and the accounting of its snapshot after
 * walk_apply. The texts of the rows are owned by the arena.
 */
void non_object_init(struct non_object *ret, const struct walk *walk, const struct accounting *a,
		     struct arena *arena);

#endif
