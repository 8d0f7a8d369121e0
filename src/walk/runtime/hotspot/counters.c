/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The counters that a Java virtual machine keeps for tools, in a file of its own that it maps, or
 * in memory only. They tell what each space has and uses, as of the last collection with some
 * collectors, and nothing of RAM: so they stand in where the heap itself cannot be read.
 *
 * Source: HotSpot share/runtime/perfMemory.hpp, PerfDataPrologue and PerfDataEntry, version 2.0.
 */
#include "walk/runtime/hotspot/hotspot.h"

#include <errno.h>

#include "base/alloc.h"
#include "proc/rootfile.h"

enum {
	HEAD_BYTES = 32,
	ENTRY_BYTES = 20,
	ENTRIES_MAX = 1 << 14,
	BLOCK_MAX = 1 << 20,
	GENERATIONS = 4,
	SPACES = 6,
	NAME_BYTES = 32,
};

struct counters {
	struct {
		char name[NAME_BYTES];
		struct amount capacity, used;
	} spaces[GENERATIONS][SPACES];
	struct amount metaspace, metaspace_used;
	char collector[NAME_BYTES];
};

struct entry {
	const char *name;
	const uint8_t *data;
	size_t n; /* bytes of data */
	char type;
};

static int32_t int_at(const uint8_t *p)
{
	int32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Parses the entry in the n bytes at p. Returns its length; 0: it is not an entry. */
static size_t parse_entry(const uint8_t *p, size_t n, struct entry *ret)
{
	int32_t length, name, vector, data;

	if (n < ENTRY_BYTES)
		return 0;
	length = int_at(p);
	name = int_at(p + 4);
	vector = int_at(p + 8);
	data = int_at(p + 16);
	if (length < ENTRY_BYTES || (size_t)length > n || name < ENTRY_BYTES || name >= length ||
	    data < ENTRY_BYTES || data >= length || vector < 0 || vector > length - data ||
	    !memchr(p + name, '\0', (size_t)(length - name)))
		return 0;
	*ret = (struct entry){ .name = (const char *)p + name,
			       .data = p + data,
			       .n = (size_t)(length - data),
			       .type = (char)p[12] };
	if (vector)
		ret->n = (size_t)vector;
	return (size_t)length;
}

static void read_number(const struct entry *e, struct amount *ret)
{
	int64_t v;

	if (e->type != 'J' || e->n < sizeof(v))
		return;
	memcpy(&v, e->data, sizeof(v));
	if (v >= 0 && v >> 47 == 0)
		*ret = amount_of((uint64_t)v);
}

/* Copies a word if it is plain, up to the first blank. */
static void read_word(const struct entry *e, char ret[NAME_BYTES])
{
	size_t i = 0;

	for (; e->type == 'B' && i < MIN(e->n, (size_t)NAME_BYTES - 1); i++) {
		unsigned char c = e->data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
			break;
		ret[i] = (char)c;
	}
	ret[i] = '\0';
}

/* "sun.gc.generation.0.space.1.used" */
static void read_space(struct counters *c, const struct entry *e)
{
	static const char generation[] = "sun.gc.generation.", space[] = ".space.";
	const char *at = e->name;
	unsigned int g, s;

	if (!starts_with(at, generation))
		return;
	at += strlen(generation);
	g = (unsigned int)(*at - '0');
	if (g >= GENERATIONS || !starts_with(at + 1, space))
		return;
	at += 1 + strlen(space);
	s = (unsigned int)(*at - '0');
	if (s >= SPACES)
		return;
	if (streq(at + 1, ".name"))
		read_word(e, c->spaces[g][s].name);
	else if (streq(at + 1, ".capacity"))
		read_number(e, &c->spaces[g][s].capacity);
	else if (streq(at + 1, ".used"))
		read_number(e, &c->spaces[g][s].used);
}

static void read_entry(struct counters *c, const struct entry *e)
{
	if (streq(e->name, "sun.gc.metaspace.capacity"))
		read_number(e, &c->metaspace);
	else if (streq(e->name, "sun.gc.metaspace.used"))
		read_number(e, &c->metaspace_used);
	else if (streq(e->name, "sun.gc.collector.0.name"))
		read_word(e, c->collector);
	else
		read_space(c, e);
}

static struct walk_space space_of(const char *name, struct amount capacity, struct amount used)
{
	struct walk_space s = walk_space_of(name);

	s.committed = capacity;
	s.live = used;
	if (amount_ok(capacity) && amount_ok(used))
		s.free_bytes = amount_of(capacity.value - MIN(used.value, capacity.value));
	return s;
}

static int fill(struct walk *walk, struct walk_runtime *r, const struct counters *c)
{
	struct walk_space *spaces = arena_array(&walk->arena, GENERATIONS * SPACES + 1,
						struct walk_space);
	struct walk_space total = walk_space_of("heap");
	size_t n = 0;

	for (size_t g = 0; g < GENERATIONS; g++) {
		for (size_t i = 0; i < SPACES; i++) {
			if (!amount_ok(c->spaces[g][i].capacity) ||
			    !amount_ok(c->spaces[g][i].used))
				continue;
			spaces[n] = space_of(arena_strdup(&walk->arena, c->spaces[g][i].name),
					     c->spaces[g][i].capacity, c->spaces[g][i].used);
			walk_space_add(&total, &spaces[n++]);
		}
	}
	if (n == 0)
		return -ENODATA;
	if (amount_ok(c->metaspace))
		spaces[n++] = space_of("metaspace", c->metaspace, c->metaspace_used);
	r->total = total;
	r->spaces = spaces;
	r->n_spaces = n;
	if (!r->collector && c->collector[0])
		r->collector = arena_strdup(&walk->arena, c->collector);
	return 0;
}

int hotspot_take_counters(struct walk *walk, struct walk_runtime *r, const uint8_t *block, size_t n)
{
	static const uint8_t magic[] = { 0xca, 0xfe, 0xc0, 0xc0, 1, 2 }; /* little-endian, 2.x */
	auto_free struct counters *c = xcalloc(1, sizeof(*c));
	struct amount none = amount_absent(REASON_BY_DESIGN);
	size_t at, length;
	struct entry e;

	if (n < HEAD_BYTES || memcmp(block, magic, sizeof(magic)) != 0 ||
	    int_at(block + 24) < HEAD_BYTES)
		return -EBADMSG;
	for (size_t i = 0; i < (size_t)GENERATIONS * SPACES; i++)
		c->spaces[i / SPACES][i % SPACES].capacity = c->spaces[i / SPACES][i % SPACES]
								     .used = none;
	c->metaspace = c->metaspace_used = none;
	at = (size_t)int_at(block + 24);
	for (size_t i = 0; i < ENTRIES_MAX && at < n; i++, at += length) {
		length = parse_entry(block + at, n - at, &e);
		if (length == 0)
			break;
		read_entry(c, &e);
	}
	return fill(walk, r, c);
}

int hotspot_counters_in_memory(struct hotspot_walk *h, struct walk_runtime *r)
{
	auto_free uint8_t *block = NULL;
	uint64_t start, top;

	if (!hs_word(&h->vm, 0, HS_PERF_START, &start) || !hs_word(&h->vm, 0, HS_PERF_TOP, &top) ||
	    top <= start || top - start > BLOCK_MAX)
		return -ENOENT;
	block = xmalloc((size_t)(top - start));
	if (!memsrc_copy(h->vm.walk->mem, start, block, (size_t)(top - start)))
		return -EFAULT;
	return hotspot_take_counters(h->vm.walk, r, block, (size_t)(top - start));
}

int hotspot_counters_in_file(struct walk *walk)
{
	uint32_t machine = hotspot_module(walk);
	auto_sbuf block = SBUF_INIT;
	struct walk_runtime *r;
	int status = -ENOENT;

	if (!machine || !walk->opts.fs)
		return status;
	for (size_t i = 1; status < 0 && i < walk->snap->n_files; i++) {
		const char *path = walk->snap->files[i].path;

		if (!strstr(path, "/hsperfdata_") ||
		    rootfile_read(walk->opts.fs, walk->opts.dirfd, path, BLOCK_MAX, &block) < 0)
			continue;
		r = walk_add_runtime(walk, "jvm", machine);
		walk_take_version(walk, r, 1);
		status = hotspot_take_counters(walk, r, (const uint8_t *)sbuf_str(&block),
					       block.len);
		if (status < 0)
			walk->n_runtimes--;
	}
	return status;
}
