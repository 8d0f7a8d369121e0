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

/*
 * Reads the offsets of fields of the struct that has a field at addr. Up to Go 1.18 the lowest bit
 * of an offset marks embedded fields.
 */
static bool read_struct(struct images *im, uint64_t addr, const struct go_struct *what,
			uint16_t *ret_offsets)
{
	unsigned int shift, seen = 0;
	char name[NAME_BYTES];
	struct field f;

	if (!read_field(im, addr, &f, name) ||
	    (f.offset != what->first_offset && f.offset != 2U * what->first_offset))
		return false;
	shift = f.offset != what->first_offset;
	for (size_t i = 0; i < FIELDS_MAX; i++, addr += FIELD_BYTES) {
		if (!read_field(im, addr, &f, name) || f.offset >> shift >= GO_SPAN_BYTES_MAX - 8)
			break;
		for (size_t k = 0; k < what->n_fields; k++) {
			if (!streq(what->fields[k], name) || (seen >> k & 1))
				continue;
			ret_offsets[k] = (uint16_t)(f.offset >> shift);
			seen |= 1U << k;
		}
	}
	return seen == (1U << what->n_fields) - 1;
}

struct struct_search {
	struct images *im;
	const struct go_struct *what;
	uint16_t *offsets;
	bool found;
};

static bool try_struct(void *arg, uint64_t addr, const uint8_t *p attr_unused)
{
	struct struct_search *s = arg;

	s->found = addr % 8 == 0 && read_struct(s->im, addr, s->what, s->offsets);
	return s->found;
}

bool golang_find_struct(struct images *im, uint32_t file, const struct go_struct *what,
			uint16_t *ret_offsets)
{
	struct struct_search s = { .im = im, .what = what, .offsets = ret_offsets };
	struct places names = { .n = 0 };

	search(im, file, what->first, strlen(what->first), add_place, &names);
	for (size_t i = 0; i < names.n && !s.found; i++) {
		uint64_t name = names.v[i] - 1; /* flags come before the length */

		search(im, file, &name, sizeof(name), try_struct, &s);
	}
	return s.found;
}

bool golang_find_layout(struct images *im, uint32_t file, struct go_layout *ret)
{
	static const char *const fields[] = { "startAddr", "npages", "allocCount", "state",
					      "elemsize" };
	static const uint8_t bytes[ARRAY_SIZE(fields)] = { 8, 8, 2, 1, 8 };
	static const struct go_struct span = { "\tstartAddr", 24, fields, ARRAY_SIZE(fields) };
	uint16_t at[ARRAY_SIZE(fields)], end = 0;

	if (!golang_find_struct(im, file, &span, at))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		end = MAX(end, (uint16_t)(at[i] + bytes[i]));
	*ret = (struct go_layout){ at[0], at[1], at[2], at[3], at[4], end };
	return true;
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
static bool is_span_list(struct memsrc *m, const void *arg, uint64_t list, uint64_t n)
{
	const struct go_layout *l = arg;
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
	go_list_fn *is_list;
	const void *arg;
	uint64_t list, n; /* the longest array so far that may be the list */
	uint64_t left;    /* bytes to search */
	size_t tried;
};

static void try_slice(struct list_search *s, const uint64_t slice[3])
{
	if (slice[1] <= s->n || !is_slice(s->walk->mem, slice) || s->tried++ >= LISTS_MAX ||
	    !s->is_list(s->walk->mem, s->arg, slice[0], slice[1]))
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

bool golang_find_list(struct walk *walk, uint32_t file, go_list_fn *is_list, const void *arg,
		      uint64_t *ret_list, uint64_t *ret_n)
{
	const struct snapshot *snap = walk->snap;
	struct list_search s = { .walk = walk, .is_list = is_list, .arg = arg, .left = DATA_MAX };

	for (size_t i = 0; i < snap->n_regions; i++) {
		if (has_data(&snap->regions[i], file))
			search_data(&s, &snap->regions[i]);
	}
	*ret_list = s.list;
	*ret_n = s.n;
	return s.n > 0;
}

bool golang_find_spans(struct walk *walk, const struct go_layout *l, uint32_t file,
		       uint64_t *ret_list, uint64_t *ret_n)
{
	return golang_find_list(walk, file, is_span_list, l, ret_list, ret_n);
}

uint64_t golang_arena_record(struct memsrc *m, uint64_t table, uint64_t addr)
{
	uint64_t number = (addr >> GO_ARENA_SHIFT) + ARENAS / 2, record;
	const struct mem_map *map;

	if (number >= ARENAS || !memsrc_u64(m, table + 8 * number, &record) ||
	    record % m->page_bytes != 0)
		return 0;
	map = memsrc_map(m, record);
	return map && map->kind == MEM_ANON && map->perms & VMA_WRITE ? record : 0;
}

bool golang_each_arena(struct memsrc *m, uint64_t table, void (*add)(void *arg, uint64_t arena),
		       void *arg)
{
	uint64_t at = table, end = table + ARENAS * UINT64_C(8);
	struct mem_run run;

	while (memsrc_next(m, &at, end, &run)) {
		auto_free uint8_t *copy = xmemdup(run.data, run.len);

		for (size_t i = 0; i + 8 <= run.len; i += 8) {
			uint64_t number = (run.addr + i - table) / 8,
				 addr = (number - ARENAS / 2) << GO_ARENA_SHIFT, word;

			memcpy(&word, copy + i, sizeof(word));
			if (!word)
				continue;
			if (number < ARENAS / 2 || !golang_arena_record(m, table, addr))
				return false;
			add(arg, addr);
		}
	}
	return true;
}

static void add_none(void *arg attr_unused, uint64_t arena attr_unused)
{
}

static bool is_arena_table(struct memsrc *m, uint64_t table, uint64_t addr)
{
	const struct mem_map *map = table && table % m->page_bytes == 0 ? memsrc_map(m, table)
									: NULL;

	return map && map->kind == MEM_ANON && map->end - table >= ARENAS * UINT64_C(8) &&
	       golang_arena_record(m, table, addr) && golang_each_arena(m, table, add_none, NULL);
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
