/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The second tier of a watch: inspects processes without a walk, within a tick.
 */
#ifndef APP_WATCH_INSPECT_H
#define APP_WATCH_INSPECT_H

#include "app/watch/watch.h"

/*
 * Inspects the processes that are due, in turn, as long as most of the interval remains. A single
 * watched process is inspected in any case.
 */
void watch_inspect_due(struct watch *w, int64_t tick_ns);
/*
 * Inspects the processes of the summary once more, where the rule on costs (watched.h) allows it.
 */
void watch_inspect_last(struct watch *w);

#endif
