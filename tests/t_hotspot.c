/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of walk/runtime/hotspot on JVMs made by hand, one for each release. */
#include "fakejvm.h"
#include "walk_test.h"

#define OLD (JVM_HEAP + MIB(8))

static void check_read(const struct walk_runtime *jvm, const struct jvm_release *r,
		       const char *collector)
{
	auto_free char *label = xasprintf("jvm %s", r->name);

	assert_int_equal(jvm->unread, REASON_NONE);
	assert_true(jvm->complete);
	assert_int_equal(jvm->retries, 0);
	assert_string_equal(jvm->version, r->version);
	assert_string_equal(jvm->label, label);
	assert_string_equal(jvm->collector, collector);
}

/* The expected sums of all collectors with generations, see put_generations. */
static void check_generations(const struct walk *walk, const struct walk_runtime *jvm)
{
	assert_int_equal(jvm->total.reserved.value, JVM_HEAP_BYTES);
	assert_int_equal(jvm->total.committed.value, MIB(12));
	assert_int_equal(jvm->total.live.value, MIB(1) + KIB(512) + MIB(2));
	assert_int_equal(jvm->total.free_bytes.value, MIB(12) - (MIB(3) + KIB(512)));
	assert_int_equal(jvm->total.free_resident.value, MIB(1) + KIB(4));
	assert_int_equal(jvm->total.resident.value, MIB(4) + KIB(516));
	assert_int_equal(space(jvm, "eden")->live.value, MIB(1));
	assert_int_equal(space(jvm, "eden")->free_resident.value, MIB(1));
	assert_int_equal(space(jvm, "survivor")->committed.value, MIB(4));
	assert_int_equal(space(jvm, "survivor")->live.value, KIB(512));
	assert_int_equal(space(jvm, "old")->committed.value, MIB(4));
	assert_int_equal(space(jvm, "old")->free_resident.value, KIB(4));
	assert_int_equal(line_sum(walk, LINE_OBJECTS), MIB(3) + KIB(512));
	assert_int_equal(line_sum(walk, LINE_RUNTIME_FREE), MIB(1) + KIB(4));
	assert_int_equal(walk->skew_bytes, 0);
}

/* Eden: 1 of 4 MiB is live, followed by as much that was used before. From: half of 2 MiB. */
static void put_generations(struct fakejvm *j, uint64_t spaces[4])
{
	spaces[0] = jvm_space(j, JVM_HEAP, JVM_HEAP + MIB(1), JVM_HEAP + MIB(4));
	spaces[1] = jvm_space(j, JVM_HEAP + MIB(4), JVM_HEAP + MIB(4) + KIB(512),
			      JVM_HEAP + MIB(6));
	spaces[2] = jvm_space(j, JVM_HEAP + MIB(6), JVM_HEAP + MIB(6), JVM_HEAP + MIB(8));
	spaces[3] = jvm_space(j, OLD, OLD + MIB(2), OLD + MIB(4));
	fake_state(&j->mem, JVM_HEAP, JVM_HEAP + MIB(2), PAGE_PRESENT);
	fake_state(&j->mem, JVM_HEAP + MIB(4), JVM_HEAP + MIB(4) + KIB(512), PAGE_PRESENT);
	fake_state(&j->mem, OLD, OLD + MIB(2) + KIB(4), PAGE_PRESENT);
}

