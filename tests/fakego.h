/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Go program made by hand: the type information of runtime.mspan as a release has it, the list of
 * all spans, and an arena. Written from Go's runtime/mheap.go, not from our reader of it.
 */
#ifndef TESTS_FAKEGO_H
#define TESTS_FAKEGO_H

#include "fakemem.h"
#include "snap.h"
#include "walk/core/runtime_heap.h"
#include "walk/walkers.h"

#define GO_IMAGE UINT64_C(0x400000) /* code, then read-only data, then data */
#define GO_RODATA (GO_IMAGE + 0x100000)
#define GO_DATA (GO_IMAGE + 0x200000)
#define GO_BSS (GO_DATA + 0x10000)
#define GO_HEAP UINT64_C(0xc000000000)
#define GO_OWN UINT64_C(0x7f0000000000) /* of the runtime: spans and their list */
#define GO_OTHER (GO_OWN + 0x200000)    /* a mapping beside it */

#define GO_LIST UINT64_C(0x7f1000000000)  /* of goroutines, and they themselves */
#define GO_TABLE UINT64_C(0x7f2000000000) /* from arenas to their records */

enum { GO_FIELDS = 8, GO_PAGE_BYTES = 8192, GO_ARENA_MIB = 4, GO_G_STATUS = 144, GO_G_ID = 152 };

struct go_release {
	const char *name, *version;
	bool shifted; /* offsets of fields are doubled: bit 0 marks embedded ones */
	struct {
		const char *name;
		uint16_t offset;
	} fields[GO_FIELDS];
};

#define GO_SPAN_FIELDS(more)                                                                       \
	{                                                                                          \
		{ "next", 0 }, { "prev", 8 }, { "startAddr", 24 }, { "npages", 32 },               \
			{ "allocCount", 96 + (more) }, { "spanclass", 98 + (more) },               \
			{ "state", 99 + (more) }, { "elemsize", 104 + (more) },                    \
	}

static const struct go_release go_releases[] = {
	{ "1.18", "1.18.1", true, GO_SPAN_FIELDS(0) },
	{ "1.19", "1.19.8", false, GO_SPAN_FIELDS(0) },
	{ "1.21", "1.21.5", false, GO_SPAN_FIELDS(8) },
};

struct fakego {
	struct fakemem mem;
	struct snapshot snap;
	const struct go_release *r;
	uint64_t at; /* where the next span goes */
	uint64_t n;  /* spans in the list */
};

#define auto_fakego __attribute__((cleanup(go_release))) struct fakego

static inline void go_release(struct fakego *g)
{
	fake_release(&g->mem);
	snapshot_release(&g->snap);
}

static inline void go_map(struct fakego *g, uint64_t start, uint64_t bytes, unsigned int perms,
			  const char *file, uint16_t marks)
{
	const struct mem_map map = {
		.perms = (uint8_t)perms,
		.kind = file ? MEM_FILE : MEM_ANON,
		.major = file ? 8 : 0,
		.minor = file ? 1 : 0,
		.inode = file ? 9 : 0,
	};

	fake_map(&g->mem, start, start + bytes, &map);
	(void)snap_add(&g->snap, &(struct snap_region){
					 .start = start,
					 .size_kib = bytes >> 10,
					 .perms = (uint8_t)perms,
					 .name = file,
					 .inode = map.inode,
					 .marks = marks,
					 .kib = { [MC_RSS] = bytes >> 10 },
				 });
}

/* The fields of mspan, each a name, a type and an offset; names are flags, a length and bytes. */
static inline void go_types(struct fakego *g)
{
	uint64_t text = GO_RODATA + 0x101, field = GO_RODATA + 0x2000;

	for (size_t i = 0; i < GO_FIELDS; i++) {
		const char *name = g->r->fields[i].name;
		const uint8_t head[] = { 0, (uint8_t)strlen(name) };

		fake_put(&g->mem, text, head, sizeof(head));
		fake_put(&g->mem, text + 2, name, strlen(name));
		fake_u64(&g->mem, field, text);
		fake_u64(&g->mem, field + 8, GO_RODATA + 0x3000);
		fake_u64(&g->mem, field + 16,
			 (uint64_t)g->r->fields[i].offset << (g->r->shifted ? 1 : 0));
		text += strlen(name) + 7;
		field += 24;
	}
	fake_u64(&g->mem, field, 0);
}

