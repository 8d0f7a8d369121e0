/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/cpython/types.h"

#include "base/alloc.h"
#include "base/text.h"
#include "walk/runtime/cpython/names.h"

enum {
	BASICSIZE_MIN = 16,
	BASICSIZE_MAX = 1 << 20,
	ITEMSIZE_MAX = 64 << 10,
	META_DEPTH = 4,  /* type of a type of a type ... */
	BASE_DEPTH = 32, /* class of a class of a class ... */
	ADDR_MIN = 1 << 16,
};

/* Kinds that tp_flags show and subclasses inherit. No type has two of these. */
static const struct {
	uint64_t flag;
	enum py_kind kind;
} kinds_by_flag[] = {
	{ TPF_STR, PY_STR },          { TPF_DICT, PY_DICT }, { TPF_TUPLE, PY_TUPLE },
	{ TPF_INT, PY_INT },          { TPF_LIST, PY_LIST }, { TPF_BYTES, PY_BYTES },
	{ TPF_TYPE, PY_TYPE_OBJECT },
};

/*
 * Kinds that a name shows. A class statement makes no name with a dot, and no type that is not a
 * heap type; basicsize is the smallest that the kind's fields need.
 */
static const struct {
	const char *name;
	uint32_t basicsize;
	enum py_kind kind;
} kinds_by_name[] = {
	{ "set", 200, PY_SET },
	{ "frozenset", 200, PY_SET },
	{ "bytearray", 56, PY_BYTEARRAY },
	{ "memoryview", 136, PY_MEMORYVIEW },
	{ "generator", 72, PY_GENERATOR },
	{ "coroutine", 72, PY_GENERATOR },
	{ "async_generator", 72, PY_GENERATOR },
	{ "frame", 48, PY_FRAME },
	{ "collections.OrderedDict", 112, PY_ODICT },
	{ "collections.deque", 72, PY_DEQUE },
	{ "array.array", 48, PY_ARRAY },
	{ "numpy.ndarray", 80, PY_NDARRAY },
	{ "_io.StringIO", 112, PY_STRINGIO },
	{ "_io.BufferedReader", 136, PY_BUFFERED },
	{ "_io.BufferedWriter", 136, PY_BUFFERED },
	{ "_io.BufferedRandom", 136, PY_BUFFERED },
	{ "mmap.mmap", 48, PY_MMAP },
	{ "_ctypes._CData", 72, PY_CTYPES },
};

/* The fields of a type object that are read. */
struct raw_type {
	uint64_t meta, name, basicsize, itemsize, flags, base, dict;
};

void py_types_init(struct py_types *t, struct memsrc *mem, const struct addrmap *map,
		   const struct py_layout *layout, uint64_t metatype, struct arena *arena)
{
	*t = (struct py_types){
		.mem = mem, .map = map, .layout = layout, .metatype = metatype, .arena = arena
	};
}

void py_types_release(struct py_types *t)
{
	index_release(&t->by_addr);
	index_release(&t->by_name);
	free(t->types);
	free(t->rows);
}

static bool same_addr(const void *arg, uint32_t i, const void *key)
{
	return ((const struct py_type *)arg)[i].addr == *(const uint64_t *)key;
}

static bool same_name(const void *arg, uint32_t i, const void *key)
{
	return streq(((const struct py_row *)arg)[i].name, key);
}

static uint64_t word(const uint8_t *bytes, size_t offset)
{
	uint64_t w;

	memcpy(&w, bytes + offset, sizeof(w));
	return w;
}

/*
 * Tells whether a type may be at addr: types are larger than the blocks of pools, and in writable
 * memory.
 */
static bool may_be_type(const struct py_types *t, uint64_t addr)
{
	enum addr_kind kind = addrmap_kind(t->map, addr);

	return addr % 8 == 0 && addr >= ADDR_MIN && (kind == ADDR_RW || kind == ADDR_DATA);
}

static bool read_raw(struct py_types *t, uint64_t addr, struct raw_type *ret)
{
	uint8_t bytes[TP_READ_BYTES];
	struct raw_type raw;

	if (!may_be_type(t, addr) || !memsrc_peek(t->mem, addr, bytes, sizeof(bytes)))
		return false;
	raw = (struct raw_type){
		.meta = word(bytes, PY_TYPE),
		.name = word(bytes, TP_NAME),
		.basicsize = word(bytes, TP_BASICSIZE),
		.itemsize = word(bytes, TP_ITEMSIZE),
		.flags = word(bytes, TP_FLAGS),
		.base = word(bytes, TP_BASE),
		.dict = word(bytes, TP_DICT),
	};
	if (!py_refcount_is_live(t->layout, word(bytes, PY_REFCNT)) || !(raw.flags & TPF_READY) ||
	    raw.basicsize < BASICSIZE_MIN || raw.basicsize > BASICSIZE_MAX ||
	    raw.itemsize > ITEMSIZE_MAX)
		return false;
	*ret = raw;
	return true;
}

