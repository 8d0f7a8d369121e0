/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/cpython/size.h"

#include "proc/smaps.h"
#include "walk/runtime/cpython/pymalloc.h"

enum {
	ITEMS_MAX_LOG2 = 44, /* larger numbers of items fit in no address space, and are torn */
	ARRAY_ITEM_MAX = 64,
	NDIM_MAX = 64, /* numpy: NPY_MAXDIMS is 32, 64 since 2.0 */
	NPY_OWNDATA = 4,
	SLOT = 8, /* of a frame, list, tuple */
	SET_ENTRY = 16,
	MEMBER = 40, /* PyMemberDef, of which a class has one for each of __slots__ */
	ODICT_NODE = 32,
	DEQUE_BLOCK = 528, /* two links and 64 items */
	DEQUE_ITEMS = 64,
	CTYPES_INLINE = 72, /* offset of the room inside the object */
};

void py_sizer_init(struct py_sizer *s, struct memsrc *mem, const struct addrmap *map,
		   const struct py_layout *layout)
{
	*s = (struct py_sizer){ .mem = mem, .map = map, .layout = layout };
}

/*
 * Returns the word at an offset of the object; 0 behind the bytes that were read, where no field is
 * needed.
 */
static uint64_t field(const struct py_object *o, size_t offset)
{
	uint64_t w = 0;

	if (offset + sizeof(w) <= o->n_bytes)
		memcpy(&w, o->bytes + offset, sizeof(w));
	return w;
}

static uint32_t field32(const struct py_object *o, size_t offset)
{
	uint32_t w = 0;

	if (offset + sizeof(w) <= o->n_bytes)
		memcpy(&w, o->bytes + offset, sizeof(w));
	return w;
}

static uint64_t magnitude(uint64_t w)
{
	return (int64_t)w < 0 ? 0 - w : w;
}

static bool is_count(uint64_t n)
{
	return n >> ITEMS_MAX_LOG2 == 0;
}

bool py_span_is_sane(struct py_sizer *s, uint64_t addr, uint64_t len)
{
	const struct mem_map *end, *map;
	enum addr_kind kind = addrmap_kind(s->map, addr);

	if (len == 0 || addr + len < addr)
		return false;
	if (kind == ADDR_POOLS)
		return len <= PYMALLOC_BLOCK_MAX;
	if (kind != ADDR_RW)
		return false;
	if (s->run && addr >= s->run->start && addr < s->run_end)
		return addr + len <= s->run_end;
	map = memsrc_map(s->mem, addr);
	if (!map || !(map->perms & VMA_WRITE))
		return false;
	/* madvise splits the mapping of a large block. */
	for (end = map; end + 1 < s->mem->maps + s->mem->n_maps; end++) {
		if (end[1].start != end->end || !(end[1].perms & VMA_WRITE))
			break;
	}
	s->run = map;
	s->run_end = end->end;
	return addr + len <= s->run_end;
}

/* Adds a buffer of n items that the object owns. */
static void add_span(struct py_sizer *s, struct py_sizes *z, uint64_t addr, uint64_t n,
		     uint64_t item)
{
	if (!addr || !n)
		return;
	if (!is_count(n) || !py_span_is_sane(s, addr, n * item)) {
		s->torn++;
		return;
	}
	z->spans[z->n_spans++] = (struct py_span){ addr, n * item };
	z->bytes += n * item;
}

/* Reads the size that the type states: fixed bytes, and for some types items behind them. */
static bool size_fixed(struct py_sizer *s attr_unused, const struct py_object *o,
		       struct py_sizes *z)
{
	uint64_t n = o->type->itemsize ? magnitude(field(o, PY_SIZE)) : 0;

	if (!is_count(n))
		return false;
	z->own = o->type->basicsize + n * o->type->itemsize;
	z->bytes = z->own;
	z->length = n;
	z->has_length = o->type->itemsize;
	return true;
}

static bool size_int(struct py_sizer *s, const struct py_object *o, struct py_sizes *z)
{
	uint64_t digits = s->layout->int_tagged ? field(o, INT_TAG) >> 3
						: magnitude(field(o, PY_SIZE));

	if (!is_count(digits))
		return false;
	z->bytes = INT_DIGITS + MAX(digits, (uint64_t)s->layout->int_digits_min) * 4;
	/* A class derived from int has further fields behind the digits. */
	z->own = MAX(o->type->basicsize + digits * 4, z->bytes);
	return true;
}

/*
 * Reads a str whose characters are elsewhere: of a class derived from str, or made by an API of
 * before 3.3.
 */
