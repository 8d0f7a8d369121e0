/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of walkers: a new allocator or runtime is one row here and one file.
 */
#ifndef WALK_WALKERS_H
#define WALK_WALKERS_H

#include "walk/core/walk.h"

struct walker {
	const char *name;
	unsigned int want; /* enum walk_want */
	/* The module that shows it is in use, an index into the files of the snapshot; 0: none. */
	uint32_t (*applies)(const struct walk *d);
	/* 0 or -errno, which means that it learnt nothing. NULL: recognised, not read. */
	int (*walk)(struct walk *d);
};

/* Reads "malloc,python" into bits of enum walk_want, which are added. 0 or -EINVAL. */
int walk_parse_want(const char *text, unsigned int *want);

/*
 * Runs the walkers that apply to the process of a snapshot, whose directory (or that of a live
 * thread) is dirfd. The snapshot must outlive *ret, which the caller releases on success. 0, or
 * -errno if its memory cannot be opened (-EACCES: denied).
 */
int walk_read(const struct snapshot *snap, int dirfd, const struct walk_opts *opts,
	      struct walk *ret);
/* The same over another source, which it takes over. */
int walk_read_from(const struct snapshot *snap, struct memsrc *mem, const struct walk_opts *opts,
		   struct walk *ret);

/*
 * What can be had without the memory of the process, which walk_read falls back to when that is
 * denied: 0, or -ENOENT if it is nothing.
 */
int walk_read_published(const struct snapshot *snap, const struct walk_opts *opts,
			struct walk *ret);

#endif
