/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A directory of snapshots, which are named by their time and are whole or not there. It may lie
 * where others can write, so nothing in it is trusted for its name.
 */
#ifndef MODEL_STORE_STORE_H
#define MODEL_STORE_STORE_H

#include <stdint.h>

#include "base/atomic_file.h"
#include "base/err.h"
#include "base/sbuf.h"
#include "base/util.h"
#include "model/store/name.h"

/* Everything is done relative to the open directory: its path is only for messages. */
struct store {
	char *path; /* owned */
	int dirfd;
	int lockfd;              /* -1 while not locked */
	struct store_stamp last; /* that a name was made of */
};

#define STORE_INIT                                                                                 \
	{                                                                                          \
		NULL, -1, -1,                                                                      \
		{                                                                                  \
			0, 0                                                                       \
		}                                                                                  \
	}
#define auto_store __attribute__((cleanup(store_release))) struct store

/* What is kept; 0 is no limit. */
struct store_policy {
	uint64_t keep; /* snapshots */
	uint64_t keep_days;
	uint64_t keep_bytes;
};

/*
 * Where snapshots go by default: below $STATE_DIRECTORY (of systemd, the first if several), for root
 * below /var/lib, else below $XDG_STATE_HOME or $HOME/.local/state. Variables that are NULL, empty or
 * relative are passed over. The caller frees it; NULL if there is no such place.
 */
char *store_default_path(bool root, const char *state_directory, const char *xdg_state_home,
			 const char *home);

/*
 * Opens the directory; it and its parents are made (mode 0700) if they are missing. Refused are:
 *  - a symbolic link as the last component: whoever planted it would choose where files are written
 *    and removed;
 *  - a directory that belongs neither to us nor to root: its owner can put anything in any place;
 *  - for root, one that group or others may write to, unless it is sticky: they could swap our files
 *    for theirs. Others than root may have reasons to share a directory.
 * 0 or -errno with err set.
 */
int store_open(const char *path, struct store *ret_store, struct err *err);
void store_release(struct store *s);

/*
 * Takes the directory for a watch, until the release or our death, and removes what killed writers
 * left half written. -EBUSY if another watch has it; err names its pid.
 */
int store_lock(struct store *s, struct err *err);

/*
 * Adds memory_snapshot_YYYYMMDD_HHMMSS.yaml, by wall_ns in UTC; where that is taken _2, _3 and so on
 * are put behind the time. It is on disk when this returns. Needs no lock. 0 or -errno with err set;
 * then nothing was added or changed (if only syncing the directory failed, it is there, but may not
 * outlive a crash of the system).
 */
int store_add(struct store *s, int64_t wall_ns, atomic_fill_fn *fill, void *arg,
	      char ret_name[STORE_NAME_MAX], struct err *err);

/*
 * Removes snapshots beyond the policy, the oldest first, by the time of their names against wall_ns.
 * `newest` is never removed: the name just added, NULL for none. Removed and counted are only
 * snapshots: regular files of ours, with exactly the name of one and its first line. Returns 0, or
 * the first -errno with err set after having tried all. With many thousands in the directory, some
 * have to wait for the next time.
 */
int store_prune(struct store *s, const struct store_policy *policy, int64_t wall_ns,
		const char *newest, size_t *ret_removed, struct err *err);

/* Writes a file of another name, in place of what is there; as durable as a snapshot. */
int store_put(struct store *s, const char *name, atomic_fill_fn *fill, void *arg, struct err *err);
/*
 * Reads such a file, which has to be a regular file of ours and at most `max` bytes long. -ENOENT,
 * without err, if there is none; another -errno with err set.
 */
int store_get(struct store *s, const char *name, size_t max, struct sbuf *out, struct err *err);

#endif
