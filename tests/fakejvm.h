/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Java virtual machine made by hand: a libjvm with dynamic symbols and the tables of fields,
 * types, constants and flags that they refer to, with the names of a release; and a heap. Written
 * from HotSpot's vmStructs, not from our reader of it.
 */
#ifndef TESTS_FAKEJVM_H
#define TESTS_FAKEJVM_H

#include <elf.h>

#include "fakemem.h"
#include "snap.h"
#include "walk/core/runtime_heap.h"
#include "walk/walkers.h"

#define JVM_IMAGE UINT64_C(0x7f1000000000)
#define JVM_DATA (JVM_IMAGE + 0x100000)      /* tables and static fields */
#define JVM_OBJECTS UINT64_C(0x7f0000000000) /* of the machine itself: an arena of malloc */
#define JVM_HEAP UINT64_C(0xe7000000)
#define JVM_AREA UINT64_C(0x7e0000000000) /* more mappings of the JVM itself, see jvm_init */
#define JVM_HEAP_BYTES MIB(16)

enum {
	JVM_STRIDE = 56, /* of the tables' entries; no release has this one */
	JVM_FIELDS_MAX = 160,
	JVM_SYMBOLS_MAX = 32,
	JVM_FLAG_BYTES = 40,
	JVM_21 = 3, /* among the releases */
};

struct jvm_release {
	const char *name, *version;
	int major, minor, security;                         /* security -1: JDK 8 has none */
	const char *flag;                                   /* the type of flags */
	const char *region, *region_space, *manager, *type; /* of G1; space: of bottom and end */
	const char *space, *mutable_space;                  /* that have bottom and end */
	const char *serial; /* that has the generations; NULL: an array has */
	bool sysv_hash;
};

static const struct jvm_release jvm_releases[] = {
	{ "8", "8u392", 25, 392, -1, "Flag", NULL, "Space", "HeapRegionManager", NULL, "Space",
	  "ImmutableSpace", NULL, true },
	{ "11", "11.0.21", 11, 0, 21, "JVMFlag", "HeapRegion", "Space", "HeapRegionManager",
	  "HeapRegionType", "Space", "ImmutableSpace", "GenCollectedHeap", false },
	{ "17", "17.0.9", 17, 0, 9, "JVMFlag", "HeapRegion", "HeapRegion", "HeapRegionManager",
	  "HeapRegionType", "Space", "MutableSpace", "GenCollectedHeap", false },
	{ "21", "21.0.2", 21, 0, 2, "JVMFlag", "HeapRegion", "HeapRegion", "HeapRegionManager",
	  "HeapRegionType", "Space", "MutableSpace", "SerialHeap", false },
	{ "25", "25.0.1", 25, 0, 1, "JVMFlag", "G1HeapRegion", "G1HeapRegion",
	  "G1HeapRegionManager", "G1HeapRegionType", "ContiguousSpace", "MutableSpace",
	  "SerialHeap", false },
};

struct jvm_field {
	uint64_t type, name; /* texts */
	bool is_static;
	uint64_t value; /* offset or address */
};

struct fakejvm {
	struct fakemem mem;
	struct snapshot snap;
	const struct jvm_release *r;
	uint64_t text_at, word_at, object_at; /* where the next ones are put */
	struct jvm_field fields[JVM_FIELDS_MAX], types[JVM_FIELDS_MAX], constants[JVM_FIELDS_MAX];
	size_t n_fields, n_types, n_constants;
	const char *symbols[JVM_SYMBOLS_MAX];
	uint64_t symbol_values[JVM_SYMBOLS_MAX];
	size_t n_symbols;
	const char *flags[8]; /* the flags that are set */
	size_t n_flags;
};

#define auto_fakejvm __attribute__((cleanup(jvm_release))) struct fakejvm

static inline void jvm_release(struct fakejvm *j)
{
	fake_release(&j->mem);
	snapshot_release(&j->snap);
}

static inline uint64_t jvm_text(struct fakejvm *j, const char *s)
{
	uint64_t at = j->text_at;

	fake_put(&j->mem, at, s, strlen(s) + 1);
	j->text_at += strlen(s) + 1;
	return at;
}

static inline void jvm_field(struct fakejvm *j, const char *type, const char *name, uint64_t offset)
{
	if (type && name)
		j->fields[j->n_fields++] = (struct jvm_field){ jvm_text(j, type), jvm_text(j, name),
							       false, offset };
}

/* Adds a static field with a value. */
static inline void jvm_static(struct fakejvm *j, const char *type, const char *name, uint64_t value)
{
	fake_u64(&j->mem, j->word_at, value);
	j->fields[j->n_fields++] = (struct jvm_field){ jvm_text(j, type), jvm_text(j, name), true,
						       j->word_at };
	j->word_at += 8;
}

