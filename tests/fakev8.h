/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A heap of V8 made by hand: pages, the spaces that they belong to, and the place where it
 * allocates, as each release lays them out. Written from V8's headers and from memory of node, not
 * from our reader.
 */
#ifndef TESTS_FAKEV8_H
#define TESTS_FAKEV8_H

#include "fakemem.h"
#include "snap.h"
#include "walk/core/runtime_heap.h"
#include "walk/walkers.h"

#define V8_HEAP UINT64_C(0x20020000) /* the Heap, in [heap] */
#define V8_BRK UINT64_C(0x20000000)
#define V8_PAGES UINT64_C(0x100000000000) /* pages follow each other from here on */
#define V8_PAGE_AT(i) (V8_PAGES + KIB(256) * (i))

enum { V8_MAPPED_PAGES = 32, V8_AREA_AT = 0x1140, V8_LABS_BEFORE = 0xd208 };

/* Places, counted in words. */
struct v8_release {
	const char *name;
	bool apart;    /* the header is in a block of malloc's */
	uint8_t self;  /* points to the page; 0: no word does */
	uint8_t flags; /* in the page itself */
	uint8_t size, heap, start, end, allocated, owner;
	uint8_t link, list; /* to the next page and the one before; first and last, in the space */
	uint8_t new_id, old_id, large_id;
	bool counts_labs;
};

static const struct v8_release v8_releases_made[] = {
	{ "10.2", false, 0, 1, 0, 2, 3, 4, 5, 8, 31, 21, 7, 1, 4, false },
	{ "11.3", false, 0, 1, 0, 2, 3, 4, 5, 8, 32, 5, 1, 2, 6, false },
	{ "12.4", false, 1, 0, 2, 3, 4, 5, 6, 9, 33, 5, 1, 2, 7, true },
	{ "13.6", true, 1, 0, 6, 8, 9, 7, 3, 10, 30, 5, 1, 2, 8, true },
};

struct fakev8 {
	struct fakemem mem;
	struct snapshot snap;
	const struct v8_release *r;
	uint64_t headers; /* place of the next header that is not on its page */
	uint64_t node[V8_MAPPED_PAGES];
};

#define auto_fakev8 __attribute__((cleanup(v8_done))) struct fakev8

static inline void v8_done(struct fakev8 *f)
{
	fake_release(&f->mem);
	snapshot_release(&f->snap);
}

static inline uint64_t v8_space_at(unsigned int i)
{
	return V8_HEAP + 0x4000 + 0x400 * (uint64_t)i;
}

/* Adds a space with this id and this many bytes. */
static inline void v8_space(struct fakev8 *f, unsigned int i, uint32_t id, uint64_t committed)
{
	fake_u64(&f->mem, v8_space_at(i), 0x401000);
	fake_u64(&f->mem, v8_space_at(i) + 8, V8_HEAP);
	fake_u64(&f->mem, v8_space_at(i) + 16, UINT64_C(0x6bd2a26700000000) | id);
	fake_u64(&f->mem, v8_space_at(i) + 24, committed);
	fake_u64(&f->mem, v8_space_at(i) + 0x3f8, 0);
}

/* Adds page i of a space, with this much of it in use. */
static inline void v8_page(struct fakev8 *f, unsigned int i, uint64_t bytes, unsigned int space,
			   uint64_t allocated, uint64_t flags)
{
	const struct v8_release *r = f->r;
	uint64_t addr = V8_PAGE_AT(i), node = addr;

	if (r->apart) {
		node = f->headers;
		f->headers += 0x200;
		fake_u64(&f->mem, node, 0);
		fake_u64(&f->mem, node + 0x1f8, 0);
	}
	fake_u64(&f->mem, addr + 8, node);
	fake_u64(&f->mem, addr + 0x1f8, 0);
	if (r->self)
		fake_u64(&f->mem, node + 8 * (uint64_t)r->self, addr);
	fake_u64(&f->mem, addr + 8 * (uint64_t)r->flags, flags);
	fake_u64(&f->mem, node + 8 * (uint64_t)r->size, bytes);
	fake_u64(&f->mem, node + 8 * (uint64_t)r->heap, V8_HEAP);
	fake_u64(&f->mem, node + 8 * (uint64_t)r->start, addr + V8_AREA_AT);
	fake_u64(&f->mem, node + 8 * (uint64_t)r->end, addr + bytes);
	fake_u64(&f->mem, node + 8 * (uint64_t)r->allocated, allocated);
	fake_u64(&f->mem, node + 8 * (uint64_t)r->owner, v8_space_at(space));
	f->node[i] = node;
}

