/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What HotSpot says of its own data: tables of fields, types and flags that libjvm exports for the
 * serviceability agent, even when stripped. There is no table of versions here: only names of
 * fields vary, and each is looked up under all the names it has had.
 *
 * Source: HotSpot runtime/vmStructs.hpp and vmStructs.cpp, gc/NAME/vmStructs_NAME.hpp, JDK 8 to 25.
 */
#ifndef WALK_RUNTIME_HOTSPOT_VM_H
#define WALK_RUNTIME_HOTSPOT_VM_H

#include "walk/image/images.h"

enum hs_field {
	HS_HEAP, /* static: the CollectedHeap */
	HS_RESERVED,
	HS_MEM_START,
	HS_MEM_WORDS,
	/* Serial */
	HS_YOUNG_GEN,
	HS_OLD_GEN,
	HS_GENS,
	HS_YOUNG_EDEN,
	HS_YOUNG_FROM,
	HS_YOUNG_TO,
	HS_TENURED_SPACE,
	HS_SPACE_BOTTOM,
	HS_SPACE_TOP,
	HS_SPACE_END,
	/* Parallel */
	HS_PS_YOUNG,
	HS_PS_OLD,
	HS_PS_EDEN,
	HS_PS_FROM,
	HS_PS_TO,
	HS_PS_OLD_SPACE,
	HS_MUTABLE_BOTTOM,
	HS_MUTABLE_TOP,
	HS_MUTABLE_END,
	/* G1 */
	HS_G1_REGIONS, /* HeapRegionManager in the heap, and the table in it */
	HS_G1_TABLE,
	HS_TABLE_BASE,
	HS_TABLE_LENGTH,
	HS_REGION_BOTTOM,
	HS_REGION_TOP,
	HS_REGION_END,
	HS_REGION_TYPE,
	HS_TYPE_TAG,
	/* Shenandoah */
	HS_SH_COUNT,
	HS_SH_REGIONS,
	HS_SH_BOTTOM,
	HS_SH_TOP,
	HS_SH_END,
	HS_SH_STATE,
	/* ZGC */
	HS_Z_GLOBALS,
	HS_Z_OFFSET_MASK,
	HS_Z_HEAP,
	HS_Z_ALLOCATOR,
	HS_Z_CAPACITY,
	HS_Z_USED,
	HS_Z_PARTITIONS,
	HS_Z_NUMA_COUNT,
	HS_Z_PARTITION_ADDR,
	HS_Z_PARTITION_CAPACITY,
	HS_Z_PARTITION_USED,
	HS_Z_TABLE,
	HS_Z_TABLE_MAP,
	HS_Z_GRANULES,
	HS_Z_PAGE_TYPE,
	HS_Z_PAGE_VIRTUAL,
	HS_Z_VIRTUAL_START,
	HS_Z_VIRTUAL_END,
	HS_Z_VIRTUAL_SIZE,
	/* Code */
	HS_CODE_HEAPS,
	HS_CODE_HEAP,
	HS_CODE_MEMORY,
	HS_CODE_SEGMAP,
	HS_CODE_SHIFT,
	HS_VIRTUAL_LOW,
	HS_VIRTUAL_HIGH,
	HS_VIRTUAL_LOW_BOUNDARY,
	HS_VIRTUAL_HIGH_BOUNDARY,
	HS_ARRAY_LEN,
	HS_ARRAY_DATA,
	/* Classes */
	HS_LOADERS,
	HS_LOADER_NEXT,
	HS_LOADER_KLASSES,
	HS_KLASS_NEXT,
	HS_KLASS_CONSTANTS,
	/* Threads */
	HS_THREADS,
	HS_THREADS_LENGTH,
	HS_THREADS_LIST,
	HS_STACK_BASE,
	HS_STACK_SIZE,
	/* Flags and version */
	HS_FLAGS,
	HS_FLAGS_COUNT,
	HS_FLAG_NAME,
	HS_FLAG_ADDR,
	HS_VERSION_MAJOR,
	HS_VERSION_MINOR,
	HS_VERSION_SECURITY,
	/* Counters */
	HS_PERF_START,
	HS_PERF_TOP,
	HS_BARRIER_SET,
	HS_CARD_TABLE,
	HS_CARDS,
	HS_CARDS_BYTES,
	HS_FIELDS
};

enum hs_type {
	HS_SIZE_FLAG,
	HS_SIZE_HEAP_G1,
	HS_SIZE_HEAP_SHENANDOAH,
	HS_SIZE_HEAP_PARALLEL,
	HS_TYPES
};

/* Values of enumerations. */
enum hs_constant {
	HS_TAG_EDEN,
	HS_TAG_SURVIVOR,
	HS_TAG_HUMONGOUS, /* a mask */
	HS_TAG_OLD,       /* a mask */
	HS_TAG_ARCHIVE,   /* a mask; before 20 */
	HS_CONSTANTS
};

#define HS_NONE UINT64_MAX

enum { HS_TEXT_MAX = 80 }; /* of names, with the NUL */

struct hotspot_vm {
	struct walk *walk;
	struct images *im;
	uint64_t fields[HS_FIELDS];  /* an offset, or the address of a static one; HS_NONE */
	uint64_t old_z[HS_FIELDS];   /* those of the older ZGC, where there are two: JDK 21 to 23 */
	uint64_t sizes[HS_TYPES];    /* 0: there is no such type */
	int constants[HS_CONSTANTS]; /* 0: there is no such constant */
	size_t n_fields;             /* how many the tables have */
};

/*
 * Reads the tables of the libjvm that is file `file`. Returns 0, -ENOENT if it exports none, or
 * -EBADMSG if they do not hold together.
 */
int hotspot_vm_read(struct hotspot_vm *ret, struct images *im, uint32_t file);

/* Tells whether the tables have a field. */
static inline bool hs_has(const struct hotspot_vm *vm, enum hs_field f)
{
	return vm->fields[f] != HS_NONE;
}

/* Switches to the fields of the older ZGC. Returns false if there is only one ZGC. */
bool hs_use_old_z(struct hotspot_vm *vm);

/* Reads the word in a field of the object at addr; addr is 0 for a static field. */
bool hs_word(const struct hotspot_vm *vm, uint64_t addr, enum hs_field f, uint64_t *ret);
/* Reads the 32 bits in a field likewise. */
bool hs_half(const struct hotspot_vm *vm, uint64_t addr, enum hs_field f, uint32_t *ret);

/*
 * Reads the words in n (at most 8) fields of one object, which lies far from other objects. The
 * upper bits of a smaller field are those of what follows it.
 */
bool hs_words(const struct hotspot_vm *vm, uint64_t addr, const enum hs_field *fields, size_t n,
	      uint64_t *ret);

/* Returns which of these flags (at most 32) are there and true: bit i for names[i]. */
unsigned int hs_flags(const struct hotspot_vm *vm, const char *const *names, size_t n);

#endif