static void make_serial(struct fakejvm *j, const struct jvm_release *r)
{
	uint64_t heap, young, old, spaces[4];

	jvm_init(j, r);
	j->flags[j->n_flags++] = "UseSerialGC";
	heap = jvm_heap(j, 128, true);
	put_generations(j, spaces);
	young = jvm_object(j, 128);
	old = jvm_object(j, 128);
	for (uint64_t i = 0; i < 3; i++)
		fake_u64(&j->mem, young + 40 + 8 * i, spaces[i]);
	fake_u64(&j->mem, old + 96, spaces[3]);
	fake_u64(&j->mem, heap + 80, young);
	fake_u64(&j->mem, heap + 88, old);
	jvm_field(j, r->serial, "_young_gen", 80);
	jvm_field(j, r->serial, "_old_gen", 88);
	if (!r->serial)
		jvm_field(j, "GenCollectedHeap", "_gens", 80);
	jvm_field(j, "DefNewGeneration", "_eden_space", 40);
	jvm_field(j, "DefNewGeneration", "_from_space", 48);
	jvm_field(j, "DefNewGeneration", "_to_space", 56);
	jvm_field(j, r->serial ? "TenuredGeneration" : "OneContigSpaceCardGeneration", "_the_space",
		  96);
	jvm_field(j, r->space, "_bottom", 8);
	jvm_field(j, r->space, "_end", 16);
	jvm_field(j, "ContiguousSpace", "_top", 24);
}

static void test_serial(void **state)
{
	const struct walk_runtime *jvm;
	auto_fakejvm j;
	auto_walk walk;

	make_serial(&j, *state);
	jvm_finish(&j);
	jvm = jvm_show(&j, &walk);
	check_read(jvm, *state, "Serial");
	check_generations(&walk, jvm);
}

static void test_parallel(void **state)
{
	const struct jvm_release *r = *state;
	uint64_t young, old, spaces[4];
	const struct walk_runtime *jvm;
	auto_fakejvm j;
	auto_walk walk;

	jvm_init(&j, r);
	j.flags[j.n_flags++] = "UseParallelGC";
	(void)jvm_heap(&j, 128, true);
	put_generations(&j, spaces);
	young = jvm_object(&j, 128);
	old = jvm_object(&j, 128);
	for (uint64_t i = 0; i < 3; i++)
		fake_u64(&j.mem, young + 8 * i, spaces[i]);
	fake_u64(&j.mem, old + 32, spaces[3]);
	jvm_static(&j, "ParallelScavengeHeap", "_young_gen", young);
	jvm_static(&j, "ParallelScavengeHeap", "_old_gen", old);
	jvm_field(&j, "PSYoungGen", "_eden_space", 0);
	jvm_field(&j, "PSYoungGen", "_from_space", 8);
	jvm_field(&j, "PSYoungGen", "_to_space", 16);
	jvm_field(&j, "PSOldGen", "_object_space", 32);
	jvm_field(&j, r->mutable_space, "_bottom", 8);
	jvm_field(&j, r->mutable_space, "_end", 16);
	jvm_field(&j, "MutableSpace", "_top", 24);
	jvm_finish(&j);
	jvm = jvm_show(&j, &walk);
	check_read(jvm, r, "Parallel");
	check_generations(&walk, jvm);
}

enum { TAG_EDEN = 2, TAG_SURVIVOR = 3, TAG_HUMONGOUS = 4, TAG_OLD = 16, G1_REGIONS = 16 };