/* The fields of g, in the same form. */
static inline void go_types_of_g(struct fakego *g)
{
	static const struct {
		const char *name;
		uint16_t offset;
	} fields[] = { { "stackguard0", 16 },
		       { "stackguard1", 24 },
		       { "m", 48 },
		       { "atomicstatus", GO_G_STATUS },
		       { "goid", GO_G_ID } };
	uint64_t text = GO_RODATA + 0x4001, field = GO_RODATA + 0x5000;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const uint8_t head[] = { 0, (uint8_t)strlen(fields[i].name) };

		fake_put(&g->mem, text, head, sizeof(head));
		fake_put(&g->mem, text + 2, fields[i].name, strlen(fields[i].name));
		fake_u64(&g->mem, field, text);
		fake_u64(&g->mem, field + 8, GO_RODATA + 0x3000);
		fake_u64(&g->mem, field + 16, (uint64_t)fields[i].offset << g->r->shifted);
		text += strlen(fields[i].name) + 7;
		field += 24;
	}
	fake_u64(&g->mem, field, 0);
}

/* Adds an arena behind the first, of which bytes are in RAM, and of these some released. */
static inline void go_arena(struct fakego *g, uint64_t bytes, uint64_t lazy)
{
	const struct mem_map map = { .perms = VMA_READ | VMA_WRITE, .kind = MEM_ANON };
	const uint64_t start = GO_HEAP + MIB(64);

	fake_map(&g->mem, start, start + MIB(64), &map);
	fake_state(&g->mem, start, start + bytes, PAGE_PRESENT);
	(void)snap_add(&g->snap,
		       &(struct snap_region){
			       .start = start,
			       .size_kib = 64 << 10,
			       .perms = SNAP_RW,
			       .kib = { [MC_RSS] = bytes >> 10, [MC_LAZYFREE] = lazy >> 10 },
		       });
}

/*
 * Makes a program of a release, with an arena whose first GO_ARENA_MIB are mapped, and a second one
 * as go_arena does unless it has 0 bytes in RAM.
 */
static inline void go_init_arenas(struct fakego *g, const struct go_release *r, uint64_t bytes,
				  uint64_t lazy)
{
	*g = (struct fakego){ .r = r, .at = GO_OWN + 0x10000 };
	snap_init(&g->snap);
	go_map(g, GO_IMAGE, 0x100000, SNAP_RX, "/srv/program", 0);
	go_map(g, GO_RODATA, 0x100000, VMA_READ, "/srv/program", 0);
	go_map(g, GO_DATA, 0x10000, SNAP_RW, "/srv/program", 0);
	go_map(g, GO_BSS, 0x10000, SNAP_RW, NULL, MARK_BSS);
	go_map(g, GO_HEAP, MIB(GO_ARENA_MIB), SNAP_RW, NULL, MARK_GO_ARENA);
	go_map(g, GO_HEAP + MIB(GO_ARENA_MIB), MIB(64 - GO_ARENA_MIB), 0, NULL, 0);
	if (bytes)
		go_arena(g, bytes, lazy);
	go_map(g, GO_OWN, 0x100000, SNAP_RW, NULL, 0);
	go_map(g, GO_OTHER, 0x10000, SNAP_RW, NULL, 0);
	g->snap.runtimes = xgrow(NULL, 0, &g->snap.cap_runtimes, sizeof(*g->snap.runtimes));
	g->snap.runtimes[g->snap.n_runtimes++] = (struct runtime){
		.name = "go",
		.version = r->version,
		.module = g->snap.files[g->snap.regions[0].file].path,
	};
	go_types(g);
}

