/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Large ranges of a memory source: which pages are present, and all bytes in order. */
#include "proc/memsrc_impl.h"

#include <errno.h>

#include "proc/pagemap.h"

/* Caches the states of pages from that of addr on. Returns false if they cannot be read: m->why. */
static bool keep_states(struct memsrc *m, uint64_t addr)
{
	uint64_t page = addr & ~(m->page_bytes - 1);
	size_t n = (size_t)MIN((UINT64_MAX - page) / m->page_bytes, (uint64_t)MEMSRC_STATES);
	int ret;

	if (page - m->states_start < m->states_n * m->page_bytes)
		return true;
	m->states_n = 0;
	if (memsrc_is_over(m))
		return memsrc_refuse(m, memsrc_why_over(m));
	ret = n ? m->ops->states(m->arg, page, n, m->states) : -EINVAL;
	m->gone |= ret == -ENODATA || ret == -ESRCH;
	if (ret < 0)
		return memsrc_refuse(m, m->gone ? MEM_GONE : MEM_FAILED);
	m->states_start = page;
	m->states_n = n;
	return true;
}

/*
 * Returns the number of pages from addr on, at most n, that have the same state; their states are
 * cached.
 */
static size_t run_of_states(const struct memsrc *m, uint64_t addr, size_t n, uint8_t *ret_state)
{
	const uint8_t *first = m->states + (addr - m->states_start) / m->page_bytes;
	size_t len = 1;

	while (len < n && first[len] == *first)
		len++;
	*ret_state = *first;
	return len;
}

/*
 * Returns where to go on behind a run of absent pages that ends at `at`, on a page: beyond what is
 * absent, too, which may be terabytes of a sparse mapping.
 */
static uint64_t skip_run(struct memsrc *m, uint64_t at, uint64_t end)
{
	uint64_t stop = end & ~(m->page_bytes - 1);

	return m->ops->next && at < stop ? MAX(m->ops->next(m->arg, at, stop), at) : at;
}

bool memsrc_presence(struct memsrc *m, uint64_t start, uint64_t end, struct mem_presence *ret)
{
	uint64_t bytes[] = { [PAGE_GUARD] = 0 };

	for (uint64_t at = start; at < end;) {
		uint64_t kept, stop;
		uint8_t state;

		if (!keep_states(m, at))
			return false;
		kept = m->states_start + m->states_n * m->page_bytes;
		stop = at & ~(m->page_bytes - 1);
		stop += run_of_states(m, at, (size_t)((kept - stop) / m->page_bytes), &state) *
			m->page_bytes;
		stop = MIN(stop, end);
		bytes[MIN(state, PAGE_GUARD)] += stop - at;
		at = state == PAGE_ABSENT && stop == kept ? skip_run(m, stop, end) : stop;
	}
	*ret = (struct mem_presence){
		.resident_bytes = bytes[PAGE_PRESENT],
		.zero_bytes = bytes[PAGE_ZERO],
		.swapped_bytes = bytes[PAGE_SWAPPED],
	};
	return true;
}

/*
 * Moves *at to the next page that seems to be readable. Returns false if there is none before end.
 */
static bool skip_absent(struct memsrc *m, uint64_t *at, uint64_t end)
{
	while (*at < end && !memsrc_is_over(m)) {
		const struct mem_map *map = memsrc_map_from(m, *at);
		uint64_t stop, kept;
		uint8_t state;

		if (!map || map->start >= end)
			return false;
		*at = MAX(*at, map->start);
		stop = MIN(map->end, end);
		if (memsrc_why_of_map(map) != MEM_READ) {
			*at = stop;
			continue;
		}
		while (*at < stop) {
			size_t n;

			if (!keep_states(m, *at))
				return false;
			kept = m->states_start + m->states_n * m->page_bytes;
			n = (size_t)((MIN(kept, stop) - *at + m->page_bytes - 1) / m->page_bytes);
			state = m->states[(*at - m->states_start) / m->page_bytes];
			if (memsrc_why_of_state(state) == MEM_READ)
				return true;
			n = run_of_states(m, *at, n, &state);
			*at = (*at & ~(m->page_bytes - 1)) + n * m->page_bytes;
			if (state == PAGE_ABSENT && *at == kept)
				*at = skip_run(m, *at, stop);
		}
	}
	return false;
}

bool memsrc_next(struct memsrc *m, uint64_t *at, uint64_t end, struct mem_run *ret)
{
	while (skip_absent(m, at, end)) {
		uint64_t behind = (*at & ~(m->page_bytes - 1)) + m->page_bytes;

		if (*at - m->window >= m->window_len && !memsrc_seek(m, *at)) {
			*at = behind; /* the page was removed, or must not be read */
			continue;
		}
		ret->addr = *at;
		ret->data = m->window_data + (*at - m->window);
		ret->len = (size_t)(MIN(m->window + m->window_len, end) - *at);
		*at += ret->len;
		return true;
	}
	return false;
}
