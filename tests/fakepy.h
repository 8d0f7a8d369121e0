/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Python runtime made by hand: its types, arenas and objects as each release lays them out.
 * Written from the headers of CPython, not from our reader of it.
 */
#ifndef TESTS_FAKEPY_H
#define TESTS_FAKEPY_H

#include "fakemem.h"
#include "snap.h"
#include "walk/runtime/cpython/cpython.h"
#include "walk/walkers.h"

#define FAKEPY_DATA UINT64_C(0x7f1000000000) /* of the module, 64 KiB; .bss is as much behind it */
#define FAKEPY_BSS (FAKEPY_DATA + 0x10000)
#define FAKEPY_HEAP UINT64_C(0x555500001000)  /* [heap]: types and large objects */
#define FAKEPY_ARENA UINT64_C(0x7f2000001000) /* not a multiple of the size of a pool */

enum {
	FAKEPY_HEAP_BYTES = 8 << 20,
	FAKEPY_ARENAS = 2,
	FAKEPY_TABLE = 16, /* entries of the table of arenas */
};

/* tp_flags */
#define FAKEPY_HEAPTYPE (UINT64_C(1) << 9)
#define FAKEPY_READY (UINT64_C(1) << 12)
#define FAKEPY_GC (UINT64_C(1) << 14)
#define FAKEPY_LONG (UINT64_C(1) << 24)
#define FAKEPY_LIST (UINT64_C(1) << 25)
#define FAKEPY_TUPLE (UINT64_C(1) << 26)
#define FAKEPY_BYTES (UINT64_C(1) << 27)
#define FAKEPY_UNICODE (UINT64_C(1) << 28)
#define FAKEPY_DICT (UINT64_C(1) << 29)
#define FAKEPY_TYPE (UINT64_C(1) << 31)

struct fakepy_release {
	const char *name, *version;
	uint32_t arena, pool;
	uint64_t refcnt; /* of an immortal object, or the largest that was ever seen */
	uint16_t ascii, compact;
	uint16_t basic_unicode, basic_tuple, basic_list;
	bool tagged_int, log2_keys;
	uint64_t managed_dict; /* the flag if the dict is in front of an object */
};

static const struct fakepy_release fakepy_releases[] = {
	{ "3.8", "3.8.18 (default, Jan  1 2020, 00:00:00) \n[GCC 9.3.0]", 256 << 10, 4 << 10,
	  1 << 30, 48, 72, 80, 24, 40, false, false, 0 },
	{ "3.9", "3.9.2 (default, Jan  1 2020, 00:00:00) \n[GCC 9.3.0]", 256 << 10, 4 << 10,
	  1 << 30, 48, 72, 80, 24, 40, false, false, 0 },
	{ "3.10", "3.10.13 (main, Jan  1 2020, 00:00:00) [GCC 9.3.0]", 1 << 20, 16 << 10, 1 << 30,
	  48, 72, 80, 24, 40, false, false, 0 },
	{ "3.11", "3.11.2 (main, Jan  1 2020, 00:00:00) [GCC 9.3.0]", 1 << 20, 16 << 10, 1 << 30,
	  48, 72, 80, 24, 40, false, true, 1 << 4 },
	{ "3.12", "3.12.1 (main, Jan  1 2020, 00:00:00) [GCC 9.3.0]", 1 << 20, 16 << 10, UINT32_MAX,
	  40, 56, 64, 24, 40, true, true, 1 << 4 },
	{ "3.13", "3.13.0rc1 (main, Jan  1 2020, 00:00:00) [GCC 9.3.0]", 1 << 20, 16 << 10,
	  UINT32_MAX, 40, 56, 64, 24, 40, true, true, 1 << 4 },
	{ "3.14", "3.14.8 (main, Jan  1 2020, 00:00:00) [GCC 9.3.0]", 1 << 20, 16 << 10,
	  UINT64_C(0x50000c0000000), 40, 56, 64, 32, 40, true, true, 1 << 4 },
};

struct fakepy {
	struct fakemem mem;
	struct snapshot snap;
	const struct fakepy_release *r;
	uint64_t data_at, heap_at; /* where the next ones are put */
	uint64_t pool_at;          /* the next pool */
	uint64_t pools[32];        /* of each size class, the one with room */
	uint32_t used[32];         /* blocks in it that were used so far */
	uint32_t count[32];        /* blocks in it that are live */
	uint64_t type, object, str, integer, list, dict, bytes, tuple;
};

