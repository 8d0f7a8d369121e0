/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/memsrc.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "proc/memsrc_impl.h"
#include "proc/pagemap.h"
#include "proc/smaps.h"

const struct mem_why_desc mem_why_descs[] = {
	[MEM_READ] = { "read", "it was" },
	[MEM_UNMAPPED] = { "unmapped", "no mapping" },
	[MEM_NOT_PRESENT] = { "not_present", "never touched, or given back" },
	[MEM_SWAPPED] = { "swapped", "in swap" },
	[MEM_NO_ACCESS] = { "no_access", "no access for the process itself" },
	[MEM_GUARD] = { "guard", "guard page" },
	[MEM_UFFD] = { "userfaultfd", "served by userfaultfd" },
	[MEM_DEVICE] = { "device", "memory of a device or the kernel" },
	[MEM_FAILED] = { "failed", "read failed" },
	[MEM_GONE] = { "gone", "the process is gone" },
	[MEM_CANCELLED] = { "cancelled", "interrupted" },
};
_Static_assert(ARRAY_SIZE(mem_why_descs) == MEM_WHY_COUNT, "a row for each");

enum {
	POOL_ALIGN = 2 << 20,
	POOL_BYTES = MEMSRC_BLOCK * MEMSRC_SETS * MEMSRC_WAYS,
	VISITS_OF_SCAN = 3, /* a block with at most this many visits was only scanned */
};

_Static_assert(MEMSRC_BLOCK >> 12 == MEMSRC_BLOCK_PAGES_MAX, "pages are 4 KiB or larger");

static size_t block_pages(const struct memsrc *m)
{
	return MEMSRC_BLOCK / m->page_bytes;
}

/*
 * Returns memory for the blocks. With huge pages the kernel copies a fifth faster; a page is not
 * used before its block is.
 */
static uint8_t *make_pool(void)
{
	void *pool = aligned_alloc(POOL_ALIGN, POOL_BYTES);

	if (!pool)
		alloc_die();
	(void)madvise(pool, POOL_BYTES, MADV_HUGEPAGE);
	return pool;
}

int memsrc_new(const struct memsrc_ops *ops, void *arg, uint64_t page_bytes,
	       const volatile sig_atomic_t *cancel, struct memsrc **ret)
{
	struct memsrc *m = xcalloc(1, sizeof(*m));
	int status;

	m->ops = ops;
	m->arg = arg;
	m->page_bytes = page_bytes;
	m->cancel = cancel;
	m->span = xmalloc(MEMSRC_SPAN_MAX);
	m->scratch = xmalloc(MEMSRC_SPAN_MAX);
	m->pool = make_pool();
	status = memsrc_refresh(m);
	if (status < 0) {
		memsrc_free(m);
		return status;
	}
	*ret = m;
	return 0;
}

void memsrc_free(struct memsrc *m)
{
	if (!m)
		return;
	m->ops->close(m->arg);
	free(m->pool);
	free(m->span);
	free(m->scratch);
	free(m->maps);
	free(m->avoid);
	free(m);
}

void memsrc_add_map(struct memsrc *m, const struct mem_map *map)
{
	struct mem_map cut = *map;

	if (m->n_maps)
		cut.start = MAX(cut.start, m->maps[m->n_maps - 1].end);
	if (cut.start >= cut.end)
		return;
	cut.offset += cut.start - map->start;
	m->maps = xgrow(m->maps, m->n_maps, &m->cap_maps, sizeof(*m->maps));
	m->maps[m->n_maps++] = cut;
}

void memsrc_avoid(struct memsrc *m, uint64_t start, uint64_t end, enum mem_why why)
{
	m->avoid = xgrow(m->avoid, m->n_avoid, &m->cap_avoid, sizeof(*m->avoid));
	m->avoid[m->n_avoid++] = (struct mem_avoid){ start, end, why };
	memsrc_forget(m, start, end - start);
}

const struct mem_map *memsrc_map_from(const struct memsrc *m, uint64_t addr)
{
	size_t lo = 0, hi = m->n_maps;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->maps[mid].end <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < m->n_maps ? &m->maps[lo] : NULL;
}

const struct mem_map *memsrc_map(const struct memsrc *m, uint64_t addr)
{
	const struct mem_map *map = memsrc_map_from(m, addr);

	return map && map->start <= addr ? map : NULL;
}

bool memsrc_is_over(const struct memsrc *m)
{
	return m->gone || (m->cancel && *m->cancel);
}

bool memsrc_refuse(struct memsrc *m, enum mem_why why)
{
	m->why = why;
	m->refused[why]++;
	return false;
}

enum mem_why memsrc_why_over(const struct memsrc *m)
{
	return m->gone ? MEM_GONE : MEM_CANCELLED;
}

