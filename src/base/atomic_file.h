/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that are whole or not there: written to an exclusive temporary in the same directory, put
 * on disk, and only then given their name. What stood under the name before is never half a file.
 */
#ifndef BASE_ATOMIC_FILE_H
#define BASE_ATOMIC_FILE_H

#include <stdio.h>

#include "base/util.h"

/* Writes what a file shall hold. 0 or -errno; errors of the stream are seen without it too. */
typedef int atomic_fill_fn(FILE *out, void *arg);

/* A temporary that is complete and on disk. */
struct atomic_file {
	int dirfd; /* the caller's, which outlives this */
	char *tmp; /* owned, relative to dirfd; NULL: there is none (any more) */
	int fd;    /* locked as long as the writer lives: see atomic_file_sweep */
};

#define ATOMIC_FILE_INIT                                                                           \
	{                                                                                          \
		-1, NULL, -1                                                                       \
	}
#define auto_atomic_file __attribute__((cleanup(atomic_file_release))) struct atomic_file

/*
 * Writes a temporary, mode 0600, into the directory of `path`, which is relative to dirfd unless it
 * is absolute. Returns 0 or -errno; after an error nothing is left behind.
 */
int atomic_file_write(int dirfd, const char *path, atomic_fill_fn *fill, void *arg,
		      struct atomic_file *ret_file);
/* Gives it its name, in place of what bears it, or only if nothing does (else -EEXIST). */
int atomic_file_rename(struct atomic_file *f, const char *path);
int atomic_file_rename_new(struct atomic_file *f, const char *path);
/* Removes the temporary if it was given no name. */
void atomic_file_release(struct atomic_file *f);

/* All of it for one file, which takes the place of what is there. 0 or -errno. */
int atomic_file_replace(int dirfd, const char *path, atomic_fill_fn *fill, void *arg);

/*
 * Removes the temporaries that killed writers left in a directory: regular files of ours with the
 * name of one, and not locked. Where locks do not work nothing is removed. 0 or -errno.
 */
int atomic_file_sweep(int dirfd);

#endif
