/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/cpython/census.h"

#include "base/alloc.h"
#include "walk/runtime/cpython/keys.h"

enum {
	RADIX_BITS = 12,
	RADIX_PASSES = 4,  /* 48 bits of address, */
	ADDRESS_SHIFT = 4, /* less those that alignment makes 0 */
	USER_BITS = 47,    /* of an address of x86-64 */
	DEBUG_HEAD = 16,
	DEBUG_HEADS = 2,
	DEBUG_TAIL = 8,
};

void py_census_init(struct py_census *c, struct memsrc *mem, const struct addrmap *map,
		    const struct py_layout *layout, uint64_t metatype, struct arena *arena,
		    uint64_t large_bytes)
{
	*c = (struct py_census){ .mem = mem, .map = map, .layout = layout };
	py_types_init(&c->types, mem, map, layout, metatype, arena);
	py_sizer_init(&c->sizer, mem, map, layout);
	py_large_init(&c->large, large_bytes);
	py_tables_init(&c->tables);
	c->soon = xmalloc(PY_PROBES_MAX * sizeof(*c->soon));
	c->late = xmalloc(PY_PROBES_MAX * sizeof(*c->late));
	c->sorted = xmalloc(PY_PROBES_MAX * sizeof(*c->sorted));
}

void py_census_release(struct py_census *c)
{
	py_types_release(&c->types);
	py_large_release(&c->large);
	py_tables_release(&c->tables);
	free(c->soon);
	free(c->late);
	free(c->sorted);
}

static void own(struct py_census *c, enum py_owned what, uint64_t addr, uint64_t len)
{
	if (addrmap_kind(c->map, addr) != ADDR_RW)
		return;
	c->buffer_bytes += len;
	c->owned(c->owned_arg, what, addr, len);
}

/* Returns what the buffers of an object of that kind hold. */
static enum py_owned buffers_of(enum py_kind kind)
{
	return kind == PY_LIST || kind == PY_SET || kind == PY_DICT || kind == PY_ODICT
		       ? PY_OWNED_REFS
		       : PY_OWNED_DATA;
}

/* Adds a table of keys to the object that has it. */
static void count_keys(struct py_census *c, const struct py_probe *probe, const uint8_t *header)
{
	const struct py_type *type = &c->types.types[probe->type];
	struct py_keys keys;
	uint64_t bytes = 0;

	if (!py_keys_decode(c->layout, header, &keys)) {
		c->torn_keys++;
		return;
	}
	if (addrmap_kind(c->map, probe->keys) != ADDR_DATA &&
	    !py_span_is_sane(&c->sizer, probe->keys, keys.bytes)) {
		c->torn_keys++;
		return;
	}
	if (keys.refcnt == 1 || probe->always)
		bytes += keys.bytes;
	if (probe->has_values)
		bytes += (keys.used + keys.usable) * sizeof(uint64_t);
	c->types.rows[type->row].bytes += bytes;
	if (bytes < keys.bytes)
		return;
	own(c, PY_OWNED_REFS, probe->keys, keys.bytes);
	if (bytes + type->basicsize >= c->large.least)
		py_large_add_keys(&c->large, c->mem, probe->object, probe->type,
				  bytes + type->basicsize + type->prefix,
				  &(struct py_span){ probe->keys, keys.bytes });
}

/*
 * Sorts by address, in passes of a few bits, each of which preserves the order of the ones before.
 */
static void sort_late(struct py_census *c)
{
	const unsigned int mask = (1 << RADIX_BITS) - 1;

	for (int pass = 0; pass < RADIX_PASSES; pass++) {
		uint32_t starts[1 << RADIX_BITS] = { 0 }, sum = 0;
		int shift = ADDRESS_SHIFT + pass * RADIX_BITS;
		struct py_probe *swap = c->late;

		for (size_t i = 0; i < c->n_late; i++)
			starts[c->late[i].keys >> shift & mask]++;
		for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
			uint32_t n = starts[i];

			starts[i] = sum;
			sum += n;
		}
		for (size_t i = 0; i < c->n_late; i++)
			c->sorted[starts[c->late[i].keys >> shift & mask]++] = c->late[i];
		c->late = c->sorted;
		c->sorted = swap;
	}
}

/* Tells whether a block begins as PYTHONMALLOC=debug makes one: size, family, seven times 0xfd. */
static bool has_debug_head(const uint8_t *bytes, size_t n)
{
	uint64_t family;

	if (n < DEBUG_HEAD)
		return false;
	memcpy(&family, bytes + DEBUG_HEAD - sizeof(family), sizeof(family));
	return family >> 8 == UINT64_C(0xfdfdfdfdfdfdfd);
}

/*
 * Returns the bytes that PYTHONMALLOC=debug puts in front. A large block goes through pymalloc to
 * malloc, each of which adds them.
 */
