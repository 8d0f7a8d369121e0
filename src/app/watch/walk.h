/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The third and most expensive tier of a watch, with --deep: walks the memory of one process at a
 * time on a thread of its own, while ticks continue.
 */
#ifndef APP_WATCH_WALK_H
#define APP_WATCH_WALK_H

#include "app/watch/watch.h"

/*
 * Starts the walk that is due, unless one is running. Cancels a running walk that takes too long.
 */
void watch_walk_next(struct watch *w);
/* Takes over the results of the walk that has ended. */
void watch_walk_done(struct watch *w);
/*
 * Walks each process once more at the end of the watch. After a signal it stops when a user would
 * no longer wait; a further signal ends the running walk and those that would follow.
 */
void watch_walk_finish(struct watch *w);
/* Ends the running walk. */
void watch_walk_cancel(struct watch *w);

#endif