static void size_str_object(struct py_sizer *s, const struct py_object *o, uint64_t char_bytes,
			    struct py_sizes *z)
{
	z->own = o->type->basicsize;
	z->bytes = s->layout->str_object;
	if (char_bytes)
		add_span(s, z, field(o, s->layout->str_compact), z->length + 1, char_bytes);
}

static bool size_str(struct py_sizer *s, const struct py_object *o, struct py_sizes *z)
{
	const struct py_layout *l = s->layout;
	uint32_t state = field32(o, STR_STATE);
	uint64_t char_bytes = state >> 2 & 7, utf8, wchar, data;
	bool compact = state >> 5 & 1, ascii = state >> 6 & 1;

	z->length = field(o, STR_LENGTH);
	z->has_length = true;
	if (!is_count(z->length) || char_bytes == 3 || char_bytes > 4 ||
	    (char_bytes == 0 && (compact || !l->str_wchar)))
		return false;
	data = o->addr + (ascii ? l->str_ascii : l->str_compact);
	if (compact) {
		z->own = (ascii ? l->str_ascii : l->str_compact) + (z->length + 1) * char_bytes;
		z->bytes = z->own;
	} else {
		size_str_object(s, o, char_bytes, z);
		data = z->n_spans ? z->spans[0].addr : 0;
	}
	utf8 = compact && ascii ? 0 : field(o, l->str_compact - (l->str_wchar ? 16 : 8));
	if (utf8 && utf8 != data && field(o, l->str_ascii) <= 4 * (z->length + 1))
		add_span(s, z, utf8, field(o, l->str_ascii) + 1, 1);
	wchar = l->str_wchar ? field(o, l->str_ascii - 8) : 0;
	if (wchar && wchar != data)
		add_span(s, z, wchar,
			 (compact && ascii ? z->length : field(o, l->str_compact - 8)) + 1, 4);
	return true;
}

static bool size_list(struct py_sizer *s, const struct py_object *o, struct py_sizes *z)
{
	uint64_t allocated = field(o, LIST_ALLOCATED);

	z->own = o->type->basicsize;
	z->bytes = z->own;
	z->length = field(o, PY_SIZE);
	z->has_length = true;
	if (z->length <= allocated)
		add_span(s, z, field(o, LIST_ITEMS), allocated, SLOT);
	return is_count(z->length);
}

static bool size_dict(struct py_sizer *s attr_unused, const struct py_object *o, struct py_sizes *z)
{
	z->own = o->type->basicsize;
	z->bytes = z->own;
	z->length = field(o, DICT_USED);
	z->has_length = true;
	z->keys = field(o, DICT_KEYS);
	z->values = field(o, DICT_VALUES);
	return is_count(z->length);
}

/* An OrderedDict has behind the fields of a dict: first, last, fast nodes, their number. */
static bool size_odict(struct py_sizer *s, const struct py_object *o, struct py_sizes *z)
{
	if (!size_dict(s, o, z))
		return false;
	add_span(s, z, field(o, DICT_BYTES + 16), field(o, DICT_BYTES + 24), SLOT);
	/* Each node is a block of its own, in a pool; there is a slot for each. */
	if (z->n_spans && z->length <= z->spans[0].len / SLOT)
		z->bytes += z->length * ODICT_NODE;
	return true;
}

static bool size_set(struct py_sizer *s, const struct py_object *o, struct py_sizes *z)
{
	uint64_t table = field(o, SET_TABLE), mask = field(o, SET_MASK);

	z->own = o->type->basicsize;
	z->bytes = z->own;
	z->length = field(o, SET_USED);
	z->has_length = true;
	if (table != o->addr + SET_SMALL)
		add_span(s, z, table, mask + 1, SET_ENTRY);
	return is_count(z->length) && (mask & (mask + 1)) == 0;
}

static bool size_type(struct py_sizer *s, const struct py_object *o, struct py_sizes *z)
{
	uint64_t slots = magnitude(field(o, PY_SIZE));

	if (!is_count(slots))
		return false;
	z->own = o->type->basicsize + slots * MEMBER;
	z->bytes = s->layout->heap_type;
	z->keys_always = true;
	/* This field is so far behind that it may not be at hand. */
	(void)memsrc_peek(s->mem, o->addr + s->layout->heap_type_keys, &z->keys, sizeof(z->keys));
	return true;
}

static bool size_bytearray(struct py_sizer *s, const struct py_object *o, struct py_sizes *z)
{
	z->own = o->type->basicsize;
	z->bytes = z->own;
	z->length = magnitude(field(o, PY_SIZE));
	z->has_length = true;
	add_span(s, z, field(o, BYTEARRAY_BYTES), field(o, BYTEARRAY_ALLOC), 1);
	return is_count(z->length);
}

