/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/go/golang.h"

#include <errno.h>

#include "base/alloc.h"
#include "proc/smaps.h"

enum {
	BLOCK = 256 << 10,
	OVERLAP = 64, /* bytes of a block that are in the next block as well */
	NAMES_MAX = 8,
	NAME_BYTES = 32,
	FIELDS_MAX = 64,  /* of a struct */
	FIELD_BYTES = 24, /* name, type, offset */
	SPANS_MAX = 1 << 24,
	SPANS_TRIED = 8,
	ARENAS = 1 << (48 - GO_ARENA_SHIFT), /* most arenas; half of them have addresses below 0 */
	MODULE_MAX = 1 << 29,                /* bytes of a mapped object that are searched */
	DATA_MAX = 1 << 28,                  /* bytes of its data that are searched */
	LISTS_MAX = 1 << 14,                 /* lists that are tried */
};

/* Reads bytes of a mapped object from RAM, or else from its file; zeros if they are in neither. */
static void read_block(struct images *im, uint64_t addr, uint8_t *buf, size_t len)
{
	struct memsrc *m = im->walk->mem;
	uint64_t at = addr;
	struct mem_run run;

	images_read_file(im, addr, buf, len);
	while (memsrc_next(m, &at, addr + len, &run))
		memcpy(buf + (run.addr - addr), run.data, run.len);
}

typedef bool found_fn(void *arg, uint64_t addr, const uint8_t *p);

/*
 * Calls fn for each place of the bytes in readable segments of the file, until fn returns that it
 * is enough.
 */
static void search(struct images *im, uint32_t file, const void *bytes, size_t n, found_fn *fn,
		   void *arg)
{
	const struct snapshot *s = im->walk->snap;
	auto_free uint8_t *buf = xmalloc(BLOCK);
	uint64_t left = MODULE_MAX;

	for (size_t i = 0; i < s->n_regions; i++) {
		const struct region *r = &s->regions[i];
		uint64_t end = MIN(r->end, r->start + left);

		if (r->file != file || !(r->perms & VMA_READ) || (r->perms & VMA_EXEC))
			continue;
		for (uint64_t at = r->start; at < end && !memsrc_is_over(im->walk->mem);
		     at += BLOCK - OVERLAP) {
			size_t len = (size_t)MIN(end - at, (uint64_t)BLOCK);
			const uint8_t *p = buf;

			read_block(im, at, buf, len);
			while ((p = memmem(p, len - (size_t)(p - buf), bytes, n))) {
				if (fn(arg, at + (uint64_t)(p - buf), p))
					return;
				p++;
			}
			if (len < BLOCK)
				break;
		}
		left -= end - r->start;
	}
}

struct places {
	uint64_t v[NAMES_MAX];
	size_t n;
};

static bool add_place(void *arg, uint64_t addr, const uint8_t *p attr_unused)
{
	struct places *places = arg;

	places->v[places->n++] = addr;
	return places->n == NAMES_MAX;
}

struct field {
	uint64_t name, type, offset;
};

/* The name of a field in type information: flags, length, bytes. */
static bool read_name(struct images *im, uint64_t addr, char name[NAME_BYTES])
{
	uint8_t bytes[NAME_BYTES + 2];
	size_t n = images_have(im, addr) ? images_read_some(im, addr, bytes, sizeof(bytes)) : 0;

	if (n < 3 || bytes[0] & ~0xf || bytes[1] == 0 || bytes[1] >= NAME_BYTES || bytes[1] > n - 2)
		return false;
	memcpy(name, bytes + 2, bytes[1]);
	name[bytes[1]] = '\0';
	return true;
}

static bool read_field(struct images *im, uint64_t addr, struct field *ret, char name[NAME_BYTES])
{
	return images_read(im, addr, ret, sizeof(*ret)) && ret->offset < 2 * GO_SPAN_BYTES_MAX &&
	       images_have(im, ret->type) && read_name(im, ret->name, name);
}

/* The fields that a walk needs, and the bytes of each. */
static const struct need {
	const char *name;
	size_t at; /* in struct go_layout */
	uint8_t bytes;
} needs[] = {
	{ "startAddr", offsetof(struct go_layout, start), 8 },
	{ "npages", offsetof(struct go_layout, npages), 8 },
	{ "allocCount", offsetof(struct go_layout, count), 2 },
	{ "state", offsetof(struct go_layout, state), 1 },
	{ "elemsize", offsetof(struct go_layout, size), 8 },
};

