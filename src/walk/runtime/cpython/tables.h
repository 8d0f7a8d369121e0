/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The headers of the last blocks that may be tables of keys. A dict and its table are in pools of
 * different sizes, mostly close to each other: so neither need be read twice.
 */
#ifndef WALK_RUNTIME_CPYTHON_TABLES_H
#define WALK_RUNTIME_CPYTHON_TABLES_H

#include <stdint.h>

#include "base/util.h"
#include "walk/runtime/cpython/keys.h"

enum {
	PY_TABLES_MAX = 1 << 17,    /* headers that are kept; the oldest are overwritten */
	PY_TABLES_PIECE = 16 << 10, /* bytes of memory whose headers are found in one step */
	PY_TABLES_PIECES = 1 << 13,
};

struct py_table {
	uint64_t addr;
	uint8_t header[PY_KEYS_HEADER];
};

struct py_tables_piece {
	uint64_t number; /* address / PY_TABLES_PIECE + 1; 0: empty */
	uint64_t first;  /* by the count of all that were ever kept */
	uint64_t n;
};

struct py_tables {
	struct py_table *ring; /* PY_TABLES_MAX; owned */
	uint64_t n;            /* ever kept */
	struct py_tables_piece
		*pieces; /* PY_TABLES_PIECES, each in the place of its number; owned */
};

void py_tables_init(struct py_tables *t);
void py_tables_release(struct py_tables *t);

/* Keeps the PY_KEYS_HEADER bytes at addr. Within a piece addresses ascend, or it begins anew. */
void py_tables_keep(struct py_tables *t, uint64_t addr, const uint8_t *header);
/*
 * Returns the header that was kept of addr, valid until the next is kept; NULL: there is none any
 * more.
 */
const uint8_t *py_tables_find(const struct py_tables *t, uint64_t addr);

#endif
