/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A watched process. Its status is read at every tick. Inspections cost more: the next one starts
 * no sooner than 50 times its duration after the last one. Inspections that walk memory cost most;
 * the same rule holds for them.
 */
#ifndef APP_WATCH_WATCHED_H
#define APP_WATCH_WATCHED_H

#include "analysis/inspect.h"
#include "analysis/series/tracks.h"
#include "analysis/trend/growth.h"
#include "proc/poll.h"

struct watched {
	struct proc_poll poll;
	bool named; /* on the command line: a failure sets the exit status */
	bool ended;

	/* First tier: the last status, and RSS over time as long as tracks is NULL. */
	struct proc_status status;
	int64_t status_ns; /* boot time; 0: not read yet */
	struct series rss;
	uint64_t rss_bytes; /* of the sample before, for the delta */
	bool has_rss_before;
	int64_t rss_delta;
	bool has_delta;

	/* Second tier: inspections without a walk. */
	struct tracks *tracks;         /* NULL before the first inspection */
	struct inspection *inspection; /* the last complete one, or NULL */
	enum reason inspect_why;       /* why the last attempt failed */
	int64_t inspect_ns;            /* start of the last attempt; 0: not attempted */
	int64_t inspect_cost_ns;
	bool stuck; /* reading it once did not end in time: it is not inspected again */

	/* Third tier: inspections with a walk. */
	struct inspection *walked; /* the last one, or NULL */
	int64_t walked_ns;
	int64_t walk_ns; /* start of the last attempt; 0: not attempted */
	int64_t walk_cost_ns;
	enum reason walk_why; /* why memory was not read at the last attempt */
	bool unwalkable;      /* later attempts would fail for the same reason */

	/* The verdict on RSS without LazyFree. */
	struct growth growth;
	int64_t grows_since_ns; /* when the samples were first judged to grow; 0: they do not grow */
	bool changed;           /* the series has changed since it was judged */
	bool unconfirmed;       /* how much of the growth is LazyFree has not been read yet */

	/* Events that have been printed and are not repeated. */
	bool said_stretched, said_unread, said_walk_stretched;
	unsigned int said_alarms; /* bits: see watch_alarms.c */

	/* What was measured of limits that the user set; absent if it could not be read yet. */
	struct amount reached[CEILING_COUNT];
};

enum {
	COST_FACTOR = 50, /* pause after an inspection, in multiples of its duration */
	INSPECT_DEADLINE_S = 10,
	AROUND_S = 30, /* shortest time between two readings of the process's environment */
};

/*
 * Raises the limit of open files of this process as far as permitted. Returns the number of them
 * that all watched processes together may use; the rest is for other files.
 */
size_t watched_fds_max(void);

/*
 * Opens a process to watch. Returns 0, -ESRCH if no such process exists, or -errno. The caller
 * frees *ret.
 */
int watched_new(const struct procfs *fs, pid_t pid, struct watched **ret);
void watched_free(struct watched *t);

/*
 * Reads the status. Returns 0; 1 if the process has executed a different program, after dropping
 * everything known about the old one; -ESRCH if it has ended; or -errno.
 */
int watched_poll(struct watched *t, int64_t now_ns, struct sbuf *text);

/* Returns the boot time of the earliest inspection that the rule allows, or INT64_MAX for never. */
int64_t watched_due_ns(const struct watched *t);
/*
 * Inspects the process without a walk and adds what was read to the tracks, which the first call
 * creates. Returns 0, -ESRCH if the process has ended, or -errno and sets inspect_why.
 */
int watched_inspect(const struct inspect_opts *opts, struct watched *t);

/* Returns the boot time of the earliest inspection with a walk, or INT64_MAX for never. */
int64_t watched_walk_due_ns(const struct watched *t);
/*
 * Takes over an inspection with a walk that started at start_ns. If the walk was not finished, it
 * is not added to the series, and is dropped if there is an earlier one.
 */
void watched_take_walk(struct watched *t, int64_t start_ns, struct inspection *in);

/* Takes over a series of an earlier watch. To be called before the first tick. */
void watched_resume(struct watched *t, const char *id, const struct series *earlier);
/* Visits all series of the process. */
void watched_each_series(struct watched *t, tracks_visit_fn *visit, void *arg);

/* Returns the series that the verdict is about. */
const struct series *watched_series(const struct watched *t);
/*
 * Judges the series. If the process can be inspected, it is not called growing until an inspection
 * has shown how much of the growth is LazyFree.
 */
void watched_judge(struct watched *t, int64_t now_ns);

#endif