#define auto_fakepy __attribute__((cleanup(fakepy_release_all))) struct fakepy

static inline void fakepy_release_all(struct fakepy *p)
{
	fake_release(&p->mem);
	snapshot_release(&p->snap);
}

static inline uint64_t fakepy_text(struct fakepy *p, const char *text)
{
	uint64_t at = p->data_at;

	fake_put(&p->mem, at, text, strlen(text) + 1);
	p->data_at += (strlen(text) + 16) & ~UINT64_C(15);
	return at;
}

/* Allocates memory as malloc does, but without the header. */
static inline uint64_t fakepy_malloc(struct fakepy *p, uint64_t bytes)
{
	uint64_t at = p->heap_at;

	p->heap_at += (bytes + 31) & ~UINT64_C(15);
	for (uint64_t page = at & ~UINT64_C(4095); page < at + bytes; page += 4096)
		(void)fake_page(&p->mem, page);
	return at;
}

static inline void fakepy_fill_type(struct fakepy *p, uint64_t at, const char *name,
				    uint64_t basicsize, uint64_t itemsize, uint64_t flags,
				    uint64_t base)
{
	fake_u64(&p->mem, at, 1);
	fake_u64(&p->mem, at + 8, p->type);
	fake_u64(&p->mem, at + 24, fakepy_text(p, name));
	fake_u64(&p->mem, at + 32, basicsize);
	fake_u64(&p->mem, at + 40, itemsize);
	fake_u64(&p->mem, at + 168, flags | FAKEPY_READY);
	fake_u64(&p->mem, at + 256, base);
}

/* Adds a static type. */
static inline uint64_t fakepy_static(struct fakepy *p, const char *name, uint64_t basicsize,
				     uint64_t itemsize, uint64_t flags)
{
	uint64_t at = p->data_at;

	p->data_at += 416;
	fakepy_fill_type(p, at, name, basicsize, itemsize, flags, p->object);
	return at;
}

/* Adds a class. It is an object too: it begins 16 bytes behind the start of its block. */
static inline uint64_t fakepy_class(struct fakepy *p, const char *name, uint64_t basicsize,
				    uint64_t flags, uint64_t base)
{
	uint64_t at = fakepy_malloc(p, 1024) + 16;

	fakepy_fill_type(p, at, name, basicsize, 0, flags | FAKEPY_HEAPTYPE, base);
	return at;
}

/* Allocates a block of this many bytes in a pool. */
static inline uint64_t fakepy_block(struct fakepy *p, uint32_t bytes)
{
	uint32_t class = (bytes + 15) / 16 - 1, size = (class + 1) * 16;
	uint64_t pool = p->pools[class];

	if (!pool || 48 + (p->used[class] + 1) * size > p->r->pool) {
		uint64_t room = p->r->arena - (p->pool_at - FAKEPY_ARENA) % p->r->arena;

		if (room < p->r->pool)
			p->pool_at += p->r->pool;
		pool = p->pools[class] = p->pool_at;
		p->pool_at += p->r->pool;
		p->used[class] = p->count[class] = 0;
		fake_u64(&p->mem, pool + 8, 0);
		fake_u32(&p->mem, pool + 32, 0);
		fake_u32(&p->mem, pool + 36, class);
		fake_u32(&p->mem, pool + 44, p->r->pool - size);
		/* Beyond the part of a pool that is filled, memory need not exist. */
		fake_state(&p->mem, pool, pool + p->r->pool, PAGE_PRESENT);
	}
	p->used[class]++;
	p->count[class]++;
	fake_u32(&p->mem, pool, p->count[class]);
	fake_u32(&p->mem, pool + 40, 48 + p->used[class] * size);
	return pool + 48 + (p->used[class] - 1) * size;
}

/* Frees the block of this size that was allocated last. */
static inline void fakepy_free(struct fakepy *p, uint64_t block, uint32_t bytes)
{
	uint32_t class = (bytes + 15) / 16 - 1;
	uint64_t pool = p->pools[class];

	assert_true(block - pool < p->r->pool);
	fake_u64(&p->mem, block, 0);
	fake_u64(&p->mem, pool + 8, block);
	fake_u32(&p->mem, pool, --p->count[class]);
}

