/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Java virtual machine HotSpot: its heap by generation or kind of region, whichever collector
 * it uses, its compiled code and its metadata of classes.
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
	HS_REGULAR,   /* in use, of a kind that is not known */
	HS_COLLECTED, /* being evacuated */
	HS_TRASH,     /* evacuated, and not yet free */
	HS_FREE,      /* regions that hold nothing */
	HS_SMALL_PAGES,
	HS_MEDIUM_PAGES,
	HS_LARGE_PAGES,
	HS_CODE,
	HS_CLASS_SPACE,
	HS_METASPACE,
	HS_GC, /* other mappings of the machine: mostly tables of its collector */
	HS_STACKS,
	HS_SPACES
};

struct hotspot_collector;

/* A range of the heap that may be used; it is live up to top. */
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
	uint64_t reserved_start, reserved_end; /* of the heap; 0: not known */
	struct hs_range *ranges;               /* owned */
	size_t n_ranges, cap_ranges;
	uint64_t broken; /* places that did not hold together */
	struct walk_space spaces[HS_SPACES];
	struct walk_space total;
	struct amount recounted; /* bytes of the heap that RSS counts more than once */
};

/* Adds a range. Counts it as broken if it does not hold together. */
void hotspot_add_range(struct hotspot_walk *h, enum hs_space space, uint64_t start, uint64_t top,
		       uint64_t end);

/*
 * Read the heap of a collector into ranges. Return 0, or -EBADMSG if the object at `heap` is not
 * what it should be.
 */
int hotspot_read_serial(struct hotspot_walk *h, uint64_t heap);
int hotspot_read_parallel(struct hotspot_walk *h, uint64_t heap);
int hotspot_read_g1(struct hotspot_walk *h, uint64_t heap);
int hotspot_read_shenandoah(struct hotspot_walk *h, uint64_t heap);

/* Reads the heap of ZGC, which is mapped several times, and attributes it. */
int hotspot_read_z(struct hotspot_walk *h, uint64_t heap);

/* Read what is beside the heap: compiled code, and the stacks of Java threads. */
void hotspot_read_code(struct hotspot_walk *h);
void hotspot_read_stacks(struct hotspot_walk *h);
/* Reads what the machine in file `file` mapped for itself: classes, tables of its collector. */
void hotspot_read_own(struct hotspot_walk *h, uint32_t file);

/*
 * Fills in committed and live, of the heap and by space, from a block of counters that the machine
 * publishes. Returns 0, -EBADMSG, or -ENODATA if the block has no space.
 */
int hotspot_take_counters(struct walk *walk, struct walk_runtime *r, const uint8_t *block,
			  size_t n);
/* Finds the block in memory and takes it. Returns 0 or -errno. */
int hotspot_counters_in_memory(struct hotspot_walk *h, struct walk_runtime *r);
/* Appends a runtime with the counters in the file that the machine maps. Returns 0 or -errno. */
int hotspot_counters_in_file(struct walk *walk);

extern const struct runtime_walker hotspot_walker;
/* Returns the file of the machine's library, an index into the files of the snapshot; 0: none. */
uint32_t hotspot_module(const struct walk *walk);

#endif
