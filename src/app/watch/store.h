/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saves what a watch has seen: a snapshot every few minutes, and the series, so that a later watch
 * can continue them.
 */
#ifndef APP_WATCH_STORE_H
#define APP_WATCH_STORE_H

#include "analysis/series/history.h"
#include "app/watch/watch.h"
#include "model/store/store.h"

struct watch_store {
	struct store store;
	struct store_policy policy;
	struct history earlier; /* series of an earlier watch during this boot, or empty */
	int64_t interval_ns;
	int64_t next_ns;   /* boot time of the next snapshot */
	int64_t wanted_ns; /* when the pending snapshot was asked for; 0: no snapshot is pending */
	uint64_t lost;     /* snapshots that could not be written */
};

/*
 * Opens and locks the snapshot directory. Sets *ret to NULL if the options do not ask for
 * snapshots. Returns 0, or -errno with err set. The caller frees *ret.
 */
int watch_store_open(const struct watch *w, struct watch_store **ret, struct err *err);
void watch_store_free(struct watch_store *s);

/* Gives a process its series of an earlier watch. Returns the number of their samples. */
uint64_t watch_store_resume(struct watch_store *s, struct watched *t);

/*
 * A snapshot is written at once, or, if a walk is running, when that has ended or has taken too
 * long. One that cannot be written is reported and counted, and the watch continues.
 */
/* Asks for a snapshot if one is due. */
void watch_store_tick(struct watch *w, int64_t now_ns);
/* Asks for a snapshot now. */
void watch_store_snapshot(struct watch *w, int64_t now_ns);
/* Writes the pending snapshot, unless it still waits for the running walk. */
void watch_store_flush(struct watch *w, int64_t now_ns);
/* Writes the series. */
void watch_store_history(struct watch *w);

#endif