/*
 * Reads the fields of the struct that has a field at addr. Up to Go 1.18 the lowest bit of an
 * offset marks embedded fields; startAddr comes after three pointers.
 */
static bool read_struct(struct images *im, uint64_t addr, struct go_layout *ret)
{
	struct go_layout l = { 0 };
	unsigned int shift, seen = 0;
	char name[NAME_BYTES];
	struct field f;

	if (!read_field(im, addr, &f, name) || (f.offset != 24 && f.offset != 48))
		return false;
	shift = f.offset == 48;
	for (size_t i = 0; i < FIELDS_MAX; i++, addr += FIELD_BYTES) {
		if (!read_field(im, addr, &f, name) || f.offset >> shift >= GO_SPAN_BYTES_MAX - 8)
			break;
		for (size_t k = 0; k < ARRAY_SIZE(needs); k++) {
			uint16_t offset = (uint16_t)(f.offset >> shift);

			if (!streq(needs[k].name, name) || (seen >> k & 1))
				continue;
			memcpy((char *)&l + needs[k].at, &offset, sizeof(offset));
			l.bytes = MAX(l.bytes, (uint16_t)(offset + needs[k].bytes));
			seen |= 1U << k;
		}
	}
	*ret = l;
	return seen == (1U << ARRAY_SIZE(needs)) - 1;
}

struct struct_search {
	struct images *im;
	struct go_layout layout;
	bool found;
};

static bool try_struct(void *arg, uint64_t addr, const uint8_t *p attr_unused)
{
	struct struct_search *s = arg;

	s->found = addr % 8 == 0 && read_struct(s->im, addr, &s->layout);
	return s->found;
}

bool golang_find_layout(struct images *im, uint32_t file, struct go_layout *ret)
{
	static const char record[] = "\tstartAddr"; /* the length, and the name */
	struct struct_search s = { .im = im };
	struct places names = { .n = 0 };

	search(im, file, record, sizeof(record) - 1, add_place, &names);
	for (size_t i = 0; i < names.n && !s.found; i++) {
		uint64_t name = names.v[i] - 1; /* flags come before the length */

		search(im, file, &name, sizeof(name), try_struct, &s);
	}
	if (s.found)
		*ret = s.layout;
	return s.found;
}

int golang_read_span(struct memsrc *m, const struct go_layout *l, uint64_t addr,
		     struct go_span *ret)
{
	const uint8_t *p = memsrc_at(m, addr, l->bytes);
	uint64_t start, npages;
	struct go_span s = { 0 };
	uint16_t count;

	if (!p)
		return m->why == MEM_NOT_PRESENT ? -ENOENT : -EBADMSG;
	memcpy(&start, p + l->start, sizeof(start));
	memcpy(&npages, p + l->npages, sizeof(npages));
	memcpy(&count, p + l->count, sizeof(count));
	memcpy(&s.state, p + l->state, sizeof(s.state));
	memcpy(&s.elem_bytes, p + l->size, sizeof(s.elem_bytes));
	if (s.state > GO_SPAN_MANUAL ||
	    (s.state && (start % GO_PAGE != 0 || start >> 47 || npages >> 34 || !npages)))
		return -EBADMSG;
	s.start = start;
	s.end = start + npages * GO_PAGE;
	s.count = count;
	*ret = s;
	return 0;
}

/*
 * Tells whether a span holds: spans in use are in memory. The first of the list may be no longer in
 * use.
 */
static bool is_span_list(struct memsrc *m, const struct go_layout *l, uint64_t list, uint64_t n)
{
	size_t in_use = 0;

	for (uint64_t i = 0; i < MIN(n, (uint64_t)SPANS_TRIED); i++) {
		const struct mem_map *map;
		struct go_span s;
		uint64_t addr;
		int status;

		if (!memsrc_u64(m, list + 8 * i, &addr) || addr % 8 != 0)
			return false;
		status = golang_read_span(m, l, addr, &s);
		if (status == -ENOENT)
			continue;
		if (status < 0)
			return false;
		map = memsrc_map(m, s.start);
		if (s.state && (!map || map->kind != MEM_ANON))
			return false;
		in_use += s.state != 0;
	}
	return in_use > 0;
}

