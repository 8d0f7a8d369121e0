/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/hotspot/vm.h"

#include <errno.h>

#include "walk/image/dynsym.h"

enum {
	ENTRIES_MAX = 1 << 14, /* of each table; JDK 17 has 788 fields */
	STRIDE_MAX = 256,      /* bytes of an entry */
	FLAGS_MAX = 1 << 13,
	FLAG_BYTES_MAX = 256,
	OBJECT_BYTES_MAX = 1024,
};

/* A field and its names in the releases. If there are several of them, the first row counts. */
static const struct field_row {
	const char *type, *name;
	enum hs_field field;
} field_rows[] = {
	{ "Universe", "_collectedHeap", HS_HEAP },
	{ "CollectedHeap", "_reserved", HS_RESERVED },
	{ "MemRegion", "_start", HS_MEM_START },
	{ "MemRegion", "_word_size", HS_MEM_WORDS },
	{ "SerialHeap", "_young_gen", HS_YOUNG_GEN },
	{ "SerialHeap", "_old_gen", HS_OLD_GEN },
	{ "GenCollectedHeap", "_young_gen", HS_YOUNG_GEN },
	{ "GenCollectedHeap", "_old_gen", HS_OLD_GEN },
	{ "GenCollectedHeap", "_gens", HS_GENS },
	{ "DefNewGeneration", "_eden_space", HS_YOUNG_EDEN },
	{ "DefNewGeneration", "_from_space", HS_YOUNG_FROM },
	{ "DefNewGeneration", "_to_space", HS_YOUNG_TO },
	{ "TenuredGeneration", "_the_space", HS_TENURED_SPACE },
	{ "OneContigSpaceCardGeneration", "_the_space", HS_TENURED_SPACE },
	{ "ContiguousSpace", "_bottom", HS_SPACE_BOTTOM },
	{ "ContiguousSpace", "_top", HS_SPACE_TOP },
	{ "ContiguousSpace", "_end", HS_SPACE_END },
	{ "Space", "_bottom", HS_SPACE_BOTTOM },
	{ "Space", "_end", HS_SPACE_END },
	{ "ParallelScavengeHeap", "_young_gen", HS_PS_YOUNG },
	{ "ParallelScavengeHeap", "_old_gen", HS_PS_OLD },
	{ "PSYoungGen", "_eden_space", HS_PS_EDEN },
	{ "PSYoungGen", "_from_space", HS_PS_FROM },
	{ "PSYoungGen", "_to_space", HS_PS_TO },
	{ "PSOldGen", "_object_space", HS_PS_OLD_SPACE },
	{ "MutableSpace", "_bottom", HS_MUTABLE_BOTTOM },
	{ "MutableSpace", "_top", HS_MUTABLE_TOP },
	{ "MutableSpace", "_end", HS_MUTABLE_END },
	{ "ImmutableSpace", "_bottom", HS_MUTABLE_BOTTOM },
	{ "ImmutableSpace", "_end", HS_MUTABLE_END },
	{ "G1CollectedHeap", "_hrm", HS_G1_REGIONS },
	{ "G1HeapRegionManager", "_regions", HS_G1_TABLE },
	{ "HeapRegionManager", "_regions", HS_G1_TABLE },
	{ "G1HeapRegionTable", "_base", HS_TABLE_BASE },
	{ "G1HeapRegionTable", "_length", HS_TABLE_LENGTH },
	{ "G1HeapRegion", "_bottom", HS_REGION_BOTTOM },
	{ "G1HeapRegion", "_top", HS_REGION_TOP },
	{ "G1HeapRegion", "_end", HS_REGION_END },
	{ "G1HeapRegion", "_type", HS_REGION_TYPE },
	{ "HeapRegion", "_bottom", HS_REGION_BOTTOM },
	{ "HeapRegion", "_top", HS_REGION_TOP },
	{ "HeapRegion", "_end", HS_REGION_END },
	{ "HeapRegion", "_type", HS_REGION_TYPE },
	{ "Space", "_bottom", HS_REGION_BOTTOM },
	{ "G1ContiguousSpace", "_top", HS_REGION_TOP },
	{ "G1OffsetTableContigSpace", "_top", HS_REGION_TOP },
	{ "Space", "_end", HS_REGION_END },
	{ "G1HeapRegionType", "_tag", HS_TYPE_TAG },
	{ "HeapRegionType", "_tag", HS_TYPE_TAG },
	{ "ShenandoahHeap", "_num_regions", HS_SH_COUNT },
	{ "ShenandoahHeap", "_regions", HS_SH_REGIONS },
	{ "ShenandoahHeapRegion", "_bottom", HS_SH_BOTTOM },
	{ "ShenandoahHeapRegion", "_top", HS_SH_TOP },
	{ "ShenandoahHeapRegion", "_end", HS_SH_END },
	{ "ShenandoahHeapRegion", "_state", HS_SH_STATE },
	{ "ZGlobalsForVMStructs", "_instance_p", HS_Z_GLOBALS },
	{ "ZGlobalsForVMStructs", "_ZAddressOffsetMask", HS_Z_OFFSET_MASK },
	{ "ZCollectedHeap", "_heap", HS_Z_HEAP },
	{ "ZHeap", "_page_allocator", HS_Z_ALLOCATOR },
	{ "ZHeap", "_page_table", HS_Z_TABLE },
	{ "ZPageAllocator", "_capacity", HS_Z_CAPACITY },
	{ "ZPageAllocator", "_used", HS_Z_USED },
	{ "ZPageAllocator", "_partitions", HS_Z_PARTITIONS },
	{ "ZNUMA", "_count", HS_Z_NUMA_COUNT },
	{ "ZPerNUMAZPartition", "_addr", HS_Z_PARTITION_ADDR },
	{ "ZPartition", "_capacity", HS_Z_PARTITION_CAPACITY },
	{ "ZPartition", "_used", HS_Z_PARTITION_USED },
	{ "ZPageTable", "_map", HS_Z_TABLE_MAP },
	{ "ZGranuleMapForPageTable", "_map", HS_Z_GRANULES },
	{ "ZPage", "_type", HS_Z_PAGE_TYPE },
	{ "ZPage", "_virtual", HS_Z_PAGE_VIRTUAL },
	{ "ZVirtualMemory", "_start", HS_Z_VIRTUAL_START },
	{ "ZVirtualMemory", "_end", HS_Z_VIRTUAL_END },
	{ "ZVirtualMemory", "_size", HS_Z_VIRTUAL_SIZE },
	{ "CodeCache", "_heaps", HS_CODE_HEAPS },
	{ "CodeCache", "_heap", HS_CODE_HEAP },
	{ "CodeHeap", "_memory", HS_CODE_MEMORY },
	{ "CodeHeap", "_segmap", HS_CODE_SEGMAP },
	{ "CodeHeap", "_log2_segment_size", HS_CODE_SHIFT },
	{ "VirtualSpace", "_low", HS_VIRTUAL_LOW },
	{ "VirtualSpace", "_high", HS_VIRTUAL_HIGH },
	{ "VirtualSpace", "_low_boundary", HS_VIRTUAL_LOW_BOUNDARY },
	{ "VirtualSpace", "_high_boundary", HS_VIRTUAL_HIGH_BOUNDARY },
	{ "GrowableArrayBase", "_len", HS_ARRAY_LEN },
	{ "GenericGrowableArray", "_len", HS_ARRAY_LEN },
	{ "GrowableArray<int>", "_data", HS_ARRAY_DATA },
	{ "ClassLoaderDataGraph", "_head", HS_LOADERS },
	{ "ClassLoaderData", "_next", HS_LOADER_NEXT },
	{ "ClassLoaderData", "_klasses", HS_LOADER_KLASSES },
	{ "Klass", "_next_link", HS_KLASS_NEXT },
	{ "InstanceKlass", "_constants", HS_KLASS_CONSTANTS },
	{ "ThreadsSMRSupport", "_java_thread_list", HS_THREADS },
	{ "ThreadsList", "_length", HS_THREADS_LENGTH },
	{ "ThreadsList", "_threads", HS_THREADS_LIST },
	{ "JavaThread", "_stack_base", HS_STACK_BASE },
	{ "JavaThread", "_stack_size", HS_STACK_SIZE },
	{ "JVMFlag", "flags", HS_FLAGS },
	{ "JVMFlag", "numFlags", HS_FLAGS_COUNT },
	{ "JVMFlag", "_name", HS_FLAG_NAME },
	{ "JVMFlag", "_addr", HS_FLAG_ADDR },
	{ "Flag", "flags", HS_FLAGS },
	{ "Flag", "numFlags", HS_FLAGS_COUNT },
	{ "Flag", "_name", HS_FLAG_NAME },
	{ "Flag", "_addr", HS_FLAG_ADDR },
	{ "Abstract_VM_Version", "_vm_major_version", HS_VERSION_MAJOR },
	{ "Abstract_VM_Version", "_vm_minor_version", HS_VERSION_MINOR },
	{ "Abstract_VM_Version", "_vm_security_version", HS_VERSION_SECURITY },
	{ "PerfMemory", "_start", HS_PERF_START },
	{ "PerfMemory", "_top", HS_PERF_TOP },
	{ "BarrierSet", "_barrier_set", HS_BARRIER_SET },
	{ "CardTableBarrierSet", "_card_table", HS_CARD_TABLE },
	{ "CardTable", "_byte_map", HS_CARDS },
	{ "CardTable", "_byte_map_size", HS_CARDS_BYTES },
};