/* Links the pages of a space from the first to the last, by number. */
static inline void v8_list(struct fakev8 *f, unsigned int space, unsigned int first,
			   unsigned int last)
{
	uint64_t link = 8 * (uint64_t)f->r->link, list = 8 * (uint64_t)f->r->list;

	for (unsigned int i = first; i <= last; i++) {
		fake_u64(&f->mem, f->node[i] + link, i < last ? f->node[i + 1] : 0);
		fake_u64(&f->mem, f->node[i] + link + 8, i > first ? f->node[i - 1] : 0);
	}
	fake_u64(&f->mem, v8_space_at(space) + list, f->node[first]);
	fake_u64(&f->mem, v8_space_at(space) + list + 8, f->node[last]);
}

/* Sets where V8 allocates: in the young generation or, with `old`, in the old one. */
static inline void v8_lab(struct fakev8 *f, bool old, uint64_t start, uint64_t top, uint64_t limit)
{
	uint64_t at = V8_HEAP - V8_LABS_BEFORE + (old ? 24 : 0);

	fake_u64(&f->mem, at, start);
	fake_u64(&f->mem, at + 8, top);
	fake_u64(&f->mem, at + 16, limit);
}

/* Makes a process that runs node, with room for pages but no page. */
static inline void v8_init(struct fakev8 *f, const struct v8_release *r)
{
	static const struct mem_map brk = { .perms = VMA_READ | VMA_WRITE, .kind = MEM_HEAP };
	uint32_t region;

	*f = (struct fakev8){ .r = r, .headers = V8_HEAP + 0x8000 };
	snap_init(&f->snap);
	region = snap_add(&f->snap, &(struct snap_region){ .start = 0x400000,
							   .size_kib = 4,
							   .perms = SNAP_RX,
							   .name = "/usr/bin/node",
							   .inode = 1 });
	f->snap.runtimes = xgrow(f->snap.runtimes, 0, &f->snap.cap_runtimes,
				 sizeof(*f->snap.runtimes));
	f->snap.runtimes[f->snap.n_runtimes++] = (struct runtime){
		.name = "node",
		.version = "20.1.0",
		.module = f->snap.files[f->snap.regions[region].file].path,
	};
	(void)snap_add(&f->snap, &(struct snap_region){ .start = V8_BRK,
							.size_kib = 1024,
							.perms = SNAP_RW,
							.name = "[heap]",
							.kib = { [MC_RSS] = 1024 } });
	fake_map(&f->mem, V8_BRK, V8_BRK + MIB(1), &brk);
	snap_add_anonymous(&f->snap, V8_PAGES, V8_MAPPED_PAGES * 256, V8_MAPPED_PAGES * 256);
	fake_map(&f->mem, V8_PAGES, V8_PAGE_AT(V8_MAPPED_PAGES), NULL);
	fake_state(&f->mem, V8_HEAP - 0x18000, V8_HEAP + 0x10000, PAGE_PRESENT);
}

/* Walks the memory. The caller releases *ret, which then owns the memory. */
static inline const struct walk_runtime *v8_show(struct fakev8 *f, struct walk *ret)
{
	const struct walk_opts opts = { .want = WANT_NODE, .clock = &clock_system };
	struct memsrc *m = fake_open(&f->mem, NULL);

	f->mem.mem = NULL;
	assert_int_equal(walk_read_from(&f->snap, m, &opts, ret), 0);
	assert_int_equal(ret->n_runtimes, 1);
	assert_string_equal(ret->runtimes[0].name, "node");
	return &ret->runtimes[0];
}

#endif
