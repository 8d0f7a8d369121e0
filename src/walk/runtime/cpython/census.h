/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts objects: takes the blocks of allocators one by one and tells which of them are objects.
 */
#ifndef WALK_RUNTIME_CPYTHON_CENSUS_H
#define WALK_RUNTIME_CPYTHON_CENSUS_H

#include <stdint.h>

#include "base/util.h"
#include "proc/memsrc.h"
#include "walk/runtime/cpython/large.h"
#include "walk/runtime/cpython/layout.h"
#include "walk/runtime/cpython/size.h"
#include "walk/runtime/cpython/tables.h"
#include "walk/runtime/cpython/types.h"

enum {
	PY_HEAD_BYTES = 256, /* of a block, at least these are to be handed over if it has them */
	PY_PROBES_MAX = 1 << 17,       /* tables of keys that are looked at in one go, */
	PY_PROBES_SPARE = 1 << 10,     /* and so many of one pool */
	PY_LOOK_AGAIN_BYTES = 8 << 20, /* of pools, whose tables are sure to be kept */
};

/* A table of keys that is not at hand: it is looked at later, in the order of addresses. */
struct py_probe {
	uint64_t keys, object;
	uint32_t type; /* of the object, its number */
	bool always, has_values;
};

/* Memory that an object owns besides itself. */
enum py_owned {
	PY_OWNED_REFS, /* of references to other objects */
	PY_OWNED_DATA,
	PY_OWNED_MAPPING, /* all of the pages */
};

/* Called for what is outside of pools. len is 0 if it is not known. */
typedef void py_owned_fn(void *arg, enum py_owned what, uint64_t addr, uint64_t len);

struct py_census {
	struct memsrc *mem;
	const struct addrmap *map;
	const struct py_layout *layout;
	struct py_types types;
	struct py_sizer sizer;
	struct py_large_set large;
	struct py_tables tables;
	/* Tables of keys to look at: soon, when their pools come by, or else late, by reading again. */
	struct py_probe *soon, *late, *sorted; /* PY_PROBES_MAX each; owned */
	size_t n_soon, n_late;
	py_owned_fn *owned;
	void *owned_arg;

	uint64_t buffer_bytes; /* outside of pools, that objects own */
	uint64_t misfits;      /* had a type, and could not be of it */
	uint64_t torn_chains;  /* that were shorter than their owner says */
	uint64_t links_left;   /* blocks of chains that can be, by the memory there is */
	uint64_t torn_keys;    /* tables of keys that were none */
	uint64_t debug_blocks; /* with what PYTHONMALLOC=debug puts in front */
};

void py_census_init(struct py_census *c, struct memsrc *mem, const struct addrmap *map,
		    const struct py_layout *layout, uint64_t metatype, struct arena *arena,
		    uint64_t large_bytes);
void py_census_release(struct py_census *c);

/* An object that was counted. */
struct py_found {
	uint64_t addr;
	uint32_t type; /* its number */
	struct py_sizes sizes;
};

/*
 * Counts the block if it is an object: block_bytes at addr, of which the first n are at hand (all,
 * or PY_HEAD_BYTES). *found is undefined if it is none. Reads by memsrc_peek only.
 */
bool py_census_block(struct py_census *c, uint64_t addr, const uint8_t *bytes, size_t n,
		     uint64_t block_bytes, struct py_found *found);
/* The same for what may be an object: no matter what is in front, with `room` up to what is behind. */
bool py_census_object(struct py_census *c, uint64_t addr, const uint8_t *bytes, size_t n,
		      uint64_t room, struct py_found *found);

/*
 * What py_census_block is to be shown of a block: its first bytes as memsrc_at has them, fewer if the
 * page behind is not there. NULL if there are none.
 */
const uint8_t *py_census_head(struct py_census *c, uint64_t addr, uint64_t block_bytes,
			      size_t *ret_n);

/* The same for an object that is part of the program, in no block, but a static type. */
bool py_census_static(struct py_census *c, uint64_t addr, const uint8_t *bytes, size_t n,
		      uint64_t room, struct py_found *found);

/* Takes the first n bytes of a block of a pool that is no object: it may be a table of keys. */
void py_census_raw(struct py_census *c, uint64_t addr, const uint8_t *bytes, size_t n);
/*
 * Makes room for the tables of keys of another pool, or of a block. To be called between them, when
 * nothing that was read is in use.
 */
void py_census_make_room(struct py_census *c);
/*
 * Looks at tables of keys that were met a moment ago; others that are in pools up to `walked` wait no
 * longer for that.
 */
void py_census_look_again(struct py_census *c, uint64_t walked);
/* Looks at all tables of keys that are still to be looked at. */
void py_census_flush(struct py_census *c);

#endif