/* Regions of 1 MiB: two of eden, one each of survivors, old and humongous, a free one. */
static void make_g1(struct fakejvm *j, const struct jvm_release *r)
{
	static const struct {
		uint32_t tag;
		uint64_t kib; /* in use */
	} regions[] = { { TAG_EDEN, 1024 }, { TAG_EDEN, 100 },       { TAG_SURVIVOR, 10 },
			{ TAG_OLD, 512 },   { TAG_HUMONGOUS, 1024 }, { 0, 0 } };
	uint64_t heap, table;

	jvm_init(j, r);
	j->flags[j->n_flags++] = "UseG1GC";
	heap = jvm_heap(j, 256, true);
	table = jvm_object(j, 8 * G1_REGIONS);
	fake_u64(&j->mem, heap + 64 + 32 + 8, table);
	fake_u64(&j->mem, heap + 64 + 32 + 16, G1_REGIONS);
	for (uint64_t i = 0; i < ARRAY_SIZE(regions); i++) {
		uint64_t at = jvm_object(j, 64), bottom = JVM_HEAP + MIB(i);

		fake_u64(&j->mem, table + 8 * i, at);
		fake_u64(&j->mem, at + 8, bottom);
		fake_u64(&j->mem, at + 16, bottom + MIB(1));
		fake_u64(&j->mem, at + 24, bottom + KIB(regions[i].kib));
		fake_u32(&j->mem, at + 40, regions[i].tag);
	}
	fake_state(&j->mem, JVM_HEAP, JVM_HEAP + MIB(6), PAGE_PRESENT);
	jvm_field(j, "G1CollectedHeap", "_hrm", 64);
	jvm_field(j, r->manager, "_regions", 32);
	jvm_field(j, "G1HeapRegionTable", "_base", 8);
	jvm_field(j, "G1HeapRegionTable", "_length", 16);
	jvm_field(j, r->region_space, "_bottom", 8);
	jvm_field(j, r->region_space, "_end", 16);
	jvm_field(j, r->region ? r->region : "G1OffsetTableContigSpace", "_top", 24);
	jvm_field(j, r->region, "_type", 40);
	jvm_field(j, r->type, "_tag", 0);
	if (r->type) {
		jvm_constant(j, r->type, "EdenTag", TAG_EDEN);
		jvm_constant(j, r->type, "SurvTag", TAG_SURVIVOR);
		jvm_constant(j, r->type, "HumongousMask", TAG_HUMONGOUS);
		jvm_constant(j, r->type, "OldMask", TAG_OLD);
	}
}

static void test_g1(void **state)
{
	const struct jvm_release *r = *state;
	const struct walk_runtime *jvm;
	auto_fakejvm j;
	auto_walk walk;

	make_g1(&j, r);
	jvm_finish(&j);
	jvm = jvm_show(&j, &walk);
	check_read(jvm, r, "G1");
	assert_int_equal(jvm->total.committed.value, MIB(6));
	assert_int_equal(jvm->total.live.value, KIB(1024 + 100 + 10 + 512 + 1024));
	assert_int_equal(jvm->total.free_resident.value, KIB(924 + 1014 + 512 + 1024));
	if (!r->type) {
		assert_int_equal(space(jvm, "regular")->committed.value, MIB(6));
		return;
	}
	assert_int_equal(space(jvm, "eden")->live.value, KIB(1124));
	assert_int_equal(space(jvm, "survivor")->live.value, KIB(10));
	assert_int_equal(space(jvm, "old")->live.value, KIB(512));
	assert_int_equal(space(jvm, "humongous")->live.value, MIB(1));
	assert_int_equal(space(jvm, "free regions")->committed.value, MIB(1));
}

static void test_shenandoah(void **state)
{
	enum { UNCOMMITTED, EMPTY, REGULAR, HUMONGOUS, TRASH = 9 };
	static const uint32_t states[] = { REGULAR, HUMONGOUS, TRASH, EMPTY, UNCOMMITTED };
	const struct walk_runtime *jvm;
	uint64_t heap, list;
	auto_fakejvm j;
	auto_walk walk;

	jvm_init(&j, *state);
	j.flags[j.n_flags++] = "UseShenandoahGC";
	heap = jvm_heap(&j, 128, true);
	list = jvm_object(&j, 64);
	fake_u64(&j.mem, heap + 64, ARRAY_SIZE(states));
	fake_u64(&j.mem, heap + 72, list);
	for (uint64_t i = 0; i < ARRAY_SIZE(states); i++) {
		uint64_t bottom = JVM_HEAP + MIB(i),
			 at = jvm_space(&j, bottom, bottom + (i < 3 ? KIB(256) : 0),
					bottom + MIB(1));

		fake_u32(&j.mem, at + 40, states[i]);
		fake_u64(&j.mem, list + 8 * i, at);
	}
	fake_state(&j.mem, JVM_HEAP, JVM_HEAP + MIB(3), PAGE_PRESENT);
	jvm_field(&j, "ShenandoahHeap", "_num_regions", 64);
	jvm_field(&j, "ShenandoahHeap", "_regions", 72);
	jvm_field(&j, "ShenandoahHeapRegion", "_bottom", 8);
	jvm_field(&j, "ShenandoahHeapRegion", "_end", 16);
	jvm_field(&j, "ShenandoahHeapRegion", "_top", 24);
	jvm_field(&j, "ShenandoahHeapRegion", "_state", 40);
	jvm_finish(&j);
	jvm = jvm_show(&j, &walk);
	check_read(jvm, *state, "Shenandoah");
	assert_int_equal(jvm->total.committed.value, MIB(4));
	assert_int_equal(jvm->total.live.value, KIB(768));
	assert_int_equal(jvm->total.resident.value, MIB(3));
	assert_int_equal(space(jvm, "trash")->live.value, KIB(256));
	assert_int_equal(space(jvm, "free regions")->committed.value, MIB(1));
}