enum mem_why memsrc_why_of_map(const struct mem_map *map)
{
	if (map->kind == MEM_SPECIAL)
		return MEM_DEVICE;
	return map->perms & VMA_READ ? MEM_READ : MEM_NO_ACCESS;
}

enum mem_why memsrc_why_of_state(uint8_t state)
{
	switch (state) {
	case PAGE_PRESENT:
	case PAGE_ZERO:
		return MEM_READ;
	case PAGE_SWAPPED:
		return MEM_SWAPPED;
	case PAGE_GUARD:
		return MEM_GUARD;
	default:
		return MEM_NOT_PRESENT;
	}
}

/*
 * Sets for each of n pages from addr on whether it can be read, by the mappings and the page
 * states.
 */
static void judge_pages(struct memsrc *m, uint64_t addr, size_t n, uint8_t *why)
{
	uint64_t end = addr + n * m->page_bytes;
	uint8_t states[MEMSRC_BLOCK_PAGES_MAX];
	bool any = false;
	int ret;

	memset(why, MEM_UNMAPPED, n);
	for (const struct mem_map *map = memsrc_map_from(m, addr);
	     map && map < m->maps + m->n_maps && map->start < end; map++) {
		uint64_t from = MAX(map->start, addr), to = MIN(map->end, end);

		memset(why + (from - addr) / m->page_bytes, memsrc_why_of_map(map),
		       (size_t)((to - from) / m->page_bytes));
		any = true;
	}
	for (size_t i = 0; any && i < m->n_avoid; i++) {
		uint64_t from = MAX(m->avoid[i].start, addr), to = MIN(m->avoid[i].end, end);

		if (from < to)
			memset(why + (from - addr) / m->page_bytes, m->avoid[i].why,
			       (size_t)((to - from) / m->page_bytes));
	}
	if (!any)
		return;
	ret = m->ops->states(m->arg, addr, n, states);
	if (ret == -ENODATA || ret == -ESRCH)
		m->gone = true;
	for (size_t i = 0; i < n; i++) {
		if (why[i] == MEM_READ)
			why[i] = (uint8_t)(m->gone   ? MEM_GONE
					   : ret < 0 ? MEM_FAILED
						     : memsrc_why_of_state(states[i]));
	}
}

/* Reads those of n pages that can be read, run by run. Marks a page whose read fails. */
static void read_pages(struct memsrc *m, uint64_t addr, size_t n, uint8_t *why, uint8_t *data)
{
	for (size_t i = 0; i < n;) {
		size_t last = i;
		ssize_t got;

		while (last < n && why[last] == MEM_READ)
			last++;
		if (last == i) {
			i++;
			continue;
		}
		got = m->ops->read(m->arg, addr + i * m->page_bytes, data + i * m->page_bytes,
				   (last - i) * m->page_bytes);
		m->reads++;
		m->gone |= got == 0 || got == -ESRCH;
		if (m->gone) {
			memset(why + i, MEM_GONE, last - i);
			i = last;
		} else if (got < (ssize_t)m->page_bytes) {
			why[i++] = MEM_FAILED;
		} else {
			m->bytes_read += (uint64_t)got;
			if (m->progress)
				atomic_store(m->progress, m->bytes_read);
			i += (size_t)got / m->page_bytes;
		}
	}
}

static struct mem_block *find_block(struct memsrc *m, uint64_t number)
{
	struct mem_block *set = m->blocks[number % MEMSRC_SETS];

	for (size_t i = 0; i < MEMSRC_WAYS; i++) {
		if (set[i].number == number)
			return &set[i];
	}
	return NULL;
}

static void close_window(struct memsrc *m)
{
	m->window_len = 0;
}

/*
 * Returns room for a block in its set. A scan visits each block once, so a block that was read a
 * while ago and has few visits gives up its bytes: they are still in the processor's cache, and
 * blocks that are visited again stay.
 */
static struct mem_block *make_room(struct memsrc *m, uint64_t number)
{
	struct mem_block *set = m->blocks[number % MEMSRC_SETS], *b = set;
	struct mem_block *old = m->recent[MEMSRC_STREAM - 1];

	for (size_t i = 1; i < MEMSRC_WAYS; i++) {
		if (set[i].used < b->used)
			b = &set[i];
	}
	if (old && old != b && old->data && old->visits <= VISITS_OF_SCAN) {
		uint8_t *data = old->data;

		old->number = old->used = 0;
		old->data = b->data;
		b->data = data;
	}
	if (!b->data)
		b->data = m->pool + MEMSRC_BLOCK * m->n_pool++;
	memmove(m->recent + 1, m->recent, (MEMSRC_STREAM - 1) * sizeof(*m->recent));
	m->recent[0] = b;
	b->number = number;
	b->visits = 0;
	return b;
}

/* Returns the block that holds addr, and reads it if necessary. */
static struct mem_block *take_block(struct memsrc *m, uint64_t addr)
{
	uint64_t number = addr / MEMSRC_BLOCK + 1;
	struct mem_block *b = find_block(m, number);