/* Returns the slots of a frame that runs the code: local variables and stack. */
static bool code_slots(struct py_sizer *s, uint64_t code, uint64_t *ret_slots)
{
	uint32_t locals, stack;

	code &= ~UINT64_C(7); /* since 3.14 a reference is tagged */
	if (code != s->code) {
		if (!memsrc_peek(s->mem, code + s->layout->code_slots, &locals, sizeof(locals)) ||
		    !memsrc_peek(s->mem, code + s->layout->code_stack, &stack, sizeof(stack)))
			return false;
		s->code = code;
		s->code_slots = (uint64_t)locals + stack;
	}
	*ret_slots = s->code_slots;
	return true;
}

/* Since 3.11 the frame is part of the generator, and its code states how large it is. */
static bool size_generator(struct py_sizer *s, const struct py_object *o, struct py_sizes *z)
{
	uint64_t slots = 0;

	if (s->layout->gen_code && !code_slots(s, field(o, s->layout->gen_code), &slots))
		return false;
	z->own = o->type->basicsize + slots * SLOT;
	z->bytes = z->own;
	return true;
}

static bool size_frame(struct py_sizer *s, const struct py_object *o, struct py_sizes *z)
{
	uint64_t frame = field(o, s->layout->frame_data), code, slots = 0;

	if (!s->layout->gen_code)
		return size_fixed(s, o, z);
	if (!memsrc_peek(s->mem, frame + s->layout->frame_code, &code, sizeof(code)) ||
	    !code_slots(s, code, &slots))
		return false;
	z->own = o->type->basicsize + slots * SLOT;
	z->bytes = z->own;
	return true;
}

/* Fields: left block, right block, index of the first item in the left block. */
static bool size_deque(struct py_sizer *s attr_unused, const struct py_object *o,
		       struct py_sizes *z)
{
	uint64_t left = field(o, 40);

	z->own = o->type->basicsize;
	z->bytes = z->own;
	z->length = field(o, PY_SIZE);
	z->has_length = true;
	if (!is_count(z->length) || left > DEQUE_ITEMS)
		return false;
	z->has_chain = true;
	z->chain = (struct py_chain){
		.first = field(o, 24),
		.n = (left + z->length + DEQUE_ITEMS - 1) / DEQUE_ITEMS,
		.bytes = DEQUE_BLOCK,
		.link = DEQUE_BLOCK - sizeof(uint64_t),
	};
	return true;
}

/* Fields: items, allocated, descriptor; of that: type code, bytes of an item. */
static bool size_array(struct py_sizer *s, const struct py_object *o, struct py_sizes *z)
{
	uint64_t descriptor = field(o, 40);

	if (descriptor != s->descriptor) {
		if (!memsrc_peek(s->mem, descriptor + 4, &s->item_bytes, sizeof(s->item_bytes)))
			return false;
		s->descriptor = descriptor;
	}
	if (s->item_bytes > ARRAY_ITEM_MAX)
		return false;
	z->own = o->type->basicsize;
	z->bytes = z->own;
	z->length = field(o, PY_SIZE);
	z->has_length = true;
	add_span(s, z, field(o, 24), field(o, 32), s->item_bytes);
	return is_count(z->length);
}

/*
 * numpy: data, number of dimensions, dimensions, strides, base, descriptor, flags. Memory that an
 * array owns is contiguous, so one of the dimensions spans all of it.
 */
static bool size_ndarray(struct py_sizer *s, const struct py_object *o, struct py_sizes *z)
{
	uint64_t dims[NDIM_MAX], strides[NDIM_MAX], bytes = 0;
	uint32_t n = field32(o, 24), flags = field32(o, 64);

	z->own = o->type->basicsize;
	if (n > NDIM_MAX)
		return false;
	z->bytes = z->own + n * 16;
	z->length = 1;
	z->has_length = true;
	if (n && (!memsrc_peek(s->mem, field(o, 32), dims, n * sizeof(*dims)) ||
		  !memsrc_peek(s->mem, field(o, 40), strides, n * sizeof(*strides))))
		return true;
	for (uint32_t i = 0; i < n; i++) {
		uint64_t span;

		if (__builtin_mul_overflow(dims[i], magnitude(strides[i]), &span) ||
		    __builtin_mul_overflow(z->length, dims[i], &z->length))
			return false;
		bytes = MAX(bytes, span);
	}
	if (flags & NPY_OWNDATA && z->length)
		add_span(s, z, field(o, 16), bytes, 1);
	return true;
}