/* Adds a page of ZGC: its kind, and its place in the address space of the heap. */
static uint64_t z_page(struct fakejvm *j, uint8_t type, uint64_t granule, uint64_t granules)
{
	uint64_t at = jvm_object(j, 64), start = KIB(JVM_GRANULE_KIB) * granule,
		 size = KIB(JVM_GRANULE_KIB) * granules;
	uint64_t table = JVM_AREA + KIB(128);

	fake_put(&j->mem, at, &type, 1);
	fake_u64(&j->mem, at + 16, start);
	fake_u64(&j->mem, at + 24, j->r->major >= 25 && j->r->security >= 0 ? size : start + size);
	for (uint64_t i = granule; i < granule + granules; i++)
		fake_u64(&j->mem, table + 8 * i, at);
	return at;
}

/* Adds the names of ZGC, which begin with Z or X; `wrong` is added to their offsets. */
static void z_fields(struct fakejvm *j, char letter, uint64_t globals, bool partitions,
		     uint64_t wrong)
{
	const struct {
		const char *type, *name;
		uint64_t offset;
	} fields[] = {
		{ "ZGlobalsForVMStructs", "_ZAddressOffsetMask", 8 },
		{ "ZCollectedHeap", "_heap", 32 },
		{ "ZHeap", "_page_allocator", 16 },
		{ "ZHeap", "_page_table", 128 },
		{ "ZPageTable", "_map", 0 },
		{ "ZGranuleMapForPageTable", "_map", 8 },
		{ "ZPage", "_type", 0 },
		{ "ZPage", "_virtual", 16 },
		{ "ZVirtualMemory", "_start", 0 },
		{ "ZVirtualMemory", partitions ? "_size" : "_end", 8 },
		{ partitions ? "ZPartition" : "ZPageAllocator", "_capacity", 24 },
		{ partitions ? "ZPartition" : "ZPageAllocator", "_used", 32 },
	};
	auto_free char *globals_type = xasprintf("%cGlobalsForVMStructs", letter);

	jvm_static(j, globals_type, "_instance_p", globals);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		auto_free char *type = xasprintf("%c%s", letter, fields[i].type + 1);
		auto_free char *name = xstrdup(fields[i].name);

		if (name[1] == 'Z')
			name[1] = letter;
		jvm_field(j, type, name, fields[i].offset + wrong);
	}
}

/* Four granules, mapped three times: a small page, a free one, a large page of two. */
static void make_z(struct fakejvm *j, const struct jvm_release *r, bool old)
{
	bool partitions = r->major >= 25 && r->security >= 0;
	uint64_t heap, globals, partition;

	jvm_init(j, r);
	j->flags[j->n_flags++] = "UseZGC";
	if (!old)
		j->flags[j->n_flags++] = "ZGenerational";
	heap = jvm_heap(j, 256, false);
	globals = jvm_object(j, 64);
	fake_u64(&j->mem, globals + 8, globals + 32);
	fake_u64(&j->mem, globals + 32, (UINT64_C(1) << 42) - 1);
	partition = partitions ? jvm_object(j, 64) : heap + 32 + 16;
	fake_u64(&j->mem, heap + 32 + 16 + 40, partition);
	fake_u64(&j->mem, partition + 24, KIB(4 * JVM_GRANULE_KIB));
	fake_u64(&j->mem, partition + 32, KIB(3 * JVM_GRANULE_KIB));
	fake_u64(&j->mem, heap + 32 + 128 + 8, JVM_AREA + KIB(128));
	(void)z_page(j, 0, 0, 1);
	(void)z_page(j, 2, 2, 2);
	z_fields(j, 'Z', globals, partitions, old ? 8 : 0);
	if (r->major == 21) /* which has two */
		z_fields(j, 'X', globals, false, old ? 0 : 8);
	if (partitions) {
		jvm_field(j, "ZPageAllocator", "_partitions", 40);
		jvm_field(j, "ZPerNUMAZPartition", "_addr", 0);
		jvm_static(j, "ZNUMA", "_count", 1);
	}
}

