/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Language runtimes in one form: what they took from the system, what of it is live, what is free
 * and still in RAM, and their objects by type and one by one.
 */
#ifndef WALK_CORE_RUNTIME_HEAP_H
#define WALK_CORE_RUNTIME_HEAP_H

#include "walk/core/walk.h"

/*
 * A part of a heap: a generation, a kind of region, a cache of code. An amount is absent if the
 * runtime does not keep it.
 */
struct walk_space {
	const char *name;         /* static, or in the arena of the walk */
	struct amount reserved;   /* bytes of address space */
	struct amount committed;  /* bytes that the runtime may use now */
	struct amount live;       /* bytes in use: live objects, and dead ones not yet collected */
	struct amount free_bytes; /* committed less live */
	struct amount resident;   /* bytes in RAM */
	struct amount free_resident; /* part of resident: free and not returned to the kernel */
	struct amount objects;       /* number of live objects */
};

/* Objects of a type, or blocks of a size class. */
struct walk_kind {
	const char *name; /* static, or in the arena of the walk */
	uint64_t count, bytes;
	uint64_t block_bytes; /* of the objects themselves, without buffers; 0: not known */
};

/* A large object. */
struct walk_large {
	const char *type;
	uint64_t address;
	uint64_t bytes;          /* with its buffers; of a view, the memory that it shows */
	uint64_t resident_bytes; /* of the object and its buffers */
	struct amount length;    /* items, characters or bytes */
	bool is_view;            /* the memory is not its own */
	const char *preview;     /* escaped; NULL unless */
};

/* What a runtime schedules on threads: goroutines. Those of the runtime itself are included. */
struct walk_tasks {
	struct amount live;    /* that were started and have not ended */
	struct amount waiting; /* of these: for something other than a thread */
	struct amount ended;   /* kept for others to come, some with their stacks */
};

struct cpython;

struct walk_runtime {
	const char *name;    /* as that of the snapshot's runtime: "jvm", "go", "cpython" */
	const char *label;   /* "jvm 17", name as owner; in the arena of the walk; NULL: name */
	const char *version; /* found in memory; NULL: not known */
	const char *module;  /* path of the file it is in; owned by the snapshot */
	enum reason unread;  /* why nothing below is filled; REASON_NONE: the heap was read */
	const char *unread_other;  /* the text of REASON_OTHER */
	const char *collector;     /* "G1"; NULL: the runtime has only one */
	struct walk_space total;   /* the heap, without spaces beside it */
	struct amount recounted;   /* bytes that RSS counts again because they are mapped again */
	struct walk_space *spaces; /* in the arena of the walk */
	size_t n_spaces;
	struct walk_kind *kinds; /* the most bytes first; in the arena of the walk */
	size_t n_kinds;
	struct amount bytes;         /* of its objects with their buffers, as the runtime counts */
	struct amount buffers_bytes; /* of these, outside of the objects themselves */
	struct walk_large *large;    /* the largest first; in the arena of the walk */
	size_t n_large;
	const struct cpython *cpython; /* what only CPython has: walk/runtime/cpython/cpython.h */
	struct walk_tasks tasks;
	struct amount peak_live, peak_committed; /* the highest values of the heap so far */
	uint32_t retries;                        /* attempts that were given up */
	bool complete;                           /* all of the heap was understood */
};

/* Adds n to an amount, which counts as 0 if it was absent. */
static inline void walk_count(struct amount *sum, uint64_t n)
{
	*sum = amount_of((amount_ok(*sum) ? sum->value : 0) + n);
}

/* Returns a space of that name in which all amounts are absent. */
struct walk_space walk_space_of(const char *name);
/* Adds the known amounts of a space to a sum over spaces. */
void walk_space_add(struct walk_space *sum, const struct walk_space *s);

/* Appends a runtime in which all amounts are absent. The pointer is valid until the next call. */
struct walk_runtime *walk_add_runtime(struct walk *walk, const char *name, uint32_t file);
/* Copies the version from the snapshot and makes a label of its first `numbers` numbers. */
void walk_take_version(struct walk *walk, struct walk_runtime *r, int numbers);
/* Returns whether a runtime with this name was found, read or not. */
bool walk_has_runtime(const struct walk *walk, const char *name);
/*
 * Returns whether all runtimes of the process were read: blocks of allocators may belong to objects
 * of those that were not.
 */
bool walk_runtimes_read(const struct walk *walk);
/* Returns the file by which the snapshot recognised a runtime, an index into its files, or 0. */
uint32_t walk_runtime_file(const struct walk *walk, const char *name);

#endif