static const struct {
	const char *name;
	enum hs_type type;
} type_rows[] = {
	{ "JVMFlag", HS_SIZE_FLAG },
	{ "Flag", HS_SIZE_FLAG },
	{ "G1CollectedHeap", HS_SIZE_HEAP_G1 },
	{ "ShenandoahHeap", HS_SIZE_HEAP_SHENANDOAH },
	{ "ParallelScavengeHeap", HS_SIZE_HEAP_PARALLEL },
};

static const struct {
	const char *name;
	enum hs_constant constant;
} constant_rows[] = {
	{ "HeapRegionType::EdenTag", HS_TAG_EDEN },
	{ "HeapRegionType::SurvTag", HS_TAG_SURVIVOR },
	{ "HeapRegionType::HumongousMask", HS_TAG_HUMONGOUS },
	{ "HeapRegionType::OldMask", HS_TAG_OLD },
	{ "HeapRegionType::ArchiveMask", HS_TAG_ARCHIVE },
	{ "G1HeapRegionType::EdenTag", HS_TAG_EDEN },
	{ "G1HeapRegionType::SurvTag", HS_TAG_SURVIVOR },
	{ "G1HeapRegionType::HumongousMask", HS_TAG_HUMONGOUS },
	{ "G1HeapRegionType::OldMask", HS_TAG_OLD },
};