static void check_z(const struct jvm_release *r, bool old)
{
	const struct walk_runtime *jvm;
	auto_fakejvm j;
	auto_walk walk;

	make_z(&j, r, old);
	jvm_finish(&j);
	fake_state(&j.mem, jvm_z_view(0, 0), jvm_z_view(0, 1), PAGE_PRESENT);
	fake_state(&j.mem, jvm_z_view(0, 1), jvm_z_view(0, 1) + MIB(1), PAGE_PRESENT);
	fake_state(&j.mem, jvm_z_view(1, 0), jvm_z_view(1, 0) + MIB(1), PAGE_PRESENT);
	fake_state(&j.mem, jvm_z_view(2, 0), jvm_z_view(2, 0) + KIB(4), PAGE_PRESENT);
	fake_state(&j.mem, jvm_z_view(2, 2), jvm_z_view(2, 3), PAGE_PRESENT);
	jvm = jvm_show(&j, &walk);
	check_read(jvm, r, "ZGC");
	assert_int_equal(jvm->total.committed.value, MIB(8));
	assert_int_equal(jvm->total.live.value, MIB(6));
	assert_int_equal(jvm->total.free_bytes.value, MIB(2));
	assert_int_equal(jvm->total.resident.value, MIB(5));
	assert_int_equal(jvm->total.free_resident.value, MIB(1));
	assert_int_equal(jvm->recounted.value, MIB(1) + KIB(4));
	assert_int_equal(space(jvm, "small pages")->live.value, MIB(2));
	assert_int_equal(space(jvm, "large pages")->resident.value, MIB(2));
	assert_int_equal(line_sum(&walk, LINE_OBJECTS), MIB(4));
	assert_int_equal(line_sum(&walk, LINE_RUNTIME_FREE), MIB(1));
	assert_int_equal(line_sum(&walk, LINE_AGAIN), MIB(1) + KIB(4));
}

static void test_z(void **state)
{
	check_z(*state, false);
}

static void test_old_z(void **state)
{
	check_z(*state, true);
}

/* The state during a collection: the top of a space is beyond its end. */
static void test_torn(void **state)
{
	const struct walk_runtime *jvm;
	auto_fakejvm j;
	auto_walk walk;
	uint64_t torn;

	make_g1(&j, *state);
	torn = jvm_object(&j, 64);
	for (uint64_t at = JVM_OBJECTS; at < torn; at += 8) {
		const struct fake_page *p = fake_find(&j.mem, at);
		uint64_t word = 0;

		if (p && p->data)
			memcpy(&word, p->data + at % FAKE_PAGE, 8);
		if (word == JVM_HEAP + KIB(1024 + 100)) /* the top of the second region */
			fake_u64(&j.mem, at, JVM_HEAP + MIB(3));
	}
	jvm_finish(&j);
	jvm = jvm_show(&j, &walk);
	assert_int_equal(jvm->unread, REASON_NONE);
	assert_false(jvm->complete);
	assert_int_equal(jvm->retries, 1);
	assert_int_equal(jvm->total.committed.value, MIB(5));
}