static uint32_t debug_head(const uint8_t *bytes, size_t n)
{
	uint32_t head = 0;

	while (head < DEBUG_HEADS * DEBUG_HEAD && has_debug_head(bytes + head, n - head))
		head += DEBUG_HEAD;
	return head;
}

static void look_late(struct py_census *c)
{
	sort_late(c);
	for (size_t i = 0; i < c->n_late && !memsrc_is_over(c->mem); i++) {
		const uint8_t *header = memsrc_at(c->mem, c->late[i].keys, PY_KEYS_HEADER);

		if (header)
			count_keys(c, &c->late[i], header);
		else
			c->torn_keys++;
	}
	c->n_late = 0;
}

void py_census_make_room(struct py_census *c)
{
	if (c->n_late > PY_PROBES_MAX - PY_PROBES_SPARE)
		look_late(c);
}

static void add_late(struct py_census *c, const struct py_probe *probe)
{
	if (c->n_late < PY_PROBES_MAX)
		c->late[c->n_late++] = *probe;
	else
		c->torn_keys++; /* a pool has fewer blocks */
}

void py_census_raw(struct py_census *c, uint64_t addr, const uint8_t *bytes, size_t n)
{
	uint32_t head = debug_head(bytes, n);

	if (n - head >= PY_KEYS_LEAST)
		py_tables_keep(&c->tables, addr + head, bytes + head);
}

void py_census_look_again(struct py_census *c, uint64_t walked)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->n_soon; i++) {
		struct py_probe *probe = &c->soon[i];
		const uint8_t *header = py_tables_find(&c->tables, probe->keys);

		if (header) {
			count_keys(c, probe, header);
		} else if (probe->keys < walked) {
			py_census_make_room(c);
			add_late(c, probe);
		} else {
			c->soon[kept++] = *probe;
		}
	}
	c->n_soon = kept;
}

void py_census_flush(struct py_census *c)
{
	for (size_t i = 0; i < c->n_soon; i++) {
		py_census_make_room(c);
		add_late(c, &c->soon[i]);
	}
	c->n_soon = 0;
	look_late(c);
}

/* Reads a table of keys now if it is at hand, else later. */
static void probe_keys(struct py_census *c, const struct py_probe *probe)
{
	uint64_t at = probe->keys - c->mem->window;
	enum addr_kind kind = addrmap_kind(c->map, probe->keys);
	const uint8_t *header = NULL;

	if (probe->keys % 8 || kind == ADDR_NONE)
		return;
	if (at < c->mem->window_len && c->mem->window_len - at >= PY_KEYS_HEADER)
		header = c->mem->window_data + at;
	else if (kind == ADDR_POOLS)
		header = py_tables_find(&c->tables, probe->keys);
	if (header)
		count_keys(c, probe, header);
	else if (kind == ADDR_POOLS && c->n_soon < PY_PROBES_MAX)
		c->soon[c->n_soon++] = *probe;
	else
		add_late(c, probe);
}

/* Returns the bytes of the blocks of a chain, up to where it does not hold. */
static uint64_t follow_chain(struct py_census *c, const struct py_chain *chain)
{
	uint64_t addr = chain->first, n = 0;

	while (n < chain->n && c->links_left && addrmap_kind(c->map, addr) == ADDR_RW) {
		own(c, PY_OWNED_REFS, addr, chain->bytes);
		c->links_left--;
		if (++n < chain->n && !memsrc_peek(c->mem, addr + chain->link, &addr, sizeof(addr)))
			break;
	}
	c->torn_chains += n < chain->n;
	return n * chain->bytes;
}

static void count(struct py_census *c, uint32_t type, const struct py_object *o,
		  const struct py_sizes *z)
{
	const struct py_type *t = o->type;
	struct py_row *row = &c->types.rows[t->row];
	uint64_t bytes = z->bytes + t->prefix;

	if (z->has_chain)
		bytes += follow_chain(c, &z->chain);
	row->count++;
	row->bytes += bytes;
	row->block_bytes += z->own + t->prefix;
	for (size_t i = 0; i < z->n_spans && !z->is_view; i++)
		own(c, buffers_of(t->kind), z->spans[i].addr, z->spans[i].len);
	if (z->values)
		own(c, PY_OWNED_REFS, z->values, 0);
	if (z->has_hidden && addrmap_kind(c->map, z->hidden.addr) == ADDR_RW)
		c->owned(c->owned_arg, t->kind == PY_MMAP ? PY_OWNED_MAPPING : PY_OWNED_DATA,
			 z->hidden.addr, z->hidden.len);
	/* A dict is as large as its keys, which are counted then. */
	if (z->is_view || (bytes >= c->large.least && !z->keys))
		py_large_add(&c->large, o->addr, type, bytes, z);
	if (z->keys)
		probe_keys(c, &(struct py_probe){ .keys = z->keys,
						  .object = o->addr,
						  .type = type,
						  .always = z->keys_always,
						  .has_values = z->values });
}

