/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a watch keeps: snapshots every few minutes, and the series themselves, so that another watch
 * can go on with them.
 */
#ifndef APP_WATCH_STORE_H
#define APP_WATCH_STORE_H

#include "analysis/series/history.h"
#include "app/watch/watch.h"
#include "model/store/store.h"

struct watch_store {
	struct store store;
	struct store_policy policy;
	struct history earlier; /* of a watch that ended before; of this boot, or empty */
	int64_t interval_ns;
	int64_t next_ns;   /* boot time of the next snapshot */
	int64_t wanted_ns; /* since when one is to be written; 0: none is */
	uint64_t lost;     /* snapshots that could not be written */
};

/* Opens the directory and takes it. NULL in *ret if no snapshots are asked for. 0 or -errno. */
int watch_store_open(const struct watch *w, struct watch_store **ret, struct err *err);
void watch_store_free(struct watch_store *s);

/* Lets a process go on with the series that it had in an earlier watch; returns their samples. */
uint64_t watch_store_resume(struct watch_store *s, struct watched *t);

/*
 * A snapshot is wanted when one is due, or because somebody asks. It is written at once, or once the
 * walks that are due have ended: watch_store_settle. What cannot be written is said and counted, and
 * the watch goes on.
 */
void watch_store_tick(struct watch *w, int64_t now_ns);
void watch_store_snapshot(struct watch *w, int64_t now_ns);
void watch_store_settle(struct watch *w, int64_t now_ns);
/* Writes the series. */
void watch_store_history(struct watch *w);

#endif
