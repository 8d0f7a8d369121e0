/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a walk found in memory, independent of the walker: objects by type, blocks by class, the
 * lines that regions were split into. Judgements, files and reports use these rows only.
 */
#ifndef MODEL_SNAPSHOT_HEAP_STATS_H
#define MODEL_SNAPSHOT_HEAP_STATS_H

#include <stdint.h>

#include "base/amount.h"
#include "base/arena.h"
#include "base/index.h"
#include "base/sbuf.h"
#include "base/util.h"

enum heap_stat_kind {
	HEAP_STAT_LINE,      /* resident bytes of a line: "native" of "glibc malloc" */
	HEAP_STAT_ALLOCATOR, /* bytes of an allocator, resident or not: "live", "free", "top" */
	HEAP_STAT_TYPE,      /* objects of a runtime, by type; bytes as the runtime counts them */
	HEAP_STAT_CLASS,     /* blocks of an allocator that hold objects of a C++ class */
	HEAP_STAT_KIND_COUNT
};

struct heap_stat_kind_desc {
	const char *id;   /* stable */
	const char *rest; /* the name of the row for all rows beyond HEAP_STATS_MAX */
	const char *help;
};

extern const struct heap_stat_kind_desc heap_stat_kind_descs[];

struct heap_stat {
	enum heap_stat_kind kind;
	const char *owner;   /* "cpython 3.11", "glibc malloc": without a slash; "" for a rest */
	const char *name;    /* "dict"; bytes of the target */
	struct amount count; /* of objects or blocks; absent if unknown */
	uint64_t bytes;
};

enum { HEAP_STATS_MAX = 4096 }; /* rows of a kind; all others are added to one more row */

struct heap_stats {
	unsigned int read;   /* 1 << kind: rows of it were looked for. 0: no walk */
	enum reason why;     /* why a walk failed */
	enum reason partial; /* why the walk is not complete */
	struct heap_stat *v; /* in the order in which they were added */
	size_t n, cap;
	size_t n_of[HEAP_STAT_KIND_COUNT];
	struct index index;
};

void heap_stats_release(struct heap_stats *h);

/*
 * Adds a row, or adds to the row of the same kind, owner and name. Copies strings into the arena,
 * which must live as long. Once a kind has HEAP_STATS_MAX rows, new ones are added to its rest, so
 * callers add the largest rows first.
 */
void heap_stats_add(struct heap_stats *h, struct arena *arena, const struct heap_stat *add);
/* Returns the row, or NULL; valid until the next row is added. */
const struct heap_stat *heap_stats_find(const struct heap_stats *h, enum heap_stat_kind kind,
					const char *owner, const char *name);

/* Returns whether rows of a kind were looked for: if so, a row that is missing is 0. */
static inline bool heap_stats_have(const struct heap_stats *h, enum heap_stat_kind kind)
{
	return h->read >> kind & 1;
}

/* Appends the stable id: "type:cpython 3.11/dict", "line:glibc malloc/native". */
void heap_stat_add_id(struct sbuf *out, const struct heap_stat *h);
/*
 * Parses an id: owner and name point into *buf, a copy that the caller frees; count and bytes are
 * 0. Returns false if it is not the id of a row.
 */
bool heap_stat_parse_id(const char *id, struct heap_stat *ret, char **ret_buf);

#endif
