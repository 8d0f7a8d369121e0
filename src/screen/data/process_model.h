/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that a view shows: its newest inspection, the base it is compared with, its last
 * walk, and its series. Jobs read; the views get the results here.
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
	struct inspection *base; /* owned; what `now` is compared with, or NULL */
	struct inspection *deep; /* owned; the last one with a walk, or NULL */
	/* Owned; what `deep` is compared with, or NULL. */
	struct inspection *base_deep;
	struct err err;        /* why the newest reading failed; code 0: it did not fail */
	struct tracks tracks;  /* of all inspections */
	unsigned int readings; /* number of readings that have ended */

	struct job *job;            /* that reads what will be `now`; NULL: none runs */
	struct job *walk;           /* that reads memory */
	struct inspection *walking; /* of the walk, which owns it: for its progress */
	int64_t walk_ns;            /* when it began */
	bool wants_base;            /* the next reading is to become the base, too */
	int64_t due_ns;             /* of the next reading */
};

void process_model_init(struct process_model *s, const struct screen_env *env, pid_t pid,
			uint64_t start_ticks);
/* Releases the model and abandons its jobs. */
void process_model_release(struct process_model *s);

/*
 * Takes over what was read, and starts a reading every interval, but no sooner than 50 times the
 * duration of the last one. Returns true if something has changed.
 */
bool process_model_poll(struct process_model *s, int64_t now_ns, int64_t interval_ns, bool paused);
/* Takes over an inspection that was read and judged. */
void process_model_take(struct process_model *s, struct inspection *in);
/* Reads at the next poll. */
void process_model_refresh(struct process_model *s);
/* Makes the next reading the base, or removes the base. */
void process_model_set_base(struct process_model *s, bool set);
/* Starts a walk. Returns false if that is not possible. */
bool process_model_walk(struct process_model *s, int64_t now_ns);
/* Ends a running walk. */
void process_model_stop_walk(struct process_model *s);
/* Returns true if a walk is running; *ret_bytes is what it has read so far. */
bool process_model_walks(const struct process_model *s, uint64_t *ret_bytes);

#endif
