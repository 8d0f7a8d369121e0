/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Language runtimes with a heap of their own, in one shape: what they took, what is live in it, and
 * what is free and still in RAM. CPython, which takes blocks of allocators, has walk/runtime/cpython/cpython.h.
 */
#ifndef WALK_CORE_RUNTIME_HEAP_H
#define WALK_CORE_RUNTIME_HEAP_H

#include "walk/core/walk.h"

/* A generation, a kind of region, a cache of code. Absent is what the runtime does not tell. */
struct walk_space {
	const char *name;         /* static, or in the arena of the walk */
	struct amount reserved;   /* bytes of address space */
	struct amount committed;  /* bytes that the runtime may use now */
	struct amount live;       /* bytes in use: live objects, and dead ones not yet collected */
	struct amount free_bytes; /* committed less live */
	struct amount resident;   /* bytes in RAM */
	struct amount free_resident; /* of those, not live: held and not returned */
	struct amount objects;       /* how many */
};

/* Objects of a type, or blocks of a size class. */
struct walk_kind {
	const char *name; /* static, or in the arena of the walk */
	uint64_t count, bytes;
};

struct walk_runtime {
	const char
		*name; /* as that of the snapshot's runtime: "jvm", "go", "node", "php", "ruby" */
	const char *label;       /* "jvm 17", as owner; in the arena of the walk; NULL: the name */
	const char *version;     /* found in memory; NULL: not told */
	const char *module;      /* path of the file it is in; owned by the snapshot */
	const char *unread;      /* why nothing below is filled; NULL: it was read */
	const char *collector;   /* "G1"; NULL: there is one only */
	struct walk_space total; /* the heap; spaces beside it are not in here */
	struct amount recounted; /* bytes of the heap that RSS counts once more, or more often */
	struct walk_space *spaces; /* in the arena of the walk */
	size_t n_spaces;
	struct walk_kind *kinds; /* the most bytes first; in the arena of the walk */
	size_t n_kinds;
	struct amount peak_live, peak_committed; /* the most there ever was of the heap */
	uint32_t retries;                        /* walks begun anew */
	bool complete;                           /* all of it was understood */
};

/* Adds to an amount, which is there from then on. */
static inline void walk_count(struct amount *sum, uint64_t n)
{
	*sum = amount_of((amount_ok(*sum) ? sum->value : 0) + n);
}

/* A space of which nothing is known. */
struct walk_space walk_space_of(const char *name);
/* Adds what is known of a space to a sum over spaces. */
void walk_space_add(struct walk_space *sum, const struct walk_space *s);

/* Appends a runtime of which nothing is known; the pointer is valid until the next call. */
struct walk_runtime *walk_add_runtime(struct walk *d, const char *name, uint32_t file);
/* Takes the version that the snapshot has, and makes a label of its first `numbers` numbers. */
void walk_take_version(struct walk *d, struct walk_runtime *r, int numbers);
/* The file that gave a runtime of the snapshot away, an index into its files; 0: it has none. */
uint32_t walk_runtime_file(const struct walk *d, const char *name);

#endif
