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

enum holding_kind {
	HOLDING_LINE, /* resident bytes of a line of the balance sheet: "native" of "glibc malloc" */
	HOLDING_ALLOCATOR, /* bytes of an allocator, resident or not: "live", "free", "top" */
	HOLDING_TYPE,  /* objects of a runtime, by type; bytes as the runtime itself counts them */
	HOLDING_CLASS, /* blocks of an allocator that hold objects of a C++ class */
	HOLDING_KIND_COUNT
};

struct holding_kind_desc {
	const char *id;   /* stable */
	const char *rest; /* name of the row that holds what is beyond HOLDINGS_MAX */
	const char *help;
};

extern const struct holding_kind_desc holding_kind_descs[HOLDING_KIND_COUNT];

struct holding {
	enum holding_kind kind;
	const char *owner;   /* "cpython 3.11", "glibc malloc": without a slash; "" for a rest */
	const char *name;    /* "dict"; bytes of the target */
	struct amount count; /* of objects or blocks; absent where it is not told */
	uint64_t bytes;
};

enum { HOLDINGS_MAX = 4096 }; /* rows of a kind; the rest is one more */

struct holdings {
	unsigned int read;   /* bits 1 << kind: rows of it were looked for. 0: no walk was made */
	const char *why;     /* why there was none, if that was tried in vain; else NULL */
	const char *partial; /* why the walk is not whole; NULL: it is, or there was none */
	struct holding *v;   /* each kind, owner and name once, in the order they were added */
	size_t n, cap;
	size_t n_of[HOLDING_KIND_COUNT];
	struct index index;
};

void holdings_release(struct holdings *h);

/*
 * Adds a row, or adds to the one of the same kind, owner and name. Strings are copied into the
 * arena, which must live as long. Beyond HOLDINGS_MAX rows of a kind it is added to their rest, so
 * that the largest had better come first.
 */
void holdings_add(struct holdings *h, struct arena *arena, const struct holding *add);
/* The row, or NULL; valid until the next is added. */
const struct holding *holdings_find(const struct holdings *h, enum holding_kind kind,
				    const char *owner, const char *name);

/* Whether rows of a kind were looked for: then one that is not there is 0. */
static inline bool holdings_have(const struct holdings *h, enum holding_kind kind)
{
	return h->read >> kind & 1;
}

/* Appends the stable id: "type:cpython 3.11/dict", "line:glibc malloc/native". */
void holding_add_id(struct sbuf *out, const struct holding *h);
/*
 * Takes an id apart: owner and name point into *buf, a copy that the caller frees; count and bytes
 * are 0. False if it is the id of no holding.
 */
bool holding_parse_id(const char *id, struct holding *ret, char **ret_buf);

#endif
