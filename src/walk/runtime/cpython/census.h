/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts objects: it is shown the blocks of allocators one by one, and tells which of them are
 * objects.
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
	PY_HEAD_BYTES =
		256, /* bytes of a block that are passed to it at least, if the block has them */
	PY_PROBES_MAX = 1 << 17,       /* tables of keys that are read in one go */
	PY_PROBES_SPARE = 1 << 10,     /* tables of keys that one pool may add to these */
	PY_LOOK_AGAIN_BYTES = 8 << 20, /* bytes of pools whose tables are sure to be kept */
};

/* A table of keys that is not at hand: it is read later, in the order of addresses. */
struct py_probe {
	uint64_t keys, object;
	uint32_t type; /* number of the object's type */
	bool always, has_values;
};

/* Memory that an object owns besides itself. */
enum py_owned {
	PY_OWNED_REFS, /* of references to other objects */
	PY_OWNED_DATA,
	PY_OWNED_MAPPING, /* all of the pages */
};

/* Called for memory outside of pools. len is 0 if it is not known. */
typedef void py_owned_fn(void *arg, enum py_owned what, uint64_t addr, uint64_t len);

struct py_census {
	struct memsrc *mem;
	const struct addrmap *map;
	const struct py_layout *layout;
	struct py_types types;
	struct py_sizer sizer;
	struct py_large_set large;
	struct py_tables tables;
	/*
	 * Tables of keys still to be read: soon, when their pools are walked, or late, by reading
	 * them again.
	 */
	struct py_probe *soon, *late, *sorted; /* PY_PROBES_MAX each; owned */
	size_t n_soon, n_late;
	py_owned_fn *owned;
	void *owned_arg;

	uint64_t buffer_bytes; /* outside of pools, that objects own */
	uint64_t misfits;      /* had a type, and could not be of it */
	uint64_t torn_chains;  /* that were shorter than their owner says */
	uint64_t links_left;   /* most blocks of chains that the memory has room for */
	uint64_t torn_keys;    /* that turned out not to be tables of keys */
	uint64_t debug_blocks; /* with the header of PYTHONMALLOC=debug */
};

void py_census_init(struct py_census *c, struct memsrc *mem, const struct addrmap *map,
		    const struct py_layout *layout, uint64_t metatype, struct arena *arena,
		    uint64_t large_bytes);
void py_census_release(struct py_census *c);

/* An object that was counted. */
struct py_found {
	uint64_t addr;
	uint32_t type; /* number of its type */
	struct py_sizes sizes;
};

/*
 * Counts the block if it is an object: block_bytes at addr, of which the first n are at hand (all,
 * or PY_HEAD_BYTES). Returns false if it is not, and leaves *found undefined. Reads by memsrc_peek
 * only.
 */
bool py_census_block(struct py_census *c, uint64_t addr, const uint8_t *bytes, size_t n,
		     uint64_t block_bytes, struct py_found *found);
/*
 * Does the same for memory that may be an object, whatever is in front of it; `room` bytes are left
 * up to what follows.
 */
bool py_census_object(struct py_census *c, uint64_t addr, const uint8_t *bytes, size_t n,
		      uint64_t room, struct py_found *found);

/*
 * Returns the first bytes of a block for py_census_block, as memsrc_at has them: fewer if the next
 * page is not there, NULL if there are none.
 */
const uint8_t *py_census_head(struct py_census *c, uint64_t addr, uint64_t block_bytes,
			      size_t *ret_n);

/* Does the same for an object that is part of the program, in no block, and not a static type. */
bool py_census_static(struct py_census *c, uint64_t addr, const uint8_t *bytes, size_t n,
		      uint64_t room, struct py_found *found);

/*
 * Looks at the first n bytes of a block of a pool that is not an object: it may be a table of keys.
 */
void py_census_raw(struct py_census *c, uint64_t addr, const uint8_t *bytes, size_t n);
/*
 * Makes room for the tables of keys of another pool or block. To be called between pools or blocks,
 * when no bytes that were read are in use.
 */
void py_census_make_room(struct py_census *c);
/*
 * Reads the tables of keys that were found shortly before. Those in pools up to `walked` will not
 * come up again, and are read late.
 */
void py_census_look_again(struct py_census *c, uint64_t walked);
/* Reads all tables of keys that were not read yet. */
void py_census_flush(struct py_census *c);

#endif
