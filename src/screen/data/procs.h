/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes that the screen shows: their identity, their memory at the last tick and recently,
 * and whether they grow. Only the thread that draws changes this, so it needs no lock. All text is
 * from the processes and not escaped.
 */
#ifndef SCREEN_DATA_PROCS_H
#define SCREEN_DATA_PROCS_H

#include "analysis/series/series.h"
#include "analysis/trend/growth.h"
#include "base/amount.h"
#include "model/metrics.h"
#include "proc/scan.h"

enum {
	PROC_SAMPLES = 128, /* of the series that is judged, which spans the whole run */
	SPARK_SLOTS = 12,   /* bars of the small chart of the last minutes */
	SPARK_SECONDS = 15, /* that a bar spans */
};

/* Fields that are expensive to read and so are older than the rest: see sampler.h. */
struct slow_fields {
	int64_t read_ns; /* boot time; 0: not read yet */
	int64_t took_ns;
	enum reason why;               /* why smaps_rollup could not be read */
	struct amount v[METRIC_COUNT]; /* from status, which all may read, or smaps_rollup */
	char *command; /* owned: arguments joined by blanks; NULL: unknown or no arguments */
	char *user;    /* owned: name of the process's user; NULL: not read */
};

struct proc {
	/* Who it is. */
	struct proc_stat stat;
	struct amount uid;
	const char *user; /* NULL: not known yet */
	char *title;      /* owned: comm in brackets, for what has no command line */

	/* What it holds, as of the last tick. */
	struct amount rss, size, shared;
	struct slow_fields more;
	bool is_stuck; /* reading its slow fields blocked */

	/* What it held before. */
	uint64_t base_rss;           /* when the base was set; 0: the process is newer than that */
	struct series series;        /* of RSS */
	uint64_t spark[SPARK_SLOTS]; /* the largest RSS of each slot, the newest last */
	unsigned int sparks;         /* slots that are filled */
	int64_t spark_ns;            /* when the newest slot began */
	struct growth growth;
	size_t judged; /* series.pushed when it was judged last */

	/* What the user did with it. */
	bool is_tagged;
	bool is_folded; /* its children are not shown in the tree */
};

struct user_name {
	uint64_t uid;
	char *name; /* owned */
};

struct procs {
	struct proc *rows; /* in the order of pids */
	size_t n;
	int64_t now_ns; /* boot time of the last tick; 0: there was none */
	uint64_t ticks;
	uint64_t changes; /* number of changes of rows; pointers to rows are valid until the next */
	int64_t base_ns;  /* boot time of the base; 0: no base is set */
	size_t growing;   /* processes whose verdict is one of growth */
	struct user_name *users; /* names that are known */
	size_t n_users, cap_users;
};

void procs_init(struct procs *p);
void procs_release(struct procs *p);

/* Updates the processes with the readings of a tick. */
void procs_fold(struct procs *p, int64_t now_ns, const struct scan_reading *readings, size_t n);
/* Sets the base to what processes have now, or removes it. */
void procs_set_base(struct procs *p, bool set);
/* Returns the row of a process, or NULL if it has ended. start_ticks 0 matches any start. */
struct proc *procs_find(const struct procs *p, pid_t pid, uint64_t start_ticks);
/* Moves *more to the row of a process, or releases it if the process has ended. */
void procs_set_slow_fields(struct procs *p, pid_t pid, uint64_t start_ticks,
			   struct slow_fields *more);
void slow_fields_release(struct slow_fields *p);

/*
 * Returns true if the newest samples have to be judged, for procs_set_growth. If RSS has never
 * changed, sets the verdict itself and returns false.
 */
bool proc_wants_judgement(struct proc *p);
void procs_set_growth(struct procs *p, pid_t pid, uint64_t start_ticks, uint64_t judged,
		      const struct growth *growth);

/* Returns the command line, or the name in brackets if it is empty. Owned by the row. */
const char *proc_command(const struct proc *p);
bool proc_grows(const struct proc *p);

#endif