/* One of the three tables: its entries, and the offsets in them. */
struct entries {
	const struct hotspot_vm *vm;
	uint64_t at, stride;
	size_t left;
	uint8_t bytes[STRIDE_MAX];
};

static bool read_symbol(const struct dynsym *s, const char *name, uint64_t *ret)
{
	uint64_t addr;

	return dynsym_find(s, name, &addr) &&
	       memsrc_peek(s->im->walk->mem, addr, ret, sizeof(*ret));
}

static bool open_entries(struct entries *e, const struct hotspot_vm *vm, const struct dynsym *s,
			 const char *table, const char *stride)
{
	*e = (struct entries){ .vm = vm, .left = ENTRIES_MAX };
	return read_symbol(s, table, &e->at) && read_symbol(s, stride, &e->stride) &&
	       e->stride >= 16 && e->stride <= STRIDE_MAX;
}

static bool next_entry(struct entries *e)
{
	if (e->left == 0 || !memsrc_copy(e->vm->walk->mem, e->at, e->bytes, (size_t)e->stride))
		return false;
	e->left--;
	e->at += e->stride;
	return true;
}

static uint64_t entry_word(const struct entries *e, uint64_t offset)
{
	uint64_t v = 0;

	if (offset <= e->stride - sizeof(v))
		memcpy(&v, e->bytes + offset, sizeof(v));
	return v;
}

static uint32_t entry_half(const struct entries *e, uint64_t offset)
{
	uint32_t v = 0;

	if (offset <= e->stride - sizeof(v))
		memcpy(&v, e->bytes + offset, sizeof(v));
	return v;
}