static inline void fakepy_head(struct fakepy *p, uint64_t at, uint64_t type)
{
	fake_u64(&p->mem, at, 1);
	fake_u64(&p->mem, at + 8, type);
}

/* Adds an object of this many bytes in a pool, behind `front` bytes. */
static inline uint64_t fakepy_object(struct fakepy *p, uint64_t type, uint32_t front,
				     uint32_t bytes)
{
	uint64_t at = fakepy_block(p, front + bytes) + front;

	for (uint32_t i = 0; i < front; i += 8)
		fake_u64(&p->mem, at - front + i, 0);
	fakepy_head(p, at, type);
	return at;
}

/* Fills in a str of ASCII characters. */
static inline void fakepy_fill_str(struct fakepy *p, uint64_t at, const char *text, uint64_t length)
{
	fakepy_head(p, at, p->str);
	fake_u64(&p->mem, at + 16, length);
	fake_u32(&p->mem, at + 32, 1 << 2 | 1 << 5 | 1 << 6);
	fake_put(&p->mem, at + p->r->ascii, text, strlen(text) + 1);
}

static inline uint64_t fakepy_str(struct fakepy *p, const char *text)
{
	uint32_t bytes = p->r->ascii + (uint32_t)strlen(text) + 1;
	uint64_t at = fakepy_block(p, bytes);

	fakepy_fill_str(p, at, text, strlen(text));
	return at;
}

static inline uint64_t fakepy_int(struct fakepy *p, uint32_t value)
{
	uint64_t at = fakepy_object(p, p->integer, 0, 28);

	fake_u64(&p->mem, at + 16, p->r->tagged_int ? 1 << 3 : 1);
	fake_u32(&p->mem, at + 24, value);
	return at;
}

/* Fills in a table of keys at `at`, of 8 slots with two entries; returns its bytes. */
static inline uint32_t fakepy_fill_keys(struct fakepy *p, uint64_t at, uint64_t refcnt,
					const uint64_t *pairs, uint32_t n)
{
	uint32_t head = p->r->log2_keys ? 32 : 40, entry = p->r->log2_keys ? 16 : 24;
	uint64_t entries = at + head + 8;

	fake_u64(&p->mem, at, refcnt);
	if (p->r->log2_keys) {
		fake_put(&p->mem, at + 8, (const uint8_t[]){ 3, 3, 1 }, 3);
		fake_u64(&p->mem, at + 16, 5 - n);
		fake_u64(&p->mem, at + 24, n);
	} else {
		fake_u64(&p->mem, at + 8, 8);
		fake_u64(&p->mem, at + 24, 5 - n);
		fake_u64(&p->mem, at + 32, n);
	}
	for (uint32_t i = 0; i < n; i++)
		fake_put(&p->mem, entries + i * entry + (entry - 16), &pairs[2 * i], 16);
	return head + 8 + 5 * entry;
}

static inline uint64_t fakepy_dict(struct fakepy *p, const uint64_t *pairs, uint32_t n)
{
	uint64_t at = fakepy_object(p, p->dict, 16, 48);
	uint64_t keys = fakepy_block(p, p->r->log2_keys ? 120 : 168);

	(void)fakepy_fill_keys(p, keys, 1, pairs, n);
	fake_u64(&p->mem, at + 16, n);
	fake_u64(&p->mem, at + 32, keys);
	fake_u64(&p->mem, at + 40, 0);
	return at;
}

static inline uint64_t fakepy_list(struct fakepy *p, uint64_t items, uint64_t n, uint64_t allocated)
{
	uint64_t at = fakepy_object(p, p->list, 16, p->r->basic_list);

	fake_u64(&p->mem, at + 16, n);
	fake_u64(&p->mem, at + 24, items);
	fake_u64(&p->mem, at + 32, allocated);
	return at;
}

