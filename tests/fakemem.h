/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory of a process that does not exist: mappings and pages made by hand, or from a
 * recording. A test fails if it reads a page that is not present.
 */
#ifndef TESTS_FAKEMEM_H
#define TESTS_FAKEMEM_H

#include <errno.h>

#include "base/index.h"
#include "proc/memsrc_impl.h"
#include "proc/pagemap.h"
#include "proc/smaps.h"
#include "rows.h"

enum { FAKE_PAGE = 4096 };

struct fake_page {
	uint64_t addr;
	uint8_t state; /* enum page_state */
	bool fails;    /* reading it fails */
	uint8_t *data; /* NULL: zeroes */
};

struct fakemem {
	struct mem_map *maps;
	size_t n_maps, cap_maps;
	struct fake_page *pages;
	size_t n_pages, cap_pages;
	struct index index;
	bool gone;
	int states_error; /* -errno for every request of states */
	size_t pages_read, states_read;
	uint64_t changes_at;               /* once its page has been read... */
	void (*change)(struct fakemem *f); /* ...the process does this; NULL: nothing */
	struct memsrc *mem;                /* over it, owned; NULL until fake_open */
};

#define auto_fake __attribute__((cleanup(fake_release))) struct fakemem

static inline bool fake_same_page(const void *arg, uint32_t i, const void *key)
{
	const struct fakemem *f = arg;

	return f->pages[i].addr == *(const uint64_t *)key;
}

static inline struct fake_page *fake_find(const struct fakemem *f, uint64_t addr)
{
	uint64_t page = addr & ~(uint64_t)(FAKE_PAGE - 1);
	uint32_t i = index_find(&f->index, index_hash_u64(page, 1), fake_same_page, f, &page);

	return i == INDEX_NONE ? NULL : &f->pages[i];
}

/* Returns the page that holds addr, and makes it present if it was not. */
static inline struct fake_page *fake_page(struct fakemem *f, uint64_t addr)
{
	struct fake_page *p = fake_find(f, addr);

	if (p)
		return p;
	f->pages = xgrow(f->pages, f->n_pages, &f->cap_pages, sizeof(*f->pages));
	p = &f->pages[f->n_pages];
	*p = (struct fake_page){ .addr = addr & ~(uint64_t)(FAKE_PAGE - 1), .state = PAGE_PRESENT };
	index_add(&f->index, index_hash_u64(p->addr, 1), (uint32_t)f->n_pages++);
	return p;
}

/* Writes bytes and makes their pages present. */
static inline void fake_put(struct fakemem *f, uint64_t addr, const void *bytes, size_t n)
{
	const uint8_t *from = bytes;

	for (size_t i = 0; i < n; i++) {
		struct fake_page *p = fake_page(f, addr + i);

		if (!p->data)
			p->data = xcalloc(1, FAKE_PAGE);
		p->data[(addr + i) % FAKE_PAGE] = from[i];
	}
}

static inline void fake_u64(struct fakemem *f, uint64_t addr, uint64_t value)
{
	fake_put(f, addr, &value, sizeof(value));
}

static inline void fake_u32(struct fakemem *f, uint64_t addr, uint32_t value)
{
	fake_put(f, addr, &value, sizeof(value));
}

/* Sets the states of the pages of [start, end). */
static inline void fake_state(struct fakemem *f, uint64_t start, uint64_t end,
			      enum page_state state)
{
	for (uint64_t addr = start; addr < end; addr += FAKE_PAGE)
		fake_page(f, addr)->state = (uint8_t)state;
}

/* Adds a mapping, anonymous and rw-p unless `like` says otherwise; ascending. */
static inline void fake_map(struct fakemem *f, uint64_t start, uint64_t end,
			    const struct mem_map *like)
{
	struct mem_map map = { .perms = VMA_READ | VMA_WRITE };

	if (like)
		map = *like;
	map.start = start;
	map.end = end;
	f->maps = xgrow(f->maps, f->n_maps, &f->cap_maps, sizeof(*f->maps));
	f->maps[f->n_maps++] = map;
}

static inline int fake_maps(void *arg, struct memsrc *m)
{
	struct fakemem *f = arg;

	if (f->gone)
		return -ESRCH;
	for (size_t i = 0; i < f->n_maps; i++)
		memsrc_add_map(m, &f->maps[i]);
	return 0;
}

static inline int fake_states(void *arg, uint64_t addr, size_t n, uint8_t *ret_states)
{
	struct fakemem *f = arg;

	if (f->gone)
		return -ENODATA;
	if (f->states_error)
		return f->states_error;
	f->states_read += n;
	for (size_t i = 0; i < n; i++) {
		const struct fake_page *p = fake_find(f, addr + i * FAKE_PAGE);

		ret_states[i] = p ? p->state : PAGE_ABSENT;
	}
	return 0;
}

static inline uint64_t fake_next(void *arg, uint64_t addr, uint64_t end)
{
	const struct fakemem *f = arg;
	uint64_t next = end;

	for (size_t i = 0; i < f->n_pages; i++) {
		if (f->pages[i].addr >= addr && f->pages[i].state != PAGE_ABSENT)
			next = MIN(next, f->pages[i].addr);
	}
	return next;
}

static inline ssize_t fake_read(void *arg, uint64_t addr, void *buf, size_t len)
{
	struct fakemem *f = arg;
	size_t done = 0;

	assert_true(addr % FAKE_PAGE == 0 && len % FAKE_PAGE == 0 && len > 0);
	if (f->gone)
		return 0;
	for (; done < len; done += FAKE_PAGE) {
		const struct fake_page *p = fake_find(f, addr + done);

		assert_true(p && (p->state == PAGE_PRESENT || p->state == PAGE_ZERO));
		if (p->fails)
			return done ? (ssize_t)done : -EIO;
		if (p->data)
			memcpy((uint8_t *)buf + done, p->data, FAKE_PAGE);
		else
			memset((uint8_t *)buf + done, 0, FAKE_PAGE);
		f->pages_read++;
	}
	if (f->change && addr <= f->changes_at && f->changes_at < addr + len) {
		void (*change)(struct fakemem *) = f->change;

		f->change = NULL;
		change(f);
	}
	return (ssize_t)len;
}

static inline void fake_close(void *arg attr_unused)
{
}

static const struct memsrc_ops fake_ops = {
	.maps = fake_maps,
	.states = fake_states,
	.next = fake_next,
	.read = fake_read,
	.close = fake_close,
};

static inline struct memsrc *fake_open(struct fakemem *f, const volatile sig_atomic_t *cancel)
{
	assert_int_equal(memsrc_new(&fake_ops, f, FAKE_PAGE, cancel, &f->mem), 0);
	return f->mem;
}

static inline void fake_release(struct fakemem *f)
{
	memsrc_free(f->mem);
	for (size_t i = 0; i < f->n_pages; i++)
		free(f->pages[i].data);
	free(f->pages);
	free(f->maps);
	index_release(&f->index);
}

#endif