/* Unknown values are not invented. */
static void test_unknown(void **state)
{
	const struct walk_runtime *jvm;
	auto_fakejvm j;
	auto_walk walk;

	make_g1(&j, *state);
	j.flags[0] = "UseConcMarkSweepGC";
	jvm_finish(&j);
	jvm = jvm_show(&j, &walk);
	assert_string_equal(jvm->collector, "CMS");
	assert_int_not_equal(jvm->unread, REASON_NONE);
	assert_false(amount_ok(jvm->total.live));
	assert_int_equal(jvm->n_spaces, 0);
	assert_int_equal(walk.attributions.n, 0);
}

static void test_no_tables(void **state)
{
	const struct walk_runtime *jvm;
	auto_fakejvm j;
	auto_walk walk;

	make_g1(&j, *state);
	jvm_flags(&j);
	jvm_symbol(&j, "gHotSpotVMStructs", 0);
	jvm_image(&j);
	jvm = jvm_show(&j, &walk);
	assert_int_equal(jvm->unread, REASON_JVM_NO_TABLES);
	assert_null(jvm->version);
	assert_int_equal(walk.attributions.n, 0);
}

/* Metaspace and bitmaps, which the JVM has a record of, and a stack, which it has not. */
static void test_own(void **state)
{
	const uint64_t area = JVM_AREA;
	const struct walk_runtime *jvm;
	uint64_t at, loader, klass;
	auto_fakejvm j;
	auto_walk walk;

	make_serial(&j, *state);
	at = jvm_object(&j, 64);
	fake_u64(&j.mem, at, area); /* start and bytes; committed is the first half */
	fake_u64(&j.mem, at + 8, KIB(128));
	fake_u64(&j.mem, at + 24, area + KIB(128)); /* start and end */
	fake_u64(&j.mem, at + 32, area + KIB(256));
	fake_u64(&j.mem, at + 48, area + KIB(256)); /* of other code */
	fake_u64(&j.mem, at + 56, KIB(64));
	loader = jvm_object(&j, 64);
	klass = jvm_object(&j, 64);
	fake_u64(&j.mem, loader + 8, klass);
	fake_u64(&j.mem, klass + 8, area + 64);
	jvm_static(&j, "ClassLoaderDataGraph", "_head", loader);
	jvm_field(&j, "ClassLoaderData", "_next", 0);
	jvm_field(&j, "ClassLoaderData", "_klasses", 8);
	jvm_field(&j, "Klass", "_next_link", 0);
	jvm_field(&j, "InstanceKlass", "_constants", 8);
	jvm_finish(&j);
	fake_state(&j.mem, area, area + KIB(320), PAGE_PRESENT);
	jvm = jvm_show(&j, &walk);
	assert_int_equal(space(jvm, "metaspace")->committed.value, KIB(64));
	assert_int_equal(space(jvm, "metaspace")->resident.value, KIB(64));
	assert_int_equal(space(jvm, "tables")->committed.value, KIB(128));
	assert_int_equal(space(jvm, "class space")->objects.value, 1);
	assert_int_equal(line_sum(&walk, LINE_OVERHEAD), KIB(192));
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "Serial", jvm_releases, test_serial);
	ROWS_ADD(&list, "Parallel", jvm_releases, test_parallel);
	ROWS_ADD(&list, "G1", jvm_releases, test_g1);
	ROWS_ADD(&list, "Shenandoah", jvm_releases, test_shenandoah);
	rows_add(&list, "ZGC", jvm_releases + 1, ARRAY_SIZE(jvm_releases) - 1,
		 sizeof(*jvm_releases), test_z);
	rows_add(&list, "the older ZGC of two", jvm_releases + JVM_21, 1, sizeof(*jvm_releases),
		 test_old_z);
	ROWS_ADD(&list, "a torn region", jvm_releases, test_torn);
	ROWS_ADD(&list, "an unknown collector", jvm_releases, test_unknown);
	ROWS_ADD(&list, "no tables", jvm_releases, test_no_tables);
	ROWS_ADD(&list, "what it mapped for itself", jvm_releases, test_own);
	return rows_run("hotspot", &list);
}