	if (!b) {
		close_window(m);
		b = make_room(m, number);
		judge_pages(m, (number - 1) * MEMSRC_BLOCK, block_pages(m), b->why);
		read_pages(m, (number - 1) * MEMSRC_BLOCK, block_pages(m), b->why, b->data);
	}
	b->visits += b != m->current;
	m->current = b;
	b->used = ++m->clock;
	return b;
}

/* Sets the window to the run of readable pages around addr. The page of addr is readable. */
static void open_window(struct memsrc *m, const struct mem_block *b, uint64_t addr)
{
	uint64_t start = (b->number - 1) * MEMSRC_BLOCK;
	size_t first = (addr - start) / m->page_bytes, last = first + 1;

	while (first > 0 && b->why[first - 1] == MEM_READ)
		first--;
	while (last < block_pages(m) && b->why[last] == MEM_READ)
		last++;
	m->window = start + first * m->page_bytes;
	m->window_len = (last - first) * m->page_bytes;
	m->window_data = b->data + first * m->page_bytes;
}

bool memsrc_seek(struct memsrc *m, uint64_t addr)
{
	struct mem_block *b;
	enum mem_why why;

	if (memsrc_is_over(m))
		return memsrc_refuse(m, memsrc_why_over(m));
	b = take_block(m, addr);
	why = b->why[addr % MEMSRC_BLOCK / m->page_bytes];
	if (why != MEM_READ)
		return memsrc_refuse(m, why);
	open_window(m, b, addr);
	return true;
}

bool memsrc_copy(struct memsrc *m, uint64_t addr, void *buf, size_t len)
{
	uint8_t *out = buf;

	if (len > UINT64_MAX - addr)
		return memsrc_refuse(m, MEM_UNMAPPED);
	while (len > 0) {
		size_t n;

		if (addr - m->window >= m->window_len && !memsrc_seek(m, addr))
			return false;
		n = (size_t)MIN(m->window_len - (addr - m->window), (uint64_t)len);
		memcpy(out, m->window_data + (addr - m->window), n);
		addr += n;
		out += n;
		len -= n;
	}
	return true;
}

const void *memsrc_at_slow(struct memsrc *m, uint64_t addr, size_t len)
{
	if (len == 0 || len > MEMSRC_SPAN_MAX || len > UINT64_MAX - addr) {
		(void)memsrc_refuse(m, MEM_UNMAPPED);
		return NULL;
	}
	if (!memsrc_seek(m, addr))
		return NULL;
	if (len <= m->window_len - (addr - m->window))
		return m->window_data + (addr - m->window);
	return memsrc_copy(m, addr, m->span, len) ? m->span : NULL;
}

bool memsrc_peek(struct memsrc *m, uint64_t addr, void *buf, size_t len)
{
	uint64_t page = addr & ~(m->page_bytes - 1), at = addr - m->window;
	size_t n = page == ((addr + len - 1) & ~(m->page_bytes - 1)) ? 1 : 2;
	uint8_t why[2];

	if (len == 0 || len > m->page_bytes || len > UINT64_MAX - addr)
		return memsrc_refuse(m, MEM_UNMAPPED);
	if (at < m->window_len && len <= m->window_len - at) {
		memcpy(buf, m->window_data + at, len);
		return true;
	}
	if (n * m->page_bytes > MEMSRC_SPAN_MAX ||
	    (find_block(m, addr / MEMSRC_BLOCK + 1) &&
	     find_block(m, (addr + len - 1) / MEMSRC_BLOCK + 1)))
		return memsrc_copy(m, addr, buf, len);
	if (memsrc_is_over(m))
		return memsrc_refuse(m, memsrc_why_over(m));
	judge_pages(m, page, n, why);
	read_pages(m, page, n, why, m->scratch);
	for (size_t i = 0; i < n; i++) {
		if (why[i] != MEM_READ)
			return memsrc_refuse(m, why[i]);
	}
	memcpy(buf, m->scratch + (addr - page), len);
	return true;
}

void memsrc_forget(struct memsrc *m, uint64_t addr, uint64_t len)
{
	close_window(m);
	m->states_n = 0;
	for (size_t i = 0; i < MEMSRC_SETS * MEMSRC_WAYS; i++) {
		struct mem_block *b = &m->blocks[i / MEMSRC_WAYS][i % MEMSRC_WAYS];
		uint64_t start = (b->number - 1) * MEMSRC_BLOCK;

		if (b->number && (start - addr < len || addr - start < MEMSRC_BLOCK))
			b->number = b->used = 0;
	}
}

int memsrc_refresh(struct memsrc *m)
{
	int status;

	memsrc_forget(m, 0, UINT64_MAX);
	m->n_maps = 0;
	status = m->ops->maps(m->arg, m);
	m->gone |= status < 0; /* without mappings nothing can be read */
	return status;
}
