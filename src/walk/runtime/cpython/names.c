/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/cpython/names.h"

#include "base/text.h"
#include "walk/runtime/cpython/keys.h"

enum {
	MODULE_ENTRIES_MAX = 64, /* of a type's dict looked at: __module__ is among the first */
};

bool py_name_read(struct memsrc *mem, uint64_t addr, char name[PY_NAME_MAX + 1])
{
	const uint64_t page = 4096;
	/* A name may be at the very end of a mapping. */
	size_t first = MIN((size_t)(page - addr % page), (size_t)PY_NAME_MAX + 1), len;

	if (!memsrc_peek(mem, addr, name, first))
		return false;
	len = strnlen(name, first);
	if (len == first && first <= PY_NAME_MAX) {
		if (!memsrc_peek(mem, addr + first, name + first, PY_NAME_MAX + 1 - first))
			return false;
		len = strnlen(name, PY_NAME_MAX + 1);
	}
	if (len == 0 || len > PY_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
			return false;
	}
	return true;
}

/* Copies the text of an ASCII str of at most PY_NAME_MAX characters. */
static bool read_str(struct memsrc *mem, const struct py_layout *layout, uint64_t addr,
		     char text[PY_NAME_MAX + 1])
{
	uint8_t head[PY_NAME_MAX];
	uint64_t length;
	uint32_t state;

	if (addr % 8 || !memsrc_peek(mem, addr, head, STR_STATE + 4))
		return false;
	memcpy(&length, head + STR_LENGTH, sizeof(length));
	memcpy(&state, head + STR_STATE, sizeof(state));
	/* compact and ascii */
	if ((state >> 5 & 3) != 3 || length > PY_NAME_MAX)
		return false;
	text[length] = '\0';
	return !length || memsrc_peek(mem, addr + layout->str_ascii, text, length);
}

/* Finds the module of a type, in the dict of its attributes. */
static bool read_module(struct memsrc *mem, const struct py_layout *layout, uint64_t dict,
			char module[PY_NAME_MAX + 1])
{
	uint8_t fields[DICT_BYTES], header[PY_KEYS_HEADER], entry[24];
	struct py_keys keys;
	uint64_t at, pair[2];
	char key[PY_NAME_MAX + 1];

	if (dict % 8 || !memsrc_peek(mem, dict, fields, sizeof(fields)))
		return false;
	memcpy(&at, fields + DICT_KEYS, sizeof(at));
	if (at % 8 || !memsrc_peek(mem, at, header, sizeof(header)) ||
	    !py_keys_decode(layout, header, &keys))
		return false;
	for (uint64_t i = 0; i < MIN(keys.used, (uint64_t)MODULE_ENTRIES_MAX); i++) {
		if (!memsrc_peek(mem, at + keys.entries + i * keys.entry_bytes, entry,
				 keys.entry_bytes))
			return false;
		memcpy(pair, entry + keys.entry_key, sizeof(pair));
		if (pair[0] && read_str(mem, layout, pair[0], key) && streq(key, "__module__"))
			return read_str(mem, layout, pair[1], module);
	}
	return false;
}

void py_name_qualify(struct memsrc *mem, const struct py_layout *layout, uint64_t dict,
		     const char *name, struct sbuf *out)
{
	char module[PY_NAME_MAX + 1];

	sbuf_reset(out);
	if (dict && !strchr(name, '.') && read_module(mem, layout, dict, module) && module[0] &&
	    !streq(module, "builtins")) {
		text_escape(out, module, strlen(module));
		sbuf_addch(out, '.');
	}
	text_escape(out, name, strlen(name));
}
