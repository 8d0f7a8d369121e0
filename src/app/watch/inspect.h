/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The expensive tier of a watch: processes are inspected without a walk, within a tick.
 */
#ifndef APP_WATCH_INSPECT_H
#define APP_WATCH_INSPECT_H

#include "app/watch/watch.h"

/*
 * Inspects the processes that are due, each in its turn, as long as that leaves most of the
 * interval. A single process always has its turn.
 */
void watch_inspect_due(struct watch *w, int64_t tick_ns);
/* Inspects what the summary shows once more, where the rule allows that. */
void watch_inspect_last(struct watch *w);

#endif