static bool is_slice(const struct memsrc *m, const uint64_t slice[3])
{
	const struct mem_map *map;

	if (slice[1] == 0 || slice[1] > slice[2] || slice[2] > SPANS_MAX || slice[0] % 8 != 0)
		return false;
	map = memsrc_map(m, slice[0]);
	return map && map->kind == MEM_ANON && slice[2] * 8 <= map->end - slice[0];
}

struct list_search {
	struct walk *walk;
	const struct go_layout *layout;
	uint64_t list, n; /* the longest array so far that may be the list */
	uint64_t left;    /* bytes to search */
	size_t tried;
};

static void try_slice(struct list_search *s, const uint64_t slice[3])
{
	if (slice[1] <= s->n || !is_slice(s->walk->mem, slice) || s->tried++ >= LISTS_MAX ||
	    !is_span_list(s->walk->mem, s->layout, slice[0], slice[1]))
		return;
	s->list = slice[0];
	s->n = slice[1];
}

static void search_data(struct list_search *s, const struct region *r)
{
	struct memsrc *m = s->walk->mem;
	uint64_t at = r->start;
	struct mem_run run;

	while (s->left && memsrc_next(m, &at, r->end, &run)) {
		auto_free uint8_t *copy = xmemdup(run.data, run.len);

		s->left -= MIN(s->left, run.len);
		for (size_t i = 0; i + 8 <= run.len; i += 8) {
			uint64_t slice[3];

			if (i + sizeof(slice) <= run.len)
				memcpy(slice, copy + i, sizeof(slice));
			else if (!memsrc_copy(m, run.addr + i, slice, sizeof(slice)))
				continue;
			try_slice(s, slice);
		}
	}
}

static bool has_data(const struct region *r, uint32_t file)
{
	return r->perms & VMA_WRITE && (r->file == file || (r->marks & MARK_BSS));
}

bool golang_find_spans(struct walk *walk, const struct go_layout *l, uint32_t file,
		       uint64_t *ret_list, uint64_t *ret_n)
{
	const struct snapshot *snap = walk->snap;
	struct list_search s = { .walk = walk, .layout = l, .left = DATA_MAX };

	for (size_t i = 0; i < snap->n_regions; i++) {
		if (has_data(&snap->regions[i], file))
			search_data(&s, &snap->regions[i]);
	}
	*ret_list = s.list;
	*ret_n = s.n;
	return s.n > 0;
}

uint64_t golang_arena_record(struct memsrc *m, uint64_t table, uint64_t addr)
{
	uint64_t number = (addr >> GO_ARENA_SHIFT) + ARENAS / 2, record;
	const struct mem_map *map;

	if (number >= ARENAS || !memsrc_u64(m, table + 8 * number, &record) || record % 8 != 0)
		return 0;
	map = memsrc_map(m, record);
	return map && map->kind == MEM_ANON && map->perms & VMA_WRITE ? record : 0;
}

static bool is_arena_table(struct memsrc *m, uint64_t table, uint64_t addr)
{
	const struct mem_map *map = table && table % m->page_bytes == 0 ? memsrc_map(m, table)
									: NULL;

	return map && map->kind == MEM_ANON && map->end - table >= ARENAS * UINT64_C(8) &&
	       golang_arena_record(m, table, addr);
}

static uint64_t search_arenas(struct memsrc *m, const struct region *r, uint64_t addr)
{
	uint64_t at = r->start, word;
	struct mem_run run;

	while (memsrc_next(m, &at, r->end, &run)) {
		auto_free uint8_t *copy = xmemdup(run.data, run.len);

		for (size_t i = 0; i + 8 <= run.len; i += 8) {
			memcpy(&word, copy + i, sizeof(word));
			if (is_arena_table(m, word, addr))
				return word;
		}
	}
	return 0;
}

uint64_t golang_find_arenas(struct walk *walk, uint32_t file, uint64_t addr)
{
	uint64_t found = 0;

	for (size_t i = 0; i < walk->snap->n_regions && !found; i++) {
		if (has_data(&walk->snap->regions[i], file))
			found = search_arenas(walk->mem, &walk->snap->regions[i], addr);
	}
	return found;
}
