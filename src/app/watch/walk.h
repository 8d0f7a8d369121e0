/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The most expensive tier of a watch, with --deep: memory is walked, of one process at a time, on a thread
 * of its own. Ticks go on meanwhile.
 */
#ifndef APP_WATCH_WALK_H
#define APP_WATCH_WALK_H

#include "app/watch/watch.h"

/* Starts the walk that is due, if none is under way. One that does not come to an end is given up. */
void watch_walk_next(struct watch *w);
/* Takes over what the walk that has ended found. */
void watch_walk_done(struct watch *w);
/*
 * At the end each process is walked once more. After a signal only so far as a user would wait; and
 * a signal ends the walk that is under way, and all that would follow.
 */
void watch_walk_finish(struct watch *w);
/* Ends the walk that is under way. */
void watch_walk_cancel(struct watch *w);

#endif
