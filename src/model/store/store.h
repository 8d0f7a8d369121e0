/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A directory of snapshots, which are named by their time, and are complete or absent. Other users
 * may be able to write to it, so a file is never trusted because of its name.
 */
#ifndef MODEL_STORE_STORE_H
#define MODEL_STORE_STORE_H

#include <stdint.h>

#include "base/atomic_file.h"
#include "base/err.h"
#include "base/sbuf.h"
#include "base/util.h"
#include "model/store/name.h"

/* Everything is done relative to the open directory; the path is only for messages. */
struct store {
	char *path; /* owned */
	int dirfd;
	int lockfd;              /* -1 while not locked */
	struct store_stamp last; /* the last name that was given */
};

#define STORE_INIT                                                                                 \
	{                                                                                          \
		NULL, -1, -1,                                                                      \
		{                                                                                  \
			0, 0                                                                       \
		}                                                                                  \
	}
#define auto_store __attribute__((cleanup(store_release))) struct store

/* What is kept; 0: no limit. */
struct store_policy {
	uint64_t keep; /* snapshots */
	uint64_t keep_days;
	uint64_t keep_bytes;
};

/*
 * Returns the default directory of snapshots: below $STATE_DIRECTORY (of systemd; the first if
 * there are several), for root below /var/lib, else below $XDG_STATE_HOME or $HOME/.local/state.
 * Variables that are NULL, empty or relative are ignored. The caller frees it; NULL if there is no
 * such place.
 */
char *store_default_path(bool root, const char *state_directory, const char *xdg_state_home,
			 const char *home);

/*
 * Opens the directory; makes it and its parents (mode 0700) if they are missing. Refuses
 * - a symbolic link as the last component: its owner would choose where files are written and
 * removed;
 * - a directory that belongs neither to us nor to root: its owner can replace any file in it;
 * - for root, a directory that group or others may write to, unless it is sticky: they could
 * replace our files. Users other than root may have reasons to share a directory.
 * Returns 0, or -errno with err set.
 */
int store_open(const char *path, struct store *ret_store, struct err *err);
void store_release(struct store *s);

/*
 * Locks the directory for a watch until it is released or we exit, and removes temporary files that
 * killed writers left. Returns -EBUSY if another watch has the lock; err then names its pid.
 */
int store_lock(struct store *s, struct err *err);

/*
 * Adds memory_snapshot_YYYYMMDD_HHMMSS.yaml, by wall_ns in UTC; if that name is taken, _2, _3 and
 * so on follow the time. The file is on disk when this returns. Needs no lock. Returns 0, or -errno
 * with err set; then nothing was added or changed (if only syncing the directory failed, the file
 * exists, but may not survive a crash of the system).
 */
int store_add(struct store *s, int64_t wall_ns, atomic_fill_fn *fill, void *arg,
	      char ret_name[STORE_NAME_MAX], struct err *err);

/*
 * Removes snapshots that exceed the policy, the oldest first, by the times in their names and
 * wall_ns. `newest`, the name just added (NULL for no name), is never removed. Only snapshots are
 * counted and removed: regular files of ours with the name and the first line of a snapshot.
 * Returns 0, or the first -errno with err set after trying all. With many thousands of names in the
 * directory, some are left for the next call.
 */
int store_prune(struct store *s, const struct store_policy *policy, int64_t wall_ns,
		const char *newest, size_t *ret_removed, struct err *err);

/* Writes a file with another name, replacing an existing one; as durable as a snapshot. */
int store_put(struct store *s, const char *name, atomic_fill_fn *fill, void *arg, struct err *err);
/*
 * Reads such a file, which must be a regular file of ours of at most `max` bytes. Returns 0;
 * -ENOENT, without err, if it does not exist; or another -errno with err set.
 */
int store_get(struct store *s, const char *name, size_t max, struct sbuf *out, struct err *err);

#endif
