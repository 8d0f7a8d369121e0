/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the context of mallocng in the .bss of a C library or of a static program: it begins with a
 * random secret, and points at a page that begins with the same.
 */
#include "walk/alloc/musl/musl.h"

#include <errno.h>

#include "proc/smaps.h"
#include "walk/image/module_data.h"

enum {
	DATA_MAX = 16 << 20, /* bytes of a module's data that are searched */
	INIT_DONE = 8,
	/* Offsets of the list of pages; builds for several page sizes have one more field. */
	AREAS = 56,
	AREAS_BY_PAGE_SIZE = 64,
	CONTEXT_BYTES = 72, /* that are read */
	AREA_BYTES = 4096,
	SECRET_SHIFT = 47, /* addresses of a process are below */
};

struct search {
	struct memsrc *mem;
	uint64_t context; /* 0: not found yet */
	uint64_t secret, areas;
	const struct mem_map *module;
};

static bool is_area(struct memsrc *m, uint64_t addr, uint64_t secret)
{
	const struct mem_map *map = memsrc_map(m, addr);
	uint64_t check;

	return map && (map->kind == MEM_ANON || map->kind == MEM_HEAP) &&
	       memsrc_peek(m, addr, &check, sizeof(check)) && check == secret;
}

/* Tells whether the context begins at this address. */
static bool is_context(struct search *s, uint64_t addr)
{
	static const uint8_t lists[] = { AREAS, AREAS_BY_PAGE_SIZE };
	uint64_t words[CONTEXT_BYTES / 8];

	/*
	 * Tells whether a word may be the secret, which is random: a word that may be a pointer is
	 * not.
	 */
	if (!memsrc_peek(s->mem, addr, words, sizeof(words)) || words[0] >> SECRET_SHIFT == 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		uint64_t areas = words[lists[i] / 8];
		size_t shift = lists[i] - AREAS;

		if (!areas || areas % AREA_BYTES || (uint32_t)words[(INIT_DONE + shift) / 8] != 1 ||
		    !is_area(s->mem, areas, words[0]))
			continue;
		s->areas = areas;
		s->secret = words[0];
		return true;
	}
	return false;
}

/* The two words before the flag that says it is in use are part of the context. */
static void search_run(struct search *s, const struct mem_run *run)
{
	for (size_t i = 0; i + 8 <= run->len && !s->context; i += 8) {
		uint32_t done;

		memcpy(&done, run->data + i, sizeof(done));
		if (done != 1)
			continue;
		for (uint64_t before = INIT_DONE; before <= INIT_DONE + 8 && !s->context;
		     before += 8) {
			if (is_context(s, run->addr + i - before))
				s->context = run->addr + i - before;
		}
	}
}

static void search_module(void *arg, const struct mem_map *module, uint64_t start, uint64_t end)
{
	struct search *s = arg;
	struct mem_run run;

	end = MIN(end, start + DATA_MAX);
	while (!s->context && memsrc_next(s->mem, &start, end, &run)) {
		search_run(s, &run);
		s->module = module;
	}
}

int musl_find(struct walk *walk, struct musl *ret)
{
	struct search s = { .mem = walk->mem };

	module_data_each(walk->mem, search_module, &s);
	if (!s.context)
		return -ENOENT;
	*ret = (struct musl){
		.walk = walk,
		.file = snapshot_find_file(walk->snap, s.module->major, s.module->minor,
					   s.module->inode),
		.context = s.context,
		.secret = s.secret,
		.areas = s.areas,
	};
	return 0;
}

void musl_release(struct musl *m)
{
	free(m->groups);
}
