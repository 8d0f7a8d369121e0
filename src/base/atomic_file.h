/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that are complete or absent: written to an exclusive temporary file in the same directory,
 * flushed to disk, and only then renamed. A file that had the name before is never left half
 * overwritten.
 */
#ifndef BASE_ATOMIC_FILE_H
#define BASE_ATOMIC_FILE_H

#include <stdio.h>

#include "base/util.h"

/*
 * Writes the contents of a file. Returns 0 or -errno; errors of the stream are noticed even if it
 * returns 0.
 */
typedef int atomic_fill_fn(FILE *out, void *arg);

/* A temporary file that is complete and on disk. */
struct atomic_file {
	int dirfd; /* the caller's, which must stay open as long as this */
	char *tmp; /* owned, relative to dirfd; NULL: there is no temporary file (any more) */
	int fd;    /* locked until this is released: see atomic_file_sweep */
};

#define ATOMIC_FILE_INIT                                                                           \
	{                                                                                          \
		-1, NULL, -1                                                                       \
	}
#define auto_atomic_file __attribute__((cleanup(atomic_file_release))) struct atomic_file

/*
 * Writes a temporary file, mode 0600, into the directory of `path`, which is relative to dirfd
 * unless it is absolute. Returns 0 or -errno; after an error nothing is left in the directory.
 */
int atomic_file_write(int dirfd, const char *path, atomic_fill_fn *fill, void *arg,
		      struct atomic_file *ret_file);
/*
 * Renames the temporary file to `path`: replaces an existing file, or returns -EEXIST if there is
 * one and it must not be replaced. Returns 0 or -errno.
 */
int atomic_file_rename(struct atomic_file *f, const char *path);
int atomic_file_rename_new(struct atomic_file *f, const char *path);
/* Removes the temporary file if it was not renamed. */
void atomic_file_release(struct atomic_file *f);

/*
 * Writes a file as above and renames it to `path`, replacing an existing file. Returns 0 or -errno.
 */
int atomic_file_replace(int dirfd, const char *path, atomic_fill_fn *fill, void *arg);

/*
 * Removes the temporary files that killed writers left in a directory: regular files of ours that
 * have the name of one and are not locked. Removes nothing if the file system has no locks. Returns
 * 0 or -errno.
 */
int atomic_file_sweep(int dirfd);

#endif
