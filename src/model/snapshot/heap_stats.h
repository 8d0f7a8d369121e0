/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What memory was found to hold, whoever found it: objects by type, blocks by class, the lines that
 * regions were split into. Judgements, files and reports know these rows and no walker.
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
	HEAP_STAT_LINE, /* resident bytes of a line of the balance sheet: "native" of "glibc malloc" */
	HEAP_STAT_ALLOCATOR, /* bytes of an allocator, resident or not: "live", "free", "top" */
	HEAP_STAT_TYPE, /* objects of a runtime, by type; bytes as the runtime itself counts them */
	HEAP_STAT_CLASS, /* blocks of an allocator that hold objects of a C++ class */
	HEAP_STAT_KIND_COUNT
};

struct heap_stat_kind_desc {
	const char *id;   /* stable */
	const char *rest; /* name of the row that holds what is beyond HEAP_STATS_MAX */
	const char *help;
};

extern const struct heap_stat_kind_desc heap_stat_kind_descs[];

struct heap_stat {
	enum heap_stat_kind kind;
	const char *owner;   /* "cpython 3.11", "glibc malloc": without a slash; "" for a rest */
	const char *name;    /* "dict"; bytes of the target */
	struct amount count; /* of objects or blocks; absent where it is not told */
	uint64_t bytes;
};

enum { HEAP_STATS_MAX = 4096 }; /* rows of a kind; the rest is one more */

struct heap_stats {
	unsigned int read;   /* bits 1 << kind: rows of it were looked for. 0: no walk was made */
	enum reason why;     /* why a walk was tried in vain */
	enum reason partial; /* why the walk is not whole */
	struct heap_stat *v; /* each kind, owner and name once, in the order they were added */
	size_t n, cap;
	size_t n_of[HEAP_STAT_KIND_COUNT];
	struct index index;
};

void heap_stats_release(struct heap_stats *h);

/*
 * Adds a row, or adds to the one of the same kind, owner and name. Strings are copied into the
 * arena, which must live as long. Beyond HEAP_STATS_MAX rows of a kind it is added to their rest,
 * so that the largest had better come first.
 */
void heap_stats_add(struct heap_stats *h, struct arena *arena, const struct heap_stat *add);
/* The row, or NULL; valid until the next is added. */
const struct heap_stat *heap_stats_find(const struct heap_stats *h, enum heap_stat_kind kind,
					const char *owner, const char *name);

/* Whether rows of a kind were looked for: then one that is not there is 0. */
static inline bool heap_stats_have(const struct heap_stats *h, enum heap_stat_kind kind)
{
	return h->read >> kind & 1;
}

/* Appends the stable id: "type:cpython 3.11/dict", "line:glibc malloc/native". */
void heap_stat_add_id(struct sbuf *out, const struct heap_stat *h);
/*
 * Takes an id apart: owner and name point into *buf, a copy that the caller frees; count and bytes
 * are 0. False if it is the id of no holding.
 */
bool heap_stat_parse_id(const char *id, struct heap_stat *ret, char **ret_buf);

#endif
