/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process under watch. Its status is read at every tick; its balance sheet, which costs it and us
 * more, no sooner than 50 times as long after the last one as that one took; and what its memory
 * holds, which costs most, no sooner than 50 times as long as that took.
 */
#ifndef APP_WATCH_WATCHED_H
#define APP_WATCH_WATCHED_H

#include "analysis/account/limits.h"
#include "analysis/account/non_object.h"
#include "analysis/series/tracks.h"
#include "analysis/trend/growth.h"
#include "app/context.h"
#include "model/snapshot/capture.h"
#include "proc/poll.h"

/* A balance sheet and what it was made of. */
struct sheet {
	struct snapshot snapshot;
	struct accounting accounting;
	bool has_walk; /* its memory was walked, too */
	struct walk walk;
	struct non_object non_object;
};

struct watched {
	struct proc_poll poll;
	bool named; /* on the command line: what befalls it sets the exit status */
	bool ended;

	/* The cheap tier: the last status, and RSS over time until there are tracks. */
	struct proc_status status;
	int64_t status_ns; /* boot time; 0: there was none */
	struct series rss;
	uint64_t rss_bytes; /* of the sample before, for the delta */
	bool has_rss_before;
	int64_t rss_delta;
	bool has_delta;

	/* The dear tier. */
	struct tracks *tracks; /* NULL: not looked at closely */
	struct sheet *sheet;   /* the last one that is whole; NULL: none yet, or not kept */
	const char *sheet_why; /* why there is none; NULL: there is one, or it was not tried */
	int64_t sheet_ns;
	int64_t sheet_cost_ns;
	bool stuck; /* did not answer once; it is not asked again */

	/* The dearest tier. */
	struct sheet *walked; /* the last one with depth; NULL: none yet */
	int64_t walked_ns;
	int64_t walk_ns; /* of the last try, and what it cost; 0: there was none */
	int64_t walk_cost_ns;
	const char *walk_why; /* why memory was not read at the last try */
	bool unwalkable;      /* and will not be another time */

	/* The verdict on RSS without LazyFree. */
	struct growth growth;
	int64_t grows_since_ns; /* when the samples were first judged to grow; 0: they do not */
	bool changed;           /* the series, since it was judged */
	bool unconfirmed;       /* a sheet has yet to tell how much of the growth is LazyFree */

	/* What has been said. */
	bool said_stretched, said_unread, said_walk_stretched;
	unsigned int said_alarms; /* bits: see watch_alarms.c */

	/* Bits by enum ceiling: could be judged at some time, and was over. */
	unsigned int measured, broken;
};

enum {
	DEAR_FACTOR = 50, /* the rule */
	DEAR_DEADLINE_S = 10,
	AROUND_S = 30, /* what lies around the memory is read no more often */
};

/*
 * Raises our limit of open files as far as the system lets us. Returns how many of them all targets
 * together may have, so that some are left for all else.
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

/* From when on the rule allows to read the sheet, in boot time; INT64_MAX: never. */
int64_t watched_due_ns(const struct watched *t);
/*
 * Reads the balance sheet and adds it to the tracks, which are made if there were none. Returns 0,
 * -ESRCH if the process has ended, or -errno, which is then sheet_why.
 */
int watched_read_sheet(const struct context *ctx, struct watched *t);

/* NULL is none. */
void sheet_free(struct sheet *sheet);

/* The same for a walk. */
int64_t watched_walk_due_ns(const struct watched *t);
/*
 * Takes over a sheet with depth that was begun at start_ns. One of a walk that was cut short is no
 * part of a series, and only kept for want of a better one.
 */
void watched_take_walk(struct watched *t, int64_t start_ns, struct sheet *sheet);

/* Takes over a series of an earlier watch, before the first tick. */
void watched_resume(struct watched *t, const char *id, const struct series *earlier);
/* All that is recorded of it. */
void watched_each_series(struct watched *t, tracks_visit_fn *visit, void *arg);

/* The series that the verdict is about. */
const struct series *watched_series(const struct watched *t);
/*
 * Judges it. Growth is not called that before a sheet has told how much of it is LazyFree, if one
 * can be had.
 */
void watched_judge(struct watched *t, int64_t now_ns);

#endif
