/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a source of memory provides, and what the files of memsrc share.
 */
#ifndef PROC_MEMSRC_IMPL_H
#define PROC_MEMSRC_IMPL_H

#include "proc/memsrc.h"

/* Where the bytes come from: a process, a recording, or what a test makes up. */
struct memsrc_ops {
	/* Hands all mappings to memsrc_add_map, ascending. 0 or -errno. */
	int (*maps)(void *arg, struct memsrc *m);
	/* The states (enum page_state) of n pages from addr on. 0 or -errno. */
	int (*states)(void *arg, uint64_t addr, size_t n, uint8_t *ret_states);
	/* Whole pages, all present a moment ago: how many bytes, 0 if the process is gone, -errno. */
	ssize_t (*read)(void *arg, uint64_t addr, void *buf, size_t len);
	void (*close)(void *arg); /* releases arg */
};

/* Opens memory that ops read. Takes arg over, which ops->close releases, also on failure. */
int memsrc_new(const struct memsrc_ops *ops, void *arg, uint64_t page_bytes,
	       const volatile sig_atomic_t *cancel, struct memsrc **ret);
/* Appends a mapping, for ops->maps. One that begins before the last one's end is cut or left out. */
void memsrc_add_map(struct memsrc *m, const struct mem_map *map);

/* Counts a refusal as the last one. Always false. */
bool memsrc_refuse(struct memsrc *m, enum mem_why why);
/* Returns what the state of a page says about reading. */
enum mem_why memsrc_why_of_state(uint8_t state);
/* Makes the bytes at addr the window. False: m->why. */
bool memsrc_seek(struct memsrc *m, uint64_t addr);

#endif
