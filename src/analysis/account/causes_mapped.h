/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measures causes of mappings that no walker divides: images, files, stacks. Each function appends
 * as the member measure of struct cause_desc does.
 */
#ifndef ANALYSIS_ACCOUNT_CAUSES_MAPPED_H
#define ANALYSIS_ACCOUNT_CAUSES_MAPPED_H

#include "analysis/account/accounting.h"
#include "walk/core/walk.h"

/* What a cause is measured from. */
struct cause_input {
	const struct walk *walk;
	const struct accounting *accounting; /* of the snapshot after walk_apply */
	uint64_t bytes;                      /* resident bytes of this cause */
	struct amount private_bytes;         /* of these; absent: not known of all of them */
};

/* Adds how much is private, and what follows from it where that is clear. */
void measure_sharing(const struct cause_input *in, struct sbuf *facts, struct sbuf *advice);
/* Adds the extension packages that have most. */
void measure_extensions(const struct cause_input *in, struct sbuf *facts, struct sbuf *advice);
/* Adds the libraries that have most, and how much is private. */
void measure_libraries(const struct cause_input *in, struct sbuf *facts, struct sbuf *advice);
/* Adds the number of goroutines and of threads, and advice for those that have more. */
void measure_stacks(const struct cause_input *in, struct sbuf *facts, struct sbuf *advice);
/* Adds how much was written to, what follows from that, and the files that have most. */
void measure_files(const struct cause_input *in, struct sbuf *facts, struct sbuf *advice);
/* Adds the owners that have most of what is known only by its mapping. */
void measure_named(const struct cause_input *in, struct sbuf *facts, struct sbuf *advice);

/*
 * Names packages that may own blocks of plain data: these have no pointers, so the owner is not
 * certain.
 */
void cause_add_candidates(const struct cause_input *in, struct sbuf *facts);

#endif