static inline void jvm_type(struct fakejvm *j, const char *name, uint64_t size)
{
	j->types[j->n_types++] = (struct jvm_field){ .name = jvm_text(j, name), .value = size };
}

static inline void jvm_constant(struct fakejvm *j, const char *prefix, const char *name, int value)
{
	auto_free char *whole = xasprintf("%s::%s", prefix, name);

	j->constants[j->n_constants++] = (struct jvm_field){ .name = jvm_text(j, whole),
							     .value = (uint64_t)value };
}

/* Adds an object of the JVM itself. Returns its address. */
static inline uint64_t jvm_object(struct fakejvm *j, uint64_t bytes)
{
	uint64_t at = j->object_at;

	j->object_at += (bytes + 15) & ~UINT64_C(15);
	fake_u64(&j->mem, at, 0);
	return at;
}

/* Adds an exported variable. */
static inline void jvm_symbol(struct fakejvm *j, const char *name, uint64_t value)
{
	fake_u64(&j->mem, j->word_at, value);
	j->symbols[j->n_symbols] = name;
	j->symbol_values[j->n_symbols++] = j->word_at;
	j->word_at += 8;
}

/* Sets bottom, top and end of a space at these offsets. */
static inline uint64_t jvm_space(struct fakejvm *j, uint64_t bottom, uint64_t top, uint64_t end)
{
	uint64_t at = jvm_object(j, 64);

	fake_u64(&j->mem, at + 8, bottom);
	fake_u64(&j->mem, at + 16, end);
	fake_u64(&j->mem, at + 24, top);
	return at;
}

static inline void jvm_map(struct fakejvm *j, uint64_t start, uint64_t bytes, unsigned int perms,
			   const char *file, uint16_t marks)
{
	const struct mem_map map = {
		.perms = (uint8_t)perms,
		.kind = file ? MEM_FILE : MEM_ANON,
		.major = file ? 8 : 0,
		.minor = file ? 1 : 0,
		.inode = file ? 7 : 0,
	};

	fake_map(&j->mem, start, start + bytes, &map);
	(void)snap_add(&j->snap, &(struct snap_region){
					 .start = start,
					 .size_kib = bytes >> 10,
					 .perms = (uint8_t)perms,
					 .name = file,
					 .inode = map.inode,
					 .marks = marks,
					 .kib = { [MC_RSS] = bytes >> 10 },
				 });
}

enum { JVM_GRANULE_KIB = 2048, JVM_VIEWS = 3 };

/* Returns a granule of the heap of ZGC in its n-th mapping. */
static inline uint64_t jvm_z_view(uint64_t n, uint64_t granule)
{
	return (UINT64_C(1) << (42 + n)) + KIB(JVM_GRANULE_KIB) * granule;
}

static inline void jvm_map_views(struct fakejvm *j)
{
	for (uint64_t n = 0; n < JVM_VIEWS; n++) {
		const struct mem_map map = {
			.perms = SNAP_RW | VMA_SHARED, .kind = MEM_FILE, .minor = 1, .inode = 99
		};

		fake_map(&j->mem, jvm_z_view(n, 0), jvm_z_view(n, 4), &map);
		(void)snap_add(&j->snap,
			       &(struct snap_region){
				       .start = jvm_z_view(n, 0),
				       .size_kib = (uint64_t)4 * JVM_GRANULE_KIB,
				       .perms = SNAP_RW | VMA_SHARED,
				       .name = "/memfd:java_heap",
				       .inode = 99,
				       .tmpfs = true,
				       .kib = { [MC_RSS] = (uint64_t)4 * JVM_GRANULE_KIB },
			       });
	}
}