static inline void go_init(struct fakego *g, const struct go_release *r)
{
	go_init_arenas(g, r, 0, 0);
}

static inline void go_put(struct fakego *g, const char *field, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < GO_FIELDS; i++) {
		if (streq(g->r->fields[i].name, field))
			fake_put(&g->mem, g->at + g->r->fields[i].offset, &value, bytes);
	}
}

/*
 * Adds a span on pages of the arena, counted from its start; state 0 dead, 1 in use, 2
 * manual.
 */
static inline void go_span(struct fakego *g, uint64_t page, uint64_t npages, uint8_t state,
			   uint64_t elem_bytes, uint16_t count)
{
	go_put(g, "startAddr", GO_HEAP + page * GO_PAGE_BYTES, 8);
	go_put(g, "npages", npages, 8);
	go_put(g, "allocCount", count, 2);
	go_put(g, "state", state, 1);
	go_put(g, "elemsize", elem_bytes, 8);
	fake_u64(&g->mem, GO_OWN + 8 * g->n++, g->at);
	g->at += 160;
}

/* Adds a span to the list that was never used. */
static inline void go_span_unused(struct fakego *g)
{
	fake_u64(&g->mem, GO_OWN + 8 * g->n++, GO_OWN + 0x80000);
}

/* Makes goroutines of these statuses, and the list of them; the first one is that of main. */
static inline void go_goroutines(struct fakego *g, const uint32_t *statuses, size_t n)
{
	uint64_t at = GO_LIST + 0x8000;

	go_map(g, GO_LIST, 0x40000, SNAP_RW, NULL, 0);
	go_types_of_g(g);
	for (size_t i = 0; i < n; i++, at += 416) {
		fake_u64(&g->mem, GO_LIST + 8 * i, at);
		fake_u64(&g->mem, at, GO_HEAP + 0x10000);
		fake_u64(&g->mem, at + 8, GO_HEAP + 0x10800);
		fake_u64(&g->mem, at + GO_G_STATUS, statuses[i]);
		fake_u64(&g->mem, at + GO_G_ID, i + 1);
	}
	fake_u64(&g->mem, GO_DATA + 0x800, GO_LIST);
	fake_u64(&g->mem, GO_DATA + 0x808, n);
	fake_u64(&g->mem, GO_DATA + 0x810, n + 3);
}

/* Makes the table of arenas, with the first n of the heap, and the pointer to it in .bss. */
static inline void go_arena_table(struct fakego *g, uint64_t n)
{
	const uint64_t bytes = UINT64_C(8) << 22, record = GO_TABLE + bytes;

	go_map(g, GO_TABLE, bytes + 0x100000, SNAP_RW, NULL, 0);
	for (uint64_t i = 0; i < n; i++)
		fake_u64(&g->mem, GO_TABLE + 8 * ((GO_HEAP >> 26) + (1 << 21) + i),
			 record + 0x10000 * i);
	fake_u64(&g->mem, GO_BSS + 0x2000, GO_TABLE);
}

/* Writes the list, in .bss. */
static inline void go_finish(struct fakego *g)
{
	fake_u64(&g->mem, GO_BSS + 0x1238, GO_OWN);
	fake_u64(&g->mem, GO_BSS + 0x1240, g->n);
	fake_u64(&g->mem, GO_BSS + 0x1248, g->n + 9);
}

/* Walks the memory. The caller releases *ret, which then owns the memory. */
static inline const struct walk_runtime *go_show(struct fakego *g, struct walk *ret)
{
	const struct walk_opts opts = { .want = WANT_GO, .clock = &clock_system };
	struct memsrc *m = fake_open(&g->mem, NULL);

	g->mem.mem = NULL;
	assert_int_equal(walk_read_from(&g->snap, m, &opts, ret), 0);
	assert_int_equal(ret->n_runtimes, 1);
	assert_string_equal(ret->runtimes[0].name, "go");
	return &ret->runtimes[0];
}

#endif
