/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes as the screen knows them: who each is, what it held at the last tick and lately, and
 * whether it grows. A plain model: readings are folded in by the one thread that draws, so whoever
 * draws may look at anything, at any time, without a lock. All text in it is bytes of the target.
 */
#ifndef SCREEN_DATA_PROCS_H
#define SCREEN_DATA_PROCS_H

#include "analysis/series/series.h"
#include "analysis/trend/growth.h"
#include "base/amount.h"
#include "proc/scan.h"

enum {
	PROC_SAMPLES = 128, /* of the series that is judged: it spans the whole view */
	SPARK_SLOTS = 12,   /* of the little chart of the last minutes */
	SPARK_SECONDS = 15, /* of a slot */
};

/* What is expensive to read, and so is older than the rest: see sampler.h for when it is. */
struct slow_fields {
	int64_t read_ns; /* boot time; 0: not read yet */
	int64_t took_ns;
	enum reason why; /* why smaps_rollup could not be read */
	struct amount rss, pss, uss, swap, swap_pss, anon, file, shmem, lazyfree, thp; /* bytes */
	struct amount peak, locked, page_tables, hugetlb; /* of status: readable for all */
	char *command; /* owned: arguments, joined by blanks; NULL: unknown or none */
	char *user;    /* owned: name of the process's user; NULL: not asked for */
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
	bool is_stuck; /* it did not answer when its particulars were asked for */

	/* What it held before. */
	uint64_t base_rss;           /* when the base was set; 0: it is newer than that */
	struct series series;        /* of RSS */
	uint64_t spark[SPARK_SLOTS]; /* the largest RSS of each slot, the newest last */
	unsigned int sparks;         /* slots that are filled */
	int64_t spark_ns;            /* when the newest slot began */
	struct growth growth;
	size_t judged; /* samples pushed when it was judged last */

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
	uint64_t changes; /* in all: whoever points into rows looks whether there were some */
	int64_t base_ns;  /* boot time of what they are compared with; 0: nothing */
	size_t growing;   /* processes whose verdict says so */
	struct user_name *users; /* names that are known */
	size_t n_users, cap_users;
};

void procs_init(struct procs *p);
void procs_release(struct procs *p);

/* Folds a tick in. */
void procs_fold(struct procs *p, int64_t now_ns, const struct scan_reading *readings, size_t n);
/* Compares with what processes hold now; or with nothing any more. */
void procs_set_base(struct procs *p, bool set);
/* The row of a process, NULL if it is gone. start_ticks 0 is any. */
struct proc *procs_find(const struct procs *p, pid_t pid, uint64_t start_ticks);
/* Takes over what was read, and gives it to the row; *more is emptied. The process may have gone: then it is released. */
void procs_set_slow_fields(struct procs *p, pid_t pid, uint64_t start_ticks,
			   struct slow_fields *more);
void slow_fields_release(struct slow_fields *p);

/*
 * Whether the newest samples are still to be judged. Those of a process that holds what it always
 * held need no judgement, and get theirs from here.
 */
bool proc_wants_judgement(struct proc *p);
void procs_set_growth(struct procs *p, pid_t pid, uint64_t start_ticks, uint64_t judged,
		      const struct growth *growth);

/* The command line, or the name in brackets where there is none. Owned by the row. */
const char *proc_command(const struct proc *p);
bool proc_grows(const struct proc *p);

#endif