/* Makes a JVM of a release; its heap and the area are mapped, but nothing in them is resident. */
static inline void jvm_init(struct fakejvm *j, const struct jvm_release *r)
{
	*j = (struct fakejvm){ .r = r,
			       .text_at = JVM_IMAGE + 0x4000,
			       .word_at = JVM_DATA,
			       .object_at = JVM_OBJECTS + 64 };
	snap_init(&j->snap);
	jvm_map(j, JVM_HEAP, JVM_HEAP_BYTES, SNAP_RW, NULL, 0);
	jvm_map_views(j);
	jvm_map(j, JVM_AREA, KIB(64), SNAP_RW, NULL, 0);
	jvm_map(j, JVM_AREA + KIB(64), KIB(64), 0, NULL, 0);
	jvm_map(j, JVM_AREA + KIB(128), KIB(128), SNAP_RW, NULL, 0);
	jvm_map(j, JVM_AREA + KIB(256), KIB(64), SNAP_RW, NULL, MARK_THREAD_STACK);
	jvm_map(j, JVM_OBJECTS, MIB(1), SNAP_RW, NULL, MARK_GLIBC_ARENA);
	jvm_map(j, JVM_IMAGE, 0x100000, SNAP_RX, "/usr/lib/libjvm.so", 0);
	jvm_map(j, JVM_DATA, 0x100000, SNAP_RW, "/usr/lib/libjvm.so", 0);
	jvm_static(j, "Abstract_VM_Version", "_vm_major_version", (uint64_t)r->major);
	jvm_static(j, "Abstract_VM_Version", "_vm_minor_version", (uint64_t)r->minor);
	if (r->security >= 0)
		jvm_static(j, "Abstract_VM_Version", "_vm_security_version", (uint64_t)r->security);
	jvm_field(j, "CollectedHeap", "_reserved", 16);
	jvm_field(j, "MemRegion", "_start", 0);
	jvm_field(j, "MemRegion", "_word_size", 8);
}

/* Adds the heap, an object of this many bytes; reserved may be false, as in ZGC. */
static inline uint64_t jvm_heap(struct fakejvm *j, uint64_t bytes, bool reserved)
{
	uint64_t heap = jvm_object(j, bytes);

	jvm_static(j, "Universe", "_collectedHeap", heap);
	fake_u64(&j->mem, heap + 16, reserved ? JVM_HEAP : 0);
	fake_u64(&j->mem, heap + 24, reserved ? JVM_HEAP_BYTES / 8 : 0);
	return heap;
}

/* Adds the flags of the JVM; those that were named before are set. */
static inline void jvm_flags(struct fakejvm *j)
{
	static const char *const names[] = {
		"UseLargePages",   "UseSerialGC", "UseParallelGC", "UseG1GC",
		"UseShenandoahGC", "UseZGC",      "ZGenerational", "UseConcMarkSweepGC",
	};
	uint64_t table = JVM_DATA + 0x40000;

	jvm_field(j, j->r->flag, "_name", 24);
	jvm_field(j, j->r->flag, "_addr", 8);
	jvm_static(j, j->r->flag, "flags", table);
	jvm_static(j, j->r->flag, "numFlags", ARRAY_SIZE(names));
	jvm_type(j, j->r->flag, JVM_FLAG_BYTES);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++, table += JVM_FLAG_BYTES) {
		bool set = false;

		for (size_t k = 0; k < j->n_flags; k++)
			set |= streq(names[i], j->flags[k]);
		fake_u64(&j->mem, j->word_at, set);
		fake_u64(&j->mem, table + 8, j->word_at);
		fake_u64(&j->mem, table + 24, jvm_text(j, names[i]));
		j->word_at += 8;
	}
}

/*
 * Writes a table of fields (types: names and sizes; constants: names and values). Returns its
 * address.
 */
static inline uint64_t jvm_table(struct fakejvm *j, uint64_t at, const struct jvm_field *v,
				 size_t n)
{
	uint64_t table = at;

	for (size_t i = 0; i < n; i++, at += JVM_STRIDE) {
		fake_u64(&j->mem, at, v[i].name);
		fake_u64(&j->mem, at + 8, v[i].type);
		fake_u32(&j->mem, at + 20, v[i].is_static);
		fake_u64(&j->mem, at + 24, v[i].is_static ? 0 : v[i].value);
		fake_u64(&j->mem, at + 40, v[i].is_static ? v[i].value : 0);
	}
	fake_u64(&j->mem, at, 0);
	fake_u64(&j->mem, at + 8, 0);
	return table;
}

static inline uint32_t jvm_hash(const char *s, bool sysv)
{
	uint32_t hash = sysv ? 0 : 5381;

	for (; *s; s++) {
		hash = sysv ? (hash << 4) + (unsigned char)*s : hash * 33 + (unsigned char)*s;
		if (sysv) {
			uint32_t high = hash & 0xf0000000;

			hash = (hash ^ high >> 24) & ~high;
		}
	}
	return hash;
}

/* Writes a hash table with one bucket: all symbols are in one chain. */
static inline void jvm_hashes(struct fakejvm *j, uint64_t at)
{
	uint32_t n = (uint32_t)j->n_symbols;

	if (j->r->sysv_hash) {
		fake_u32(&j->mem, at, 1);
		fake_u32(&j->mem, at + 4, n + 1);
		fake_u32(&j->mem, at + 8, 1);
		for (uint32_t i = 1; i <= n; i++)
			fake_u32(&j->mem, at + 12 + 4 * i, i < n ? i + 1 : 0);
		return;
	}
	fake_u32(&j->mem, at, 1);
	fake_u32(&j->mem, at + 4, 1);
	fake_u32(&j->mem, at + 8, 1);
	fake_u32(&j->mem, at + 24, 1);
	for (uint32_t i = 0; i < n; i++)
		fake_u32(&j->mem, at + 28 + 4 * i,
			 (jvm_hash(j->symbols[i], false) & ~1U) | (i == n - 1));
}

