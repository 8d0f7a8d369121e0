/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that is looked at: its newest inspection, the one that it is compared with, what its
 * memory holds if that was asked for, and how all of it changes. Jobs read; whoever draws asks here.
 */
#ifndef SCREEN_DATA_PROCESS_MODEL_H
#define SCREEN_DATA_PROCESS_MODEL_H

#include "analysis/series/tracks.h"
#include "screen/env.h"

struct process_model {
	const struct screen_env *env;
	pid_t pid;
	uint64_t start_ticks;

	struct inspection *now;  /* owned; NULL: not read yet */
	struct inspection *base; /* owned; NULL: there is none */
	struct inspection *deep; /* owned; the last walk; NULL: there was none */
	struct inspection
		*base_deep;    /* owned; the one that is compared with; NULL: there is none */
	struct err err;        /* why the newest reading failed; code 0: it did not */
	struct tracks tracks;  /* of all inspections */
	unsigned int readings; /* so many came to an end */

	struct job *job;            /* that reads what will be `now`; NULL: none runs */
	struct job *walk;           /* that reads memory */
	struct inspection *walking; /* of the walk, which owns it: for its progress */
	int64_t walk_ns;            /* when it began */
	bool wants_base;            /* the next reading is to become the base, too */
	int64_t due_ns;             /* of the next reading */
};

void process_model_init(struct process_model *s, const struct screen_env *env, pid_t pid,
			uint64_t start_ticks);
/* Leaves jobs to themselves. */
void process_model_release(struct process_model *s);

/*
 * Takes over what was read and starts what is due: a reading every interval, but not before 50 times
 * what the last one took. True if there is something new.
 */
bool process_model_poll(struct process_model *s, int64_t now_ns, int64_t interval_ns, bool paused);
/* Takes over an inspection that was read and judged. */
void process_model_take(struct process_model *s, struct inspection *in);
/* Reads at the next poll. */
void process_model_refresh(struct process_model *s);
/* Compares with what is read next, or with nothing any more. */
void process_model_set_base(struct process_model *s, bool set);
/* Reads what memory holds. False if that is not possible. */
bool process_model_walk(struct process_model *s, int64_t now_ns);
/* Ends a walk before its time. */
void process_model_stop_walk(struct process_model *s);
/* Bytes that a running walk has read so far; false: none runs. */
bool process_model_walks(const struct process_model *s, uint64_t *ret_bytes);

#endif
