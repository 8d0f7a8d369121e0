/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of keys of a dict, which several may share.
 */
#ifndef WALK_RUNTIME_CPYTHON_KEYS_H
#define WALK_RUNTIME_CPYTHON_KEYS_H

#include <stdint.h>

#include "base/util.h"
#include "walk/runtime/cpython/layout.h"

enum {
	PY_KEYS_HEADER = 40, /* bytes of a table that py_keys_decode reads; 8 too many since 3.11 */
	PY_KEYS_LEAST = 120, /* of the smallest table that is allocated */
};

struct py_keys {
	uint64_t refcnt;
	uint64_t bytes;   /* of the table */
	uint64_t entries; /* offset of the first entry */
	uint64_t used;    /* entries that were ever used */
	uint64_t usable;  /* and room for more */
	uint32_t entry_bytes;
	uint32_t entry_key; /* offset of the key in an entry */
};

/* Parses the header of a table. Returns false if it is not one. */
bool py_keys_decode(const struct py_layout *layout, const uint8_t header[PY_KEYS_HEADER],
		    struct py_keys *ret);

#endif