static inline void jvm_image(struct fakejvm *j)
{
	const uint64_t symbols = JVM_IMAGE + 0x1000, strings = JVM_IMAGE + 0x2000,
		       hashes = JVM_IMAGE + 0x3000, dynamic = JVM_DATA + 0xf0000;
	const Elf64_Ehdr head = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB },
		.e_phoff = sizeof(head),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 2,
	};
	const Elf64_Phdr segments[] = {
		{ .p_type = PT_LOAD, .p_memsz = 0x200000 },
		{ .p_type = PT_DYNAMIC, .p_vaddr = dynamic - JVM_IMAGE },
	};
	/* Addresses as glibc's loader leaves them, or as in the file. */
	const Elf64_Dyn entries[] = {
		{ DT_SYMTAB, { symbols } }, { DT_STRTAB, { strings - JVM_IMAGE } },
		{ DT_STRSZ, { 0x1000 } },   { j->r->sysv_hash ? DT_HASH : DT_GNU_HASH, { hashes } },
		{ DT_NULL, { 0 } },
	};
	uint32_t name = 1;

	fake_put(&j->mem, JVM_IMAGE, &head, sizeof(head));
	fake_put(&j->mem, JVM_IMAGE + sizeof(head), segments, sizeof(segments));
	fake_put(&j->mem, dynamic, entries, sizeof(entries));
	jvm_hashes(j, hashes);
	for (size_t i = 0; i < j->n_symbols; i++) {
		const Elf64_Sym sym = {
			.st_name = name,
			.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
			.st_shndx = 1,
			.st_value = j->symbol_values[i] - JVM_IMAGE,
		};

		fake_put(&j->mem, symbols + (i + 1) * sizeof(sym), &sym, sizeof(sym));
		fake_put(&j->mem, strings + name, j->symbols[i], strlen(j->symbols[i]) + 1);
		name += (uint32_t)strlen(j->symbols[i]) + 1;
	}
}

/* Writes the tables, and the image with the symbols that refer to them. */
static inline void jvm_finish(struct fakejvm *j)
{
	jvm_flags(j);
	jvm_symbol(j, "gHotSpotVMStructs",
		   jvm_table(j, JVM_DATA + 0x10000, j->fields, j->n_fields));
	jvm_symbol(j, "gHotSpotVMStructEntryFieldNameOffset", 0);
	jvm_symbol(j, "gHotSpotVMStructEntryTypeNameOffset", 8);
	jvm_symbol(j, "gHotSpotVMStructEntryIsStaticOffset", 20);
	jvm_symbol(j, "gHotSpotVMStructEntryOffsetOffset", 24);
	jvm_symbol(j, "gHotSpotVMStructEntryAddressOffset", 40);
	jvm_symbol(j, "gHotSpotVMStructEntryArrayStride", JVM_STRIDE);
	jvm_symbol(j, "gHotSpotVMTypes", jvm_table(j, JVM_DATA + 0x20000, j->types, j->n_types));
	jvm_symbol(j, "gHotSpotVMTypeEntryTypeNameOffset", 0);
	jvm_symbol(j, "gHotSpotVMTypeEntrySizeOffset", 24);
	jvm_symbol(j, "gHotSpotVMTypeEntryArrayStride", JVM_STRIDE);
	jvm_symbol(j, "gHotSpotVMIntConstants",
		   jvm_table(j, JVM_DATA + 0x30000, j->constants, j->n_constants));
	jvm_symbol(j, "gHotSpotVMIntConstantEntryNameOffset", 0);
	jvm_symbol(j, "gHotSpotVMIntConstantEntryValueOffset", 24);
	jvm_symbol(j, "gHotSpotVMIntConstantEntryArrayStride", JVM_STRIDE);
	jvm_image(j);
}

/* Walks the memory. The caller releases *ret, which then owns the memory. */
static inline const struct walk_runtime *jvm_show(struct fakejvm *j, struct walk *ret)
{
	const struct walk_opts opts = { .want = WANT_JVM, .clock = &clock_system };
	struct memsrc *m = fake_open(&j->mem, NULL);

	j->mem.mem = NULL;
	assert_int_equal(walk_read_from(&j->snap, m, &opts, ret), 0);
	assert_int_equal(ret->n_runtimes, 1);
	assert_string_equal(ret->runtimes[0].name, "jvm");
	return &ret->runtimes[0];
}

#endif
