/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that is fixed about an allocator or runtime: a row of walkers[] (walk/walkers.c).
 */
#ifndef WALK_CORE_WALKER_H
#define WALK_CORE_WALKER_H

#include "walk/core/walk.h"

struct allocator_walker;
struct runtime_walker;

struct walker {
	const char *name;  /* in results: "glibc malloc"; of a runtime that of the snapshot */
	const char *title; /* in the manual: "glibc malloc", "CPython" */
	const char *word;  /* of --deep: "malloc" */
	unsigned int want; /* the bit of enum walk_want that the word stands for */
	/*
	 * Finds the module that shows it is in use: an index into the files of the snapshot, or 0.
	 * NULL: the snapshot names the module of the runtime.
	 */
	uint32_t (*module)(const struct walk *walk);
	bool in_program; /* the program may contain it: it is looked for even if no module shows it */
	bool replaces_malloc; /* its module replaces the malloc of the C library */

	/* How it is walked: one of these. */
	enum reason unread; /* it is not walked, for this reason */
	const struct allocator_walker *allocator;
	const struct runtime_walker *runtime;
	int (*walk)(struct walk *walk); /* returns 0, or -errno if it found nothing */

	/* Reads what it publishes for readers without access to its memory. Returns 0 or -errno. */
	int (*published)(struct walk *walk);
};

/* Returns the module of the row's allocator or runtime, an index into the files, or 0. */
uint32_t walker_module(const struct walker *row, const struct walk *walk);
/* Tells whether the process may have the row's allocator or runtime. */
bool walker_applies(const struct walker *row, const struct walk *walk);

#endif
