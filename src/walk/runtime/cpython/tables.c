/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/cpython/tables.h"

#include "base/alloc.h"

void py_tables_init(struct py_tables *t)
{
	*t = (struct py_tables){
		.ring = xmalloc(PY_TABLES_MAX * sizeof(*t->ring)),
		.pieces = xcalloc(PY_TABLES_PIECES, sizeof(*t->pieces)),
	};
}

void py_tables_release(struct py_tables *t)
{
	free(t->ring);
	free(t->pieces);
}

static struct py_tables_piece *piece_of(const struct py_tables *t, uint64_t addr)
{
	return &t->pieces[addr / PY_TABLES_PIECE % PY_TABLES_PIECES];
}

static struct py_table *table_at(const struct py_tables *t, uint64_t i)
{
	return &t->ring[i % PY_TABLES_MAX];
}

void py_tables_keep(struct py_tables *t, uint64_t addr, const uint8_t *header)
{
	struct py_tables_piece *piece = piece_of(t, addr);
	uint64_t number = addr / PY_TABLES_PIECE + 1;

	if (piece->number != number || piece->first + piece->n != t->n ||
	    table_at(t, t->n - 1)->addr >= addr)
		*piece = (struct py_tables_piece){ .number = number, .first = t->n };
	piece->n++;
	*table_at(t, t->n) = (struct py_table){ .addr = addr };
	memcpy(table_at(t, t->n)->header, header, PY_KEYS_HEADER);
	t->n++;
}

const uint8_t *py_tables_find(const struct py_tables *t, uint64_t addr)
{
	const struct py_tables_piece *piece = piece_of(t, addr);
	uint64_t lo = piece->first, hi = piece->first + piece->n;

	if (piece->number != addr / PY_TABLES_PIECE + 1)
		return NULL;
	if (t->n - lo > PY_TABLES_MAX)
		lo = t->n - PY_TABLES_MAX;
	while (lo < hi) {
		uint64_t mid = lo + (hi - lo) / 2;
		const struct py_table *table = table_at(t, mid);

		if (table->addr == addr)
			return table->header;
		if (table->addr < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}
