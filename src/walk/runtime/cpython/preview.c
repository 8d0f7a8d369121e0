/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/cpython/preview.h"

#include <inttypes.h>

#include "base/text.h"
#include "walk/runtime/cpython/keys.h"

enum {
	CHARS_MAX = 48,
	ITEMS_MAX = 4,
	ITEM_CHARS_MAX = 16, /* of a key or an item */
	ENTRIES_LOOKED = 64, /* of a table of keys that are read; some may be free */
	STR_HEAD = 80,
};

static bool peek(const struct py_types *t, uint64_t addr, void *buf, size_t len)
{
	return memsrc_peek(t->mem, addr, buf, len);
}

/*
 * Appends a character in UTF-8. A code that is not a character, such as half of a pair, is escaped
 * later.
 */
static void add_char(struct sbuf *out, uint32_t c)
{
	if (c < 0x80) {
		sbuf_addch(out, (char)c);
	} else if (c < 0x800) {
		sbuf_addch(out, (char)(0xc0 | c >> 6));
		sbuf_addch(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		sbuf_addch(out, (char)(0xe0 | c >> 12));
		sbuf_addch(out, (char)(0x80 | (c >> 6 & 0x3f)));
		sbuf_addch(out, (char)(0x80 | (c & 0x3f)));
	} else {
		sbuf_addch(out, (char)(0xf0 | (c >> 18 & 7)));
		sbuf_addch(out, (char)(0x80 | (c >> 12 & 0x3f)));
		sbuf_addch(out, (char)(0x80 | (c >> 6 & 0x3f)));
		sbuf_addch(out, (char)(0x80 | (c & 0x3f)));
	}
}

static void add_quoted(struct sbuf *out, const char *bytes, size_t n, bool is_cut)
{
	sbuf_addch(out, '\'');
	text_escape(out, bytes, n);
	sbuf_adds(out, is_cut ? "'..." : "'");
}

/* Appends the first characters of the str at addr. */
static bool add_str(const struct py_types *t, uint64_t addr, size_t max, struct sbuf *out)
{
	const struct py_layout *l = t->layout;
	uint8_t head[STR_HEAD] = { 0 }, chars[CHARS_MAX * 4];
	uint64_t length, data = addr;
	uint32_t state, width, c;
	auto_sbuf text = SBUF_INIT;
	size_t n;

	if (!peek(t, addr, head, l->str_ascii))
		return false;
	memcpy(&length, head + STR_LENGTH, sizeof(length));
	memcpy(&state, head + STR_STATE, sizeof(state));
	width = state >> 2 & 7;
	if (width != 1 && width != 2 && width != 4)
		return false;
	if (state >> 5 & 1)
		data += state >> 6 & 1 ? l->str_ascii : l->str_compact;
	else if (!peek(t, addr + l->str_compact, &data, sizeof(data)))
		return false;
	n = (size_t)MIN(length, (uint64_t)max);
	if (n && !peek(t, data, chars, n * width))
		return false;
	for (size_t i = 0; i < n; i++) {
		c = 0;
		memcpy(&c, chars + i * width, width); /* little-endian, as the target */
		add_char(&text, c);
	}
	add_quoted(out, sbuf_str(&text), text.len, n < length);
	return true;
}

static bool add_bytes(const struct py_types *t, uint64_t addr, uint64_t length, struct sbuf *out)
{
	char bytes[CHARS_MAX];
	size_t n = (size_t)MIN(length, (uint64_t)sizeof(bytes));

	if (n && !peek(t, addr, bytes, n))
		return false;
	sbuf_addch(out, 'b');
	add_quoted(out, bytes, n, n < length);
	return true;
}

/* Appends an int of one digit of 30 bits; larger ones are shown as <int>. */
static bool add_int(const struct py_types *t, uint64_t addr, struct sbuf *out)
{
	uint64_t size;
	uint32_t digit;
	bool negative, small;

	if (!peek(t, addr + PY_SIZE, &size, sizeof(size)) ||
	    !peek(t, addr + INT_DIGITS, &digit, sizeof(digit)))
		return false;
	negative = t->layout->int_tagged ? (size & 3) == 2 : (int64_t)size < 0;
	small = t->layout->int_tagged ? size >> 3 <= 1 : size + 1 <= 2;
	if (!small)
		return false;
	sbuf_addf(out, "%s%" PRIu32, negative ? "-" : "",
		  t->layout->int_tagged || size ? digit : 0);
	return true;
}

/* Appends a key or an item. */
static void add_item(struct py_types *t, uint64_t addr, struct sbuf *out)
{
	uint64_t type;
	uint32_t i;
	bool done = false;

	i = peek(t, addr + PY_TYPE, &type, sizeof(type)) ? py_types_find(t, type) : INDEX_NONE;
	if (i == INDEX_NONE) {
		sbuf_adds(out, "?");
		return;
	}
	if (t->types[i].kind == PY_STR)
		done = add_str(t, addr, ITEM_CHARS_MAX, out);
	else if (t->types[i].kind == PY_INT)
		done = add_int(t, addr, out);
	if (!done)
		sbuf_addf(out, "<%s>", t->rows[t->types[i].row].name);
}

/* Appends items at addr, the references of a list or tuple. */
static void add_items(struct py_types *t, uint64_t addr, uint64_t n, struct sbuf *out)
{
	uint64_t item;

	for (uint64_t i = 0; i < MIN(n, (uint64_t)ITEMS_MAX); i++) {
		if (!peek(t, addr + i * sizeof(item), &item, sizeof(item)) || !item)
			break;
		sbuf_adds(out, i ? ", " : "");
		add_item(t, item, out);
	}
	sbuf_adds(out, n > ITEMS_MAX ? ", ..." : "");
}

/* Appends the first keys of the table at addr, or of a set's (hash behind the key). */
static void add_keys(struct py_types *t, uint64_t addr, uint64_t n, uint32_t step, uint64_t *left,
		     struct sbuf *out)
{
	uint64_t key;

	for (uint64_t i = 0; i < MIN(n, (uint64_t)ENTRIES_LOOKED) && *left; i++) {
		if (!peek(t, addr + i * step, &key, sizeof(key)))
			return;
		if (!key)
			continue;
		sbuf_adds(out, *left < ITEMS_MAX ? ", " : "");
		add_item(t, key, out);
		--*left;
	}
}

static void add_table(struct py_types *t, const struct py_large *large, struct sbuf *out)
{
	uint64_t left = ITEMS_MAX, addr = large->spans[large->n_spans - 1].addr;
	uint8_t header[PY_KEYS_HEADER];
	struct py_keys keys;

	if (t->types[large->type].kind == PY_SET) {
		add_keys(t, addr, ENTRIES_LOOKED, 16, &left, out);
	} else if (peek(t, addr, header, sizeof(header)) &&
		   py_keys_decode(t->layout, header, &keys)) {
		add_keys(t, addr + keys.entries + keys.entry_key, keys.used, keys.entry_bytes,
			 &left, out);
	}
	sbuf_adds(out, large->has_length && large->length > ITEMS_MAX - left ? ", ..." : "");
}

void py_preview(struct py_types *types, const struct py_large *large, struct sbuf *out)
{
	bool has_buffer = large->n_spans > 1;

	switch ((enum py_kind)types->types[large->type].kind) {
	case PY_STR:
		(void)add_str(types, large->addr, CHARS_MAX, out);
		return;
	case PY_BYTES:
		(void)add_bytes(types, large->addr + BYTES_DATA, large->length, out);
		return;
	case PY_BYTEARRAY:
		if (has_buffer)
			(void)add_bytes(types, large->spans[1].addr, large->length, out);
		return;
	case PY_LIST:
		if (has_buffer)
			add_items(types, large->spans[1].addr, large->length, out);
		return;
	case PY_TUPLE:
		add_items(types, large->addr + types->layout->tuple_items, large->length, out);
		return;
	case PY_DICT:
	case PY_SET:
		if (has_buffer)
			add_table(types, large, out);
		return;
	default:
		return;
	}
}
