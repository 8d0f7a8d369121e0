/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which resident bytes of which region a walker accounted for, and as what. Sums only: no ranges are
 * kept, so that ten million blocks take no more room than ten.
 */
#ifndef WALK_CORE_ATTRIBUTION_H
#define WALK_CORE_ATTRIBUTION_H

#include "base/index.h"
#include "model/snapshot/snapshot.h"
#include "proc/memsrc.h"
#include "walk/core/huge.h"

/* What walked bytes are; the order is that of every report. */
enum walk_line {
	LINE_OBJECTS,      /* live objects of a runtime */
	LINE_BUFFERS,      /* what belongs to them and is none: dict keys, list items */
	LINE_NATIVE,       /* live blocks of an allocator that no object owns */
	LINE_RUNTIME_FREE, /* free in a runtime's own allocator */
	LINE_MALLOC_FREE,  /* free in an allocator: in its bins and caches, or never handed out */
	LINE_OVERHEAD,     /* headers, tables and padding of either */
	LINE_CODE,         /* that a runtime compiled */
	LINE_STACK,        /* stacks that a runtime gives its own threads */
	LINE_AGAIN,        /* mapped more than once, and counted so by RSS */
	LINE_COUNT
};

struct walk_line_desc {
	const char *id;   /* stable */
	const char *word; /* behind the name of whose it is: "objects" */
	const char *title;
	const char *help;
};

extern const struct walk_line_desc walk_line_descs[LINE_COUNT];

enum { ATTRIBUTION_SKEW = UINT32_MAX }; /* as region: the bytes are on none that the snapshot has */

struct attribution {
	uint32_t region; /* index into the snapshot's regions */
	uint16_t owner;  /* index into the owners of depth */
	uint8_t line;    /* enum walk_line */
	uint64_t bytes;  /* resident */
};

struct attributions {
	const struct snapshot *snap; /* not owned */
	struct attribution *v;       /* in no order; owned */
	size_t n, cap;
	struct index index;
	uint32_t hot[LINE_COUNT]; /* last one used of each line, below n */
	uint32_t hot_region;      /* of the last address */
	struct huge_free huge;    /* free blocks in huge pages */
};

void attributions_init(struct attributions *c, const struct snapshot *snap);
void attributions_release(struct attributions *c);

/* The region that holds addr, or CLAIM_SKEW; fast when it is that of the last call. */
uint32_t attributions_region(struct attributions *c, uint64_t addr);
/* Adds bytes of a region to a line; attributions_take subtracts, not below 0. */
void attributions_add(struct attributions *c, uint32_t region, uint16_t owner, enum walk_line line,
		      uint64_t bytes);
void attributions_sub(struct attributions *c, uint32_t region, uint16_t owner, enum walk_line line,
		      uint64_t bytes);
/* Adds all claims of another table over the same snapshot. */
void attributions_merge(struct attributions *c, const struct attributions *from);

/*
 * Claims the resident bytes of [addr, addr + len), page by page; what is swapped or absent is not
 * claimed. Returns the resident bytes, and adds what is in swap to *swapped if that is not NULL.
 */
uint64_t attributions_add_range(struct attributions *c, struct memsrc *m, uint16_t owner,
				enum walk_line line, uint64_t addr, uint64_t len,
				uint64_t *swapped);

/* Counts a free block that was not claimed by its range. */
static inline void attributions_free(struct attributions *c, uint64_t addr, uint64_t len)
{
	if (c->huge.map)
		huge_free_add(&c->huge, addr, len);
}

/*
 * Sorts the claims by region, owner and line, cuts those of each region to its Rss in proportion,
 * and drops what is on no region. Returns the bytes cut and dropped: the skew.
 */
uint64_t attributions_clamp(struct attributions *c);

#endif