/*
 * Tells whether the word may be a reference count. Where programs have low addresses, a pointer to
 * their data might pass for one.
 */
static bool may_be_refcount(const struct py_census *c, uint64_t word)
{
	return py_refcount_is_live(c->layout, word) &&
	       (word % 8 || addrmap_kind(c->map, (uint32_t)word) == ADDR_NONE);
}

/*
 * Tells whether the two words may be those of the garbage collector: addresses or small numbers,
 * with flags.
 */
static bool may_be_gc_head(const uint8_t *bytes)
{
	uint64_t words[PY_GC_HEAD / sizeof(uint64_t)];

	memcpy(words, bytes, sizeof(words));
	return words[0] >> USER_BITS == 0 && words[1] >> USER_BITS == 0;
}

/* Returns the number of the type that an object at addr would have, or INDEX_NONE. */
static uint32_t type_of(struct py_census *c, const uint8_t *bytes)
{
	uint64_t words[2];

	memcpy(words, bytes, sizeof(words));
	return may_be_refcount(c, words[0]) ? py_types_find(&c->types, words[1]) : INDEX_NONE;
}

/* Counts an object, if its type is possible. */
static bool count_object(struct py_census *c, uint32_t type, uint64_t addr, const uint8_t *bytes,
			 size_t n, uint64_t room, struct py_found *found)
{
	const struct py_object o = {
		.addr = addr,
		.type = &c->types.types[type],
		.bytes = bytes,
		.n_bytes = n,
		.room = room,
	};

	if (!py_sizes_read(&c->sizer, &o, &found->sizes)) {
		c->misfits++;
		return false;
	}
	found->addr = addr;
	found->type = type;
	count(c, type, &o, &found->sizes);
	return true;
}

bool py_census_object(struct py_census *c, uint64_t addr, const uint8_t *bytes, size_t n,
		      uint64_t room, struct py_found *found)
{
	uint32_t type = n >= PY_SIZE ? type_of(c, bytes) : INDEX_NONE;
	uint8_t head[PY_GC_HEAD];

	if (type == INDEX_NONE)
		return false;
	if (c->types.types[type].flags & TPF_GC &&
	    (!memsrc_peek(c->mem, addr - sizeof(head), head, sizeof(head)) ||
	     !may_be_gc_head(head)))
		return false;
	return count_object(c, type, addr, bytes, n, room, found);
}

bool py_census_static(struct py_census *c, uint64_t addr, const uint8_t *bytes, size_t n,
		      uint64_t room, struct py_found *found)
{
	uint64_t misfits = c->misfits, torn = c->sizer.torn;
	uint32_t refs, type;
	const struct py_type *t;
	bool counted;

	memcpy(&refs, bytes, sizeof(refs));
	type = refs >= c->layout->static_refs ? type_of(c, bytes) : INDEX_NONE;
	if (type == INDEX_NONE || c->types.types[type].kind == PY_TYPE_OBJECT)
		return false;
	counted = count_object(c, type, addr, bytes, n, room, found);
	/*
	 * Any two words may be in front of it, and buffers of constants are not in writable memory.
	 */
	c->misfits = misfits;
	c->sizer.torn = torn;
	t = &c->types.types[type];
	if (counted)
		c->types.rows[t->row].block_bytes -= found->sizes.own + t->prefix;
	return counted;
}

const uint8_t *py_census_head(struct py_census *c, uint64_t addr, uint64_t block_bytes,
			      size_t *ret_n)
{
	uint64_t page_end = (addr | (c->mem->page_bytes - 1)) + 1;
	size_t n = (size_t)MIN(block_bytes, (uint64_t)PY_HEAD_BYTES);
	const uint8_t *bytes = memsrc_at(c->mem, addr, n);

	if (!bytes && n > page_end - addr) {
		n = (size_t)(page_end - addr);
		bytes = memsrc_at(c->mem, addr, n);
	}
	*ret_n = n;
	return bytes;
}

bool py_census_block(struct py_census *c, uint64_t addr, const uint8_t *bytes, size_t n,
		     uint64_t block_bytes, struct py_found *found)
{
	uint32_t head = debug_head(bytes, n), tail = head / DEBUG_HEAD * DEBUG_TAIL;

	c->debug_blocks += head != 0;
	for (uint32_t prefix = 0; prefix <= PY_GC_HEAD + PY_PREFIX; prefix += PY_GC_HEAD) {
		uint32_t front = head + prefix, type;

		if (front + PY_SIZE > n || front + PY_SIZE + tail > block_bytes)
			return false;
		type = type_of(c, bytes + front);
		if (type == INDEX_NONE || c->types.types[type].prefix != prefix ||
		    (prefix && !may_be_gc_head(bytes + front - PY_GC_HEAD)))
			continue;
		if (count_object(c, type, addr + front, bytes + front, n - front,
				 block_bytes - front - tail, found))
			return true;
	}
	return false;
}
