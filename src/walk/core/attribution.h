/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The resident bytes of each region that walkers attributed to an owner and a line of the report.
 * They are sums without addresses, so ten million blocks take no more room than ten.
 */
#ifndef WALK_CORE_ATTRIBUTION_H
#define WALK_CORE_ATTRIBUTION_H

#include "base/index.h"
#include "model/snapshot/snapshot.h"
#include "proc/memsrc.h"
#include "walk/core/huge.h"
#include "walk/core/shares.h"

/* What walked bytes are. Reports list them in this order. */
enum walk_line {
	LINE_OBJECTS,      /* live objects of a runtime */
	LINE_BUFFERS,      /* memory that belongs to objects: dict keys, list items */
	LINE_NATIVE,       /* live blocks of an allocator that no object owns */
	LINE_RUNTIME_FREE, /* free in the allocator of a runtime */
	LINE_MALLOC_FREE,  /* free in an allocator: in its bins and caches, or never handed out */
	LINE_OVERHEAD,     /* headers, tables and padding of either */
	LINE_CODE,         /* machine code that a runtime compiled */
	LINE_STACK,        /* stacks that a runtime allocates for its threads */
	LINE_AGAIN,        /* mapped again, so that RSS counts it again */
	LINE_COUNT
};

struct walk_line_desc {
	const char *id;   /* stable */
	const char *word; /* follows the name of the owner: "objects" */
	const char *title;
	const char *help;
};

extern const struct walk_line_desc walk_line_descs[];

enum { ATTRIBUTION_SKEW = UINT32_MAX }; /* as region: the snapshot has no region there */

struct attribution {
	uint32_t region;         /* index into the regions of the snapshot */
	uint16_t owner;          /* index into the owners of the walk */
	uint8_t line;            /* enum walk_line */
	uint64_t bytes;          /* resident */
	struct part_pages pages; /* what they count in PSS, where shares are known */
};

/* Where bytes are: their region, and what each of them counts there. */
struct attribution_place {
	uint32_t region; /* or ATTRIBUTION_SKEW */
	struct part_pages rate;
};

struct attributions {
	const struct snapshot *snap; /* not owned */
	struct attribution *v;       /* in no order; owned */
	size_t n, cap;
	struct index index;
	uint32_t hot[LINE_COUNT]; /* index of the last one used, of each line */
	uint32_t hot_region;      /* region of the last address */
	struct huge_free huge;    /* free blocks in huge pages */
	struct shares *shares;    /* not owned; NULL: no PSS is counted */
};

void attributions_init(struct attributions *a, const struct snapshot *snap);
void attributions_release(struct attributions *a);

/*
 * Returns the region that holds addr, or ATTRIBUTION_SKEW. Fast if the last call returned it, too.
 */
uint32_t attributions_region(struct attributions *a, uint64_t addr);
/* Returns the place of bytes in [addr, end), which do not leave the region of addr. */
struct attribution_place attributions_place(struct attributions *a, uint64_t addr, uint64_t end);
/*
 * Returns the place of addr, and sets [*start, *end), which holds it, to addresses of the same
 * region whose pages count alike.
 */
struct attribution_place attributions_even_place(struct attributions *a, uint64_t addr,
						 uint64_t *ret_start, uint64_t *ret_end);
/* Adds bytes of a place to a line of an owner. */
void attributions_add(struct attributions *a, const struct attribution_place *at, uint16_t owner,
		      enum walk_line line, uint64_t bytes);
/* Adds all attributions of `from`, which is of the same snapshot. */
void attributions_merge(struct attributions *a, const struct attributions *from);

/*
 * Adds the resident bytes of [addr, addr + len), page by page, to a line of an owner. Returns them,
 * and adds the bytes in swap to *swapped if that is not NULL.
 */
uint64_t attributions_add_range(struct attributions *a, struct memsrc *m, uint16_t owner,
				enum walk_line line, uint64_t addr, uint64_t len,
				uint64_t *swapped);

/* Counts a free block of which the bytes were not added by attributions_add_range. */
static inline void attributions_free(struct attributions *a, uint64_t addr, uint64_t len)
{
	if (a->huge.map)
		huge_free_add(&a->huge, addr, len);
}

/*
 * Sorts by region, owner and line, reduces the sums of each region in proportion so that they do
 * not exceed its Rss, and drops what is in no region. Returns the bytes that were cut and dropped.
 */
uint64_t attributions_clamp(struct attributions *a);

#endif
