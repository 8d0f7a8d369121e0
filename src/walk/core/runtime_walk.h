/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk of a runtime that has a heap of its own: it is found, read, read once more if it did not
 * hold together, and reported. All runtimes but CPython are walked in this way.
 */
#ifndef WALK_CORE_RUNTIME_WALK_H
#define WALK_CORE_RUNTIME_WALK_H

#include "walk/core/runtime_heap.h"
#include "walk/core/walker.h"

/* The beginning of the state of each runtime's walk. */
struct runtime_walk {
	struct walk *walk; /* not owned */
	uint32_t module;   /* index into the files of the snapshot; 0: not known */
	uint32_t retries;  /* attempts to read the heap before this one */
};

enum { RUNTIME_TORN = 1 };

struct runtime_walker {
	size_t state_bytes; /* of its state: a struct runtime_walk, then zeros */

	/*
	 * Finds what shows where the heap is and how it is laid out. Returns 0 or -errno. May be
	 * NULL.
	 */
	int (*find)(void *state);
	/*
	 * Reads the heap. Returns 0; RUNTIME_TORN if it does not hold together and can be reported
	 * nevertheless; -ENOTSUP if another attempt would change nothing; or another -errno.
	 */
	int (*read)(void *state);
	/* Forgets what was read and did not hold together, before another attempt. */
	void (*forget)(void *state);
	/* Fills in what is known of the runtime whether its heap was read or not. May be NULL. */
	void (*describe)(void *state, struct walk_runtime *out);
	/* Attributes what was read and fills in the rest. It may append other runtimes. */
	void (*report)(void *state, struct walk_runtime *out);
	/*
	 * Returns why the heap was not read, and for REASON_OTHER sets out->unread_other. Returns
	 * REASON_NONE if it filled in what stands in for the heap.
	 */
	enum reason (*why_unread)(void *state, int status, struct walk_runtime *out);
	/* Frees what the state owns. */
	void (*release)(void *state);
};

/* Walks the runtime of a row and appends it to the runtimes of the walk. Returns 0 or -errno. */
int runtime_walk(struct walk *walk, const struct walker *row);

/* Sorts kinds by their bytes, the largest first, and equal ones by name. */
void runtime_sort_kinds(struct walk_runtime *out);

#endif
