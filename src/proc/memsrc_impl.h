/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a source of memory provides, and what the files of memsrc share. */
#ifndef PROC_MEMSRC_IMPL_H
#define PROC_MEMSRC_IMPL_H

#include "proc/memsrc.h"

/* Where the bytes come from: a process, a recording, or a test. */
struct memsrc_ops {
	/* Passes all mappings to memsrc_add_map, ascending. Returns 0 or -errno. */
	int (*maps)(void *arg, struct memsrc *m);
	/* Sets the states (enum page_state) of n pages from addr on. Returns 0 or -errno. */
	int (*states)(void *arg, uint64_t addr, size_t n, uint8_t *ret_states);
	/*
	 * Returns the first page in [addr, end) that may not be absent, or end; NULL: every page is
	 * to be asked for its state.
	 */
	uint64_t (*next)(void *arg, uint64_t addr, uint64_t end);
	/*
	 * Reads whole pages, all of which were present a moment ago. Returns the number of bytes, 0
	 * if the process is gone, or -errno.
	 */
	ssize_t (*read)(void *arg, uint64_t addr, void *buf, size_t len);
	void (*close)(void *arg); /* releases arg */
};

/*
 * Opens memory that ops read. Takes ownership of arg, which ops->close releases, also on failure.
 */
int memsrc_new(const struct memsrc_ops *ops, void *arg, uint64_t page_bytes,
	       const volatile sig_atomic_t *cancel, struct memsrc **ret);
/* Appends a mapping, for ops->maps. A mapping that overlaps the last one is cut or left out. */
void memsrc_add_map(struct memsrc *m, const struct mem_map *map);

/* Counts a failed read and its reason. Always returns false. */
bool memsrc_refuse(struct memsrc *m, enum mem_why why);
/* Returns whether and why a page in this state cannot be read. */
enum mem_why memsrc_why_of_state(uint8_t state);
/* Moves the window to addr. Returns false if addr cannot be read: m->why. */
bool memsrc_seek(struct memsrc *m, uint64_t addr);

#endif
