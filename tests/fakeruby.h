/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A heap of Ruby made by hand: the table of pages, the pages and their slots, as each release lays
 * them out. Written from Ruby's gc.c, not from our reader of it.
 */
#ifndef TESTS_FAKERUBY_H
#define TESTS_FAKERUBY_H

#include "fakemem.h"
#include "snap.h"
#include "walk/core/runtime_heap.h"
#include "walk/walkers.h"

#define RUBY_BRK UINT64_C(0x555500000000)
#define RUBY_TABLE (RUBY_BRK + 0x48f8)  /* in the state of the collector */
#define RUBY_ARRAY (RUBY_BRK + 0x10000) /* of pages */
#define RUBY_INFOS (RUBY_BRK + 0x20000) /* a description of each page */
#define RUBY_PAGES UINT64_C(0x7f6000000000)

enum { RUBY_PAGES_MAPPED = 16 };

struct ruby_release {
	const char *name;
	uint32_t page_bytes;
	bool sized;     /* pages have the size of their slots */
	bool counted;   /* the array begins with its number of pages and its capacity */
	uint8_t start;  /* word with the address of the first slot */
	uint8_t range;  /* word of the table */
	uint8_t object; /* word of an object with its variables */
};

static const struct ruby_release ruby_releases_made[] = {
	{ "2.7", 16 << 10, false, false, 3, 4, 3 },
	{ "3.1", 16 << 10, true, false, 4, 4, 3 },
	{ "3.3", 64 << 10, true, false, 4, 4, 2 },
	{ "3.4", 64 << 10, true, true, 5, 3, 2 },
};

struct fakeruby {
	struct fakemem mem;
	struct snapshot snap;
	const struct ruby_release *r;
	uint64_t pages; /* their address */
	unsigned int n_pages;
};

#define auto_fakeruby __attribute__((cleanup(ruby_done))) struct fakeruby

static inline void ruby_done(struct fakeruby *f)
{
	fake_release(&f->mem);
	snapshot_release(&f->snap);
}

static inline uint64_t ruby_info(unsigned int page)
{
	return RUBY_INFOS + 0x100 * (uint64_t)page;
}

static inline uint64_t ruby_slot(const struct fakeruby *f, unsigned int page, unsigned int slot,
				 uint16_t slot_bytes)
{
	return f->pages + (uint64_t)page * f->r->page_bytes + 24 + (uint64_t)slot * slot_bytes;
}

/* Adds a page whose slots are all free. */
static inline void ruby_page(struct fakeruby *f, uint16_t slot_bytes)
{
	uint16_t slots = (uint16_t)((f->r->page_bytes - 24) / slot_bytes);
	unsigned int page = f->n_pages++;
	uint64_t addr = f->pages + (uint64_t)page * f->r->page_bytes;
	uint16_t counts[4] = { slots, slots, 0, 0 };

	if (f->r->sized) {
		counts[0] = slot_bytes;
		counts[1] = slots;
	}
	fake_put(&f->mem, ruby_info(page), counts, sizeof(counts));
	fake_u64(&f->mem, ruby_info(page) + 8 * (uint64_t)f->r->start, addr + 24);
	fake_u64(&f->mem, addr, ruby_info(page));
	fake_state(&f->mem, addr, addr + f->r->page_bytes, PAGE_PRESENT);
	fake_u64(&f->mem, RUBY_ARRAY + 8 * (uint64_t)page + (f->r->counted ? 16 : 0),
		 ruby_info(page));
}

/* Writes the table of the pages. */
static inline void ruby_table(struct fakeruby *f)
{
	uint64_t last = f->pages + (uint64_t)f->n_pages * f->r->page_bytes - 100;

	fake_u64(&f->mem, RUBY_TABLE, RUBY_ARRAY);
	fake_u64(&f->mem, RUBY_TABLE + 8, f->n_pages + (f->r->counted ? 5U : 0));
	fake_u64(&f->mem, RUBY_TABLE + 16, f->r->counted ? 5 : 0);
	if (f->r->counted) {
		fake_u64(&f->mem, RUBY_ARRAY, f->n_pages);
		fake_u64(&f->mem, RUBY_ARRAY + 8, 64);
	} else {
		fake_u64(&f->mem, RUBY_TABLE + 24, 64);
	}
	fake_u64(&f->mem, RUBY_TABLE + 8 * (uint64_t)f->r->range, f->pages + 24);
	fake_u64(&f->mem, RUBY_TABLE + 8 * (uint64_t)f->r->range + 8, last);
}

/* Adds a live object, and the word of it that refers to a block; 0: no block. */
static inline void ruby_object(struct fakeruby *f, uint64_t slot, uint32_t flags, unsigned int word,
			       uint64_t block)
{
	fake_u64(&f->mem, slot, flags);
	if (word)
		fake_u64(&f->mem, slot + 8 * (uint64_t)word, block);
}

/* Makes a process that runs ruby, with pages in mappings of their own, or in [heap]. */
static inline void ruby_init(struct fakeruby *f, const struct ruby_release *r, bool in_heap)
{
	static const struct mem_map brk = { .perms = VMA_READ | VMA_WRITE, .kind = MEM_HEAP };
	uint32_t region;

	*f = (struct fakeruby){ .r = r, .pages = in_heap ? RUBY_BRK + MIB(1) : RUBY_PAGES };
	snap_init(&f->snap);
	region = snap_add(&f->snap, &(struct snap_region){ .start = 0x400000,
							   .size_kib = 4,
							   .perms = SNAP_RX,
							   .name = "/usr/bin/ruby3.1",
							   .inode = 1 });
	f->snap.runtimes = xgrow(f->snap.runtimes, 0, &f->snap.cap_runtimes,
				 sizeof(*f->snap.runtimes));
	f->snap.runtimes[f->snap.n_runtimes++] = (struct runtime){
		.name = "ruby", .module = f->snap.files[f->snap.regions[region].file].path
	};
	(void)snap_add(&f->snap, &(struct snap_region){ .start = RUBY_BRK,
							.size_kib = 4096,
							.perms = SNAP_RW,
							.name = "[heap]",
							.kib = { [MC_RSS] = 4096 } });
	fake_map(&f->mem, RUBY_BRK, RUBY_BRK + MIB(4), &brk);
	snap_add_anonymous(&f->snap, RUBY_PAGES, RUBY_PAGES_MAPPED * 64, RUBY_PAGES_MAPPED * 64);
	fake_map(&f->mem, RUBY_PAGES, RUBY_PAGES + KIB(64) * RUBY_PAGES_MAPPED, NULL);
	fake_state(&f->mem, RUBY_BRK, RUBY_BRK + 0x30000, PAGE_PRESENT);
}

/* Walks the memory. The caller releases *ret, which then owns the memory. */
static inline const struct walk_runtime *ruby_show(struct fakeruby *f, struct walk *ret)
{
	const struct walk_opts opts = { .want = WANT_RUBY, .clock = &clock_system };
	struct memsrc *m = fake_open(&f->mem, NULL);

	f->mem.mem = NULL;
	assert_int_equal(walk_read_from(&f->snap, m, &opts, ret), 0);
	assert_int_equal(ret->n_runtimes, 1);
	assert_string_equal(ret->runtimes[0].name, "ruby");
	return &ret->runtimes[0];
}

#endif