/* Reads a name; "" if it cannot be read or is longer than any that is looked for. */
static void read_text(const struct hotspot_vm *vm, uint64_t addr, char text[HS_TEXT_MAX])
{
	size_t n = addr ? images_read_some(vm->im, addr, text, HS_TEXT_MAX) : 0;

	if (n == 0 || !memchr(text, '\0', n))
		text[0] = '\0';
}

static bool is_field_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(field_rows); i++) {
		if (streq(field_rows[i].name, name))
			return true;
	}
	return false;
}

struct field_offsets {
	uint64_t type, field, is_static, offset, address;
};

/* Of two ZGCs, the older one has the names of the newer one with another letter in front. */
static void read_entry_field(struct hotspot_vm *vm, size_t best[HS_FIELDS], const struct entries *e,
			     const struct field_offsets *at)
{
	char type[HS_TEXT_MAX], name[HS_TEXT_MAX];
	uint64_t value;
	bool is_old;

	read_text(vm, entry_word(e, at->field), name);
	if (starts_with(name, "_X"))
		name[1] = 'Z';
	if (!is_field_name(name))
		return;
	read_text(vm, entry_word(e, at->type), type);
	value = entry_word(e, entry_half(e, at->is_static) ? at->address : at->offset);
	is_old = type[0] == 'X';
	if (is_old)
		type[0] = 'Z';
	for (size_t i = 0; i < ARRAY_SIZE(field_rows); i++) {
		const struct field_row *row = &field_rows[i];

		if (!streq(row->name, name) || !streq(row->type, type))
			continue;
		if (is_old) {
			vm->old_z[row->field] = value;
		} else if (i < best[row->field]) {
			best[row->field] = i;
			vm->fields[row->field] = value;
		}
	}
}

static bool read_fields(struct hotspot_vm *vm, const struct dynsym *s)
{
	size_t best[HS_FIELDS];
	struct field_offsets at;
	struct entries e;

	for (size_t i = 0; i < HS_FIELDS; i++) {
		vm->fields[i] = vm->old_z[i] = HS_NONE;
		best[i] = SIZE_MAX;
	}
	if (!open_entries(&e, vm, s, "gHotSpotVMStructs", "gHotSpotVMStructEntryArrayStride") ||
	    !read_symbol(s, "gHotSpotVMStructEntryTypeNameOffset", &at.type) ||
	    !read_symbol(s, "gHotSpotVMStructEntryFieldNameOffset", &at.field) ||
	    !read_symbol(s, "gHotSpotVMStructEntryIsStaticOffset", &at.is_static) ||
	    !read_symbol(s, "gHotSpotVMStructEntryOffsetOffset", &at.offset) ||
	    !read_symbol(s, "gHotSpotVMStructEntryAddressOffset", &at.address))
		return false;
	while (next_entry(&e) && entry_word(&e, at.type)) {
		read_entry_field(vm, best, &e, &at);
		vm->n_fields++;
	}
	return vm->n_fields > 0;
}

static void read_types(struct hotspot_vm *vm, const struct dynsym *s)
{
	uint64_t at_name, at_size;
	char name[HS_TEXT_MAX];
	struct entries e;

	if (!open_entries(&e, vm, s, "gHotSpotVMTypes", "gHotSpotVMTypeEntryArrayStride") ||
	    !read_symbol(s, "gHotSpotVMTypeEntryTypeNameOffset", &at_name) ||
	    !read_symbol(s, "gHotSpotVMTypeEntrySizeOffset", &at_size))
		return;
	while (next_entry(&e) && entry_word(&e, at_name)) {
		read_text(vm, entry_word(&e, at_name), name);
		for (size_t i = 0; i < ARRAY_SIZE(type_rows); i++) {
			if (streq(type_rows[i].name, name))
				vm->sizes[type_rows[i].type] = entry_word(&e, at_size);
		}
	}
}