/* Fields: buffer, position, characters, size of the buffer, which sys.getsizeof leaves out. */
static bool size_stringio(struct py_sizer *s, const struct py_object *o, struct py_sizes *z)
{
	z->own = o->type->basicsize;
	z->bytes = z->own;
	z->length = field(o, 32);
	z->has_length = true;
	add_span(s, z, field(o, 16), field(o, 40), 4);
	return is_count(z->length);
}

static bool size_buffered(struct py_sizer *s, const struct py_object *o, struct py_sizes *z)
{
	z->own = o->type->basicsize;
	z->bytes = z->own;
	add_span(s, z, field(o, 56), field(o, 120), 1);
	return true;
}

/* Returns the end of the adjoining mappings of one kind from addr on; 0: there is none. */
static uint64_t end_of_mapping(const struct py_sizer *s, uint64_t addr, enum mem_kind *ret_kind)
{
	const struct mem_map *map = memsrc_map(s->mem, addr);
	const struct mem_map *end = s->mem->maps + s->mem->n_maps;

	if (!map)
		return 0;
	*ret_kind = map->perms & VMA_SHARED ? MEM_FILE : (enum mem_kind)map->kind;
	while (map + 1 < end && map[1].start == map->end && map[1].kind == map->kind &&
	       (map[1].perms & VMA_SHARED) == (map->perms & VMA_SHARED))
		map++;
	return map->end;
}

/* Fields: data, size. The memory is that of a mapping, and without a file it is of this alone. */
static bool size_mmap(struct py_sizer *s, const struct py_object *o, struct py_sizes *z)
{
	struct py_span shown = { field(o, 16), field(o, 24) };
	enum mem_kind kind;
	uint64_t end;

	z->own = o->type->basicsize;
	z->bytes = z->own;
	z->length = shown.len;
	z->has_length = true;
	z->is_view = true;
	if (!is_count(z->length))
		return false;
	end = end_of_mapping(s, shown.addr, &kind);
	if (end && shown.len && shown.len <= end - shown.addr &&
	    shown.addr % s->mem->page_bytes == 0) {
		z->spans[z->n_spans++] = shown;
		z->has_hidden = kind == MEM_ANON;
		z->hidden = shown;
	}
	return true;
}

/* Fields: memory, whether it is to be freed, whose it is a part of, bytes; then room for a few. */
static bool size_ctypes(struct py_sizer *s, const struct py_object *o, struct py_sizes *z)
{
	struct py_span memory = { field(o, 16), field(o, 40) };

	if (!size_fixed(s, o, z))
		return false;
	z->hidden = memory;
	z->has_hidden = memory.addr != o->addr + CTYPES_INLINE && field32(o, 24) && !field(o, 32) &&
			py_span_is_sane(s, memory.addr, memory.len);
	return true;
}

/* Fields of its Py_buffer: memory, owner, bytes. The memory may be of any kind. */
static bool size_memoryview(struct py_sizer *s, const struct py_object *o, struct py_sizes *z)
{
	struct py_span view = { field(o, 56), field(o, 72) };

	if (!size_fixed(s, o, z))
		return false;
	z->length = view.len;
	z->is_view = true;
	if (py_span_is_sane(s, view.addr, view.len))
		z->spans[z->n_spans++] = view;
	return is_count(z->length);
}

bool py_sizes_read(struct py_sizer *s, const struct py_object *o, struct py_sizes *z)
{
	static bool (*const sizes[PY_KIND_COUNT])(struct py_sizer *, const struct py_object *,
						  struct py_sizes *) = {
		[PY_FIXED] = size_fixed,
		[PY_INT] = size_int,
		[PY_STR] = size_str,
		[PY_BYTES] = size_fixed,
		[PY_TUPLE] = size_fixed,
		[PY_LIST] = size_list,
		[PY_DICT] = size_dict,
		[PY_ODICT] = size_odict,
		[PY_SET] = size_set,
		[PY_TYPE_OBJECT] = size_type,
		[PY_BYTEARRAY] = size_bytearray,
		[PY_GENERATOR] = size_generator,
		[PY_FRAME] = size_frame,
		[PY_DEQUE] = size_deque,
		[PY_ARRAY] = size_array,
		[PY_NDARRAY] = size_ndarray,
		[PY_STRINGIO] = size_stringio,
		[PY_BUFFERED] = size_buffered,
		[PY_MMAP] = size_mmap,
		[PY_MEMORYVIEW] = size_memoryview,
		[PY_CTYPES] = size_ctypes,
	};

	/* Clears only a part of it: there are millions of objects, and most have nothing else. */
	z->length = z->keys = z->values = 0;
	z->has_length = z->is_view = z->keys_always = z->has_chain = z->has_hidden = false;
	z->n_spans = 0;
	return sizes[o->type->kind](s, o, z) && z->own <= o->room;
}