/*
 * Tells whether the type of a type is `type`, or a class derived from it, which has a type as well.
 */
static bool is_metatype(struct py_types *t, uint64_t addr)
{
	struct raw_type raw;

	for (int depth = 0; depth < META_DEPTH; depth++) {
		if (addr == t->metatype)
			return true;
		if (!read_raw(t, addr, &raw) || !(raw.flags & TPF_TYPE))
			return false;
		addr = raw.meta;
	}
	return false;
}

/* Tells whether only a static type, or one made by an extension, can have a name. */
static bool name_is_built_in(const struct raw_type *raw, const char *name)
{
	return !(raw->flags & TPF_HEAPTYPE) || strchr(name, '.');
}

static enum py_kind own_kind(const struct raw_type *raw, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds_by_name); i++) {
		if (streq(kinds_by_name[i].name, name) && name_is_built_in(raw, name) &&
		    raw->basicsize >= kinds_by_name[i].basicsize)
			return kinds_by_name[i].kind;
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds_by_flag); i++) {
		if (raw->flags & kinds_by_flag[i].flag)
			return kinds_by_flag[i].kind;
	}
	return PY_FIXED;
}

/* Returns the kind of a type, or of the class that it inherits its kind from. */
static enum py_kind find_kind(struct py_types *t, const struct raw_type *raw, const char *name)
{
	enum py_kind kind = own_kind(raw, name), flagged = kind;
	struct raw_type base = *raw;
	char text[PY_NAME_MAX + 1];

	/* An OrderedDict is flagged as the dict that it derives from. */
	for (int depth = 0; depth < BASE_DEPTH && (kind == PY_FIXED || kind == PY_DICT); depth++) {
		uint32_t known = index_find(&t->by_addr, index_hash_u64(base.base, 0), same_addr,
					    t->types, &base.base);

		if (known != INDEX_NONE) {
			kind = (enum py_kind)t->types[known].kind;
			break;
		}
		if (!base.base || !read_raw(t, base.base, &base) ||
		    !py_name_read(t->mem, base.name, text))
			break;
		kind = own_kind(&base, text);
	}
	return kind == PY_FIXED ? flagged : kind;
}

static uint32_t find_row(struct py_types *t, const char *name)
{
	uint64_t hash = index_hash_bytes(name, strlen(name));
	uint32_t i = index_find(&t->by_name, hash, same_name, t->rows, name);

	if (i != INDEX_NONE)
		return i;
	i = (uint32_t)t->n_rows;
	t->rows = xgrow(t->rows, t->n_rows, &t->cap_rows, sizeof(*t->rows));
	t->rows[t->n_rows++] = (struct py_row){ .name = arena_strdup(t->arena, name) };
	index_add(&t->by_name, hash, i);
	return i;
}

/* Reads the type at addr and adds it. Returns its number, or INDEX_NONE if there is none. */
static uint32_t add_type(struct py_types *t, uint64_t addr)
{
	char name[PY_NAME_MAX + 1];
	struct raw_type raw;
	struct py_type *type;
	auto_sbuf full = SBUF_INIT;

	if (t->n_types == PY_TYPES_MAX) {
		t->full = true;
		return INDEX_NONE;
	}
	if (!read_raw(t, addr, &raw) || !py_name_read(t->mem, raw.name, name) ||
	    !is_metatype(t, raw.meta))
		return INDEX_NONE;
	py_name_qualify(t->mem, t->layout, raw.flags & TPF_HEAPTYPE ? raw.dict : 0, name, &full);
	t->types = xgrow(t->types, t->n_types, &t->cap_types, sizeof(*t->types));
	type = &t->types[t->n_types];
	*type = (struct py_type){
		.addr = addr,
		.flags = raw.flags,
		.basicsize = (uint32_t)raw.basicsize,
		.itemsize = (uint32_t)raw.itemsize,
		.kind = (uint8_t)find_kind(t, &raw, name),
		.prefix = (uint8_t)((raw.flags & TPF_GC ? PY_GC_HEAD : 0) +
				    (raw.flags & t->layout->prefix_flags ? PY_PREFIX : 0)),
		.row = find_row(t, sbuf_str(&full)),
	};
	index_add(&t->by_addr, index_hash_u64(addr, 0), (uint32_t)t->n_types);
	return (uint32_t)t->n_types++;
}

uint32_t py_types_find_slow(struct py_types *t, uint64_t addr)
{
	struct py_type_slot *slot = &t->cache[(addr >> 4 ^ addr >> 14) % PY_TYPE_CACHE];
	uint32_t i;

	if (!may_be_type(t, addr))
		return INDEX_NONE;
	i = index_find(&t->by_addr, index_hash_u64(addr, 0), same_addr, t->types, &addr);
	if (i == INDEX_NONE)
		i = add_type(t, addr);
	*slot = (struct py_type_slot){ .addr = addr, .type = i };
	return i;
}
