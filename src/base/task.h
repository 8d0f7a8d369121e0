/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A long job on a thread of its own, while the caller goes on: it may be waited for like any other
 * descriptor, and left behind if it does not end.
 */
#ifndef BASE_TASK_H
#define BASE_TASK_H

#include <stdint.h>

#include "base/util.h"

struct task;

/*
 * Starts run(arg) with all signals blocked. arg is the thread's until the task has ended. 0 or
 * -errno: then nothing has run. The task is for task_end.
 */
int task_start(void (*run)(void *arg), void *arg, struct task **ret);
/* Becomes readable when run has returned. Owned by the task. */
int task_fd(const struct task *t);
/*
 * Waits until it has ended, for so long at most, and releases the task. False: it has not, and arg
 * belongs to its thread for good.
 */
bool task_end(struct task *t, int64_t wait_ns);

#endif