/* Makes a runtime without objects, but with the types above and its version. */
static inline void fakepy_init(struct fakepy *p, const struct fakepy_release *r)
{
	const struct mem_map module = {
		.perms = VMA_READ | VMA_WRITE, .kind = MEM_FILE, .major = 8, .minor = 1, .inode = 77
	};
	const struct mem_map heap = { .perms = VMA_READ | VMA_WRITE, .kind = MEM_HEAP };
	uint64_t arenas = (uint64_t)FAKEPY_ARENAS * r->arena;

	*p = (struct fakepy){ .r = r, .data_at = FAKEPY_DATA + 0x100, .heap_at = FAKEPY_HEAP };
	p->pool_at = (FAKEPY_ARENA + r->pool - 1) / r->pool * r->pool;
	snap_init(&p->snap);
	fake_map(&p->mem, FAKEPY_HEAP, FAKEPY_HEAP + FAKEPY_HEAP_BYTES, &heap);
	fake_map(&p->mem, FAKEPY_DATA, FAKEPY_BSS, &module);
	fake_map(&p->mem, FAKEPY_BSS, FAKEPY_BSS + 0x10000, NULL);
	fake_map(&p->mem, FAKEPY_ARENA, FAKEPY_ARENA + arenas, NULL);
	snap_add_anonymous(&p->snap, FAKEPY_HEAP, FAKEPY_HEAP_BYTES >> 10, FAKEPY_HEAP_BYTES >> 10);
	(void)snap_add(&p->snap, &(struct snap_region){ .start = FAKEPY_DATA,
							.size_kib = 64,
							.perms = SNAP_RW,
							.name = "/usr/lib/libpython3.so",
							.inode = 77 });
	snap_add_anonymous(&p->snap, FAKEPY_ARENA, arenas >> 10, arenas >> 10);
	p->snap.runtimes = xgrow(p->snap.runtimes, 0, &p->snap.cap_runtimes,
				 sizeof(*p->snap.runtimes));
	p->snap.runtimes[p->snap.n_runtimes++] = (struct runtime){
		.name = "cpython", .module = p->snap.files[1].path
	};
	fake_put(&p->mem, FAKEPY_BSS + 0x1230, r->version, strlen(r->version) + 1);

	p->type = p->data_at;
	p->object = p->type + 416;
	(void)fakepy_static(p, "type", 880, 40, FAKEPY_TYPE | FAKEPY_GC);
	(void)fakepy_static(p, "object", 16, 0, 0);
	p->str = fakepy_static(p, "str", r->basic_unicode, 0, FAKEPY_UNICODE);
	p->integer = fakepy_static(p, "int", 24, 4, FAKEPY_LONG);
	p->list = fakepy_static(p, "list", r->basic_list, 0, FAKEPY_LIST | FAKEPY_GC);
	p->dict = fakepy_static(p, "dict", 48, 0, FAKEPY_DICT | FAKEPY_GC);
	p->bytes = fakepy_static(p, "bytes", 33, 1, FAKEPY_BYTES);
	p->tuple = fakepy_static(p, "tuple", r->basic_tuple, 8, FAKEPY_TUPLE | FAKEPY_GC);
}

/* Writes the table of arenas and the pointer to it. Nothing can be allocated after that. */
static inline void fakepy_finish(struct fakepy *p)
{
	uint64_t table = fakepy_malloc(p, FAKEPY_TABLE * 48), end = FAKEPY_ARENA;

	for (uint32_t i = 0; i < FAKEPY_TABLE; i++) {
		uint64_t at = table + i * 48,
			 first = (end + p->r->pool - 1) / p->r->pool * p->r->pool;
		uint64_t pools = (end + p->r->arena - first) / p->r->pool;
		uint64_t next = MIN(MAX(p->pool_at, first), first + pools * p->r->pool);

		fake_u64(&p->mem, at, i < FAKEPY_ARENAS ? end : 0);
		fake_u64(&p->mem, at + 8, next);
		fake_u32(&p->mem, at + 16,
			 (uint32_t)((first + pools * p->r->pool - next) / p->r->pool));
		fake_u32(&p->mem, at + 20, (uint32_t)pools);
		end += p->r->arena;
	}
	fake_u64(&p->mem, FAKEPY_BSS + 0x2340, table);
}

static inline const struct walk_runtime *fakepy_read(struct fakepy *p, const struct walk_opts *opts,
						     struct walk *ret)
{
	assert_int_equal(walk_read_from(&p->snap, fake_open(&p->mem, opts->cancel), opts, ret), 0);
	p->mem.mem = NULL; /* *ret owns it now */
	assert_int_equal(ret->n_runtimes, 1);
	return &ret->runtimes[0];
}

#endif
