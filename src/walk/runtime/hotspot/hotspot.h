/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Java virtual machine HotSpot: its heap by generation or kind of region, whichever of its
 * collectors is at work, its compiled code and what it keeps of classes.
 */
#ifndef WALK_RUNTIME_HOTSPOT_HOTSPOT_H
#define WALK_RUNTIME_HOTSPOT_HOTSPOT_H

#include "walk/core/runtime_walk.h"
#include "walk/image/images.h"
#include "walk/runtime/hotspot/vm.h"

enum hs_space {
	HS_EDEN,
	HS_SURVIVOR,
	HS_OLD,
	HS_HUMONGOUS,
	HS_ARCHIVE,
	HS_REGULAR,   /* in use, and no more is told */
	HS_COLLECTED, /* being evacuated */
	HS_TRASH,     /* evacuated, and not yet free */
	HS_FREE,      /* regions that hold nothing */
	HS_SMALL_PAGES,
	HS_MEDIUM_PAGES,
	HS_LARGE_PAGES,
	HS_CODE,
	HS_CLASS_SPACE,
	HS_METASPACE,
	HS_GC, /* what else it mapped for itself: tables of its collector, mostly */
	HS_STACKS,
	HS_SPACES
};

struct hotspot_collector;

/* Memory of the heap that may be used: live up to top. */
struct hs_range {
	uint64_t start, top, end;
	enum hs_space space;
};

/* A walk of one virtual machine. */
struct hotspot_walk {
	struct runtime_walk base;
	struct images images;
	struct hotspot_vm vm;
	uint16_t owner;
	const struct hotspot_collector *collector;
	uint64_t heap; /* address of the collector's heap object; 0: not found */
	uint64_t reserved_start, reserved_end; /* of the heap; 0: not told */
	struct hs_range *ranges;               /* owned */
	size_t n_ranges, cap_ranges;
	uint64_t broken; /* places that did not hold together */
	struct walk_space spaces[HS_SPACES];
	struct walk_space total;
	struct amount recounted; /* bytes of the heap that RSS counts more than once */
};

/* Adds a range; one that does not hold together counts as broken. */
void hotspot_add_range(struct hotspot_walk *h, enum hs_space space, uint64_t start, uint64_t top,
		       uint64_t end);

/*
 * Reads the heap of one collector into ranges. 0, or -EBADMSG if the object at `heap` is not what it
 * should be.
 */
int hotspot_read_serial(struct hotspot_walk *h, uint64_t heap);
int hotspot_read_parallel(struct hotspot_walk *h, uint64_t heap);
int hotspot_read_g1(struct hotspot_walk *h, uint64_t heap);
int hotspot_read_shenandoah(struct hotspot_walk *h, uint64_t heap);

/* ZGC maps its heap several times over, and accounts for it itself. */
int hotspot_read_z(struct hotspot_walk *h, uint64_t heap);

/* What is beside the heap: compiled code and the stacks of Java threads. */
void hotspot_read_code(struct hotspot_walk *h);
void hotspot_read_stacks(struct hotspot_walk *h);
/* And what the machine in file `file` mapped for itself: classes, tables of its collector. */
void hotspot_read_own(struct hotspot_walk *h, uint32_t file);

/*
 * Fills committed and live, of the heap and by space, from a block of counters that the machine
 * publishes. 0, -EBADMSG, or -ENODATA if it tells of no space. The others find the block, in memory,
 * and in the file that the machine has mapped; the latter appends to d->runtimes and needs no memory
 * of the process.
 */
int hotspot_take_counters(struct walk *d, struct walk_runtime *r, const uint8_t *block, size_t n);
int hotspot_counters_in_memory(struct hotspot_walk *h, struct walk_runtime *r);
int hotspot_counters_in_file(struct walk *d);

extern const struct runtime_walker hotspot_walker;
/* Returns the file of the machine's library, an index into the files of the snapshot; 0: none. */
uint32_t hotspot_module(const struct walk *d);

#endif
