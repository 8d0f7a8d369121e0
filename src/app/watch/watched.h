/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process under watch. Its status is read at every tick. It is inspected, which costs it and us
 * more, no sooner than 50 times as long after the last inspection as that one took; the same holds
 * for inspections that walk its memory, which cost most.
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

	/* The cheap tier: the last status, and RSS over time until there are tracks. */
	struct proc_status status;
	int64_t status_ns; /* boot time; 0: there was none */
	struct series rss;
	uint64_t rss_bytes; /* of the sample before, for the delta */
	bool has_rss_before;
	int64_t rss_delta;
	bool has_delta;

	/* The expensive tier: inspections without a walk. */
	struct tracks *tracks;         /* NULL: not inspected */
	struct inspection *inspection; /* the last whole one; NULL: there was none */
	enum reason inspect_why;       /* why the last try failed */
	int64_t inspect_ns;            /* when the last try began; 0: there was none */
	int64_t inspect_cost_ns;
	bool stuck; /* did not answer once; it is not asked again */

	/* The most expensive tier. */
	struct inspection *walked; /* the last one with a walk; NULL: there was none */
	int64_t walked_ns;
	int64_t walk_ns; /* of the last try, and what it cost; 0: there was none */
	int64_t walk_cost_ns;
	enum reason walk_why; /* why memory was not read at the last try */
	bool unwalkable;      /* and will not be another time */

	/* The verdict on RSS without LazyFree. */
	struct growth growth;
	int64_t grows_since_ns; /* when the samples were first judged to grow; 0: they do not */
	bool changed;           /* the series, since it was judged */
	bool unconfirmed;       /* how much of the growth is LazyFree is yet to be read */

	/* What has been said. */
	bool said_stretched, said_unread, said_walk_stretched;
	unsigned int said_alarms; /* bits: see watch_alarms.c */

	/* Bits by enum ceiling: could be judged at some time, and was over. */
	unsigned int measured, broken;
};

enum {
	COST_FACTOR = 50, /* the rule */
	INSPECT_DEADLINE_S = 10,
	AROUND_S = 30, /* what lies around the memory is read no more often */
};

/*
 * Raises our limit of open files as far as the system lets us. Returns how many of them all watched
 * processes together may have, so that some are left for everything else.
 */
size_t watched_fds_max(void);

/* 0, -ESRCH if there is no such process, or -errno. The caller frees *ret. */
int watched_new(const struct procfs *fs, pid_t pid, struct watched **ret);
void watched_free(struct watched *t);

/*
 * Reads the status: 0; 1 if the process executed another program, and all that was known of it is
 * forgotten; -ESRCH if it has ended; or -errno.
 */
int watched_poll(struct watched *t, int64_t now_ns, struct sbuf *text);

/* Returns the boot time from which on the rule allows an inspection; INT64_MAX: never. */
int64_t watched_due_ns(const struct watched *t);
/*
 * Inspects the process without a walk and adds what was read to the tracks, which are made if there
 * were none. Returns 0, -ESRCH if the process has ended, or -errno, which is then inspect_why.
 */
int watched_inspect(const struct inspect_opts *opts, struct watched *t);

/* Returns the same as watched_due_ns for an inspection with a walk. */
int64_t watched_walk_due_ns(const struct watched *t);
/*
 * Takes over an inspection with a walk that was begun at start_ns. If the walk was cut short, it is
 * not added to a series, and kept only if there is no earlier one.
 */
void watched_take_walk(struct watched *t, int64_t start_ns, struct inspection *in);

/* Takes over a series of an earlier watch, before the first tick. */
void watched_resume(struct watched *t, const char *id, const struct series *earlier);
/* All that is recorded of it. */
void watched_each_series(struct watched *t, tracks_visit_fn *visit, void *arg);

/* The series that the verdict is about. */
const struct series *watched_series(const struct watched *t);
/*
 * Judges it. Growth is not called that before an inspection has told how much of it is LazyFree, if
 * the process can be inspected.
 */
void watched_judge(struct watched *t, int64_t now_ns);

#endif