static void read_constants(struct hotspot_vm *vm, const struct dynsym *s)
{
	uint64_t at_name, at_value;
	char name[HS_TEXT_MAX];
	struct entries e;

	if (!open_entries(&e, vm, s, "gHotSpotVMIntConstants",
			  "gHotSpotVMIntConstantEntryArrayStride") ||
	    !read_symbol(s, "gHotSpotVMIntConstantEntryNameOffset", &at_name) ||
	    !read_symbol(s, "gHotSpotVMIntConstantEntryValueOffset", &at_value))
		return;
	while (next_entry(&e) && entry_word(&e, at_name)) {
		read_text(vm, entry_word(&e, at_name), name);
		for (size_t i = 0; i < ARRAY_SIZE(constant_rows); i++) {
			if (streq(constant_rows[i].name, name))
				vm->constants[constant_rows[i].constant] = (int)entry_half(
					&e, at_value);
		}
	}
}

int hotspot_vm_read(struct hotspot_vm *ret, struct images *im, uint32_t file)
{
	struct hotspot_vm vm = { .walk = im->walk, .im = im };
	struct dynsym s;

	if (!dynsym_open(&s, im, file))
		return -ENOENT;
	if (!read_fields(&vm, &s))
		return -EBADMSG;
	read_types(&vm, &s);
	read_constants(&vm, &s);
	*ret = vm;
	return 0;
}

bool hs_use_old_z(struct hotspot_vm *vm)
{
	if (vm->old_z[HS_Z_HEAP] == HS_NONE)
		return false;
	for (int i = HS_Z_GLOBALS; i <= HS_Z_VIRTUAL_SIZE; i++)
		vm->fields[i] = vm->old_z[i];
	return true;
}

bool hs_word(const struct hotspot_vm *vm, uint64_t addr, enum hs_field f, uint64_t *ret)
{
	return hs_has(vm, f) && memsrc_u64(vm->walk->mem, addr + vm->fields[f], ret);
}

bool hs_half(const struct hotspot_vm *vm, uint64_t addr, enum hs_field f, uint32_t *ret)
{
	return hs_has(vm, f) && memsrc_u32(vm->walk->mem, addr + vm->fields[f], ret);
}

bool hs_words(const struct hotspot_vm *vm, uint64_t addr, const enum hs_field *fields, size_t n,
	      uint64_t *ret)
{
	uint64_t lo = UINT64_MAX, hi = 0;
	uint8_t bytes[OBJECT_BYTES_MAX];

	for (size_t i = 0; i < n; i++) {
		if (!hs_has(vm, fields[i]))
			return false;
		lo = MIN(lo, vm->fields[fields[i]]);
		hi = MAX(hi, vm->fields[fields[i]]);
	}
	if (hi - lo > sizeof(bytes) - 8 ||
	    !memsrc_peek(vm->walk->mem, addr + lo, bytes, (size_t)(hi - lo) + 8))
		return false;
	for (size_t i = 0; i < n; i++)
		memcpy(&ret[i], bytes + (vm->fields[fields[i]] - lo), sizeof(*ret));
	return true;
}

static bool is_set(const struct hotspot_vm *vm, uint64_t flag)
{
	uint64_t at;
	uint8_t value;

	return hs_word(vm, flag, HS_FLAG_ADDR, &at) &&
	       memsrc_peek(vm->walk->mem, at, &value, sizeof(value)) && value == 1;
}

unsigned int hs_flags(const struct hotspot_vm *vm, const char *const *names, size_t n)
{
	uint64_t flags, count, at, size = vm->sizes[HS_SIZE_FLAG];
	unsigned int set = 0;
	char text[HS_TEXT_MAX];

	if (!hs_word(vm, 0, HS_FLAGS, &flags) || !hs_word(vm, 0, HS_FLAGS_COUNT, &count) ||
	    !hs_has(vm, HS_FLAG_NAME) || !hs_has(vm, HS_FLAG_ADDR) || size < 16 ||
	    size > FLAG_BYTES_MAX)
		return 0;
	count = MIN(count, (uint64_t)FLAGS_MAX);
	for (uint64_t flag = flags; flag < flags + count * size; flag += size) {
		if (!hs_word(vm, flag, HS_FLAG_NAME, &at))
			break;
		read_text(vm, at, text);
		for (size_t i = 0; i < n; i++) {
			if (streq(text, names[i]) && is_set(vm, flag))
				set |= 1U << i;
		}
	}
	return set;
}
