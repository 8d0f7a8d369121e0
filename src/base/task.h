/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A long job on a thread of its own, while the caller continues. The caller can poll its
 * descriptor, and can abandon the job if it does not end.
 */
#ifndef BASE_TASK_H
#define BASE_TASK_H

#include <stdint.h>

#include "base/util.h"

struct task;

/*
 * Starts run(arg) on a thread with all signals blocked. The thread owns arg until the task has
 * ended. Returns 0 or -errno; after an error run was not called. The caller releases the task with
 * task_end.
 */
int task_start(void (*run)(void *arg), void *arg, struct task **ret);
/* Returns a descriptor that becomes readable when run has returned. The task owns it. */
int task_fd(const struct task *t);
/*
 * Waits at most wait_ns for the end of the task, and releases it. Returns false if it has not
 * ended: its thread then owns arg for good.
 */
bool task_end(struct task *t, int64_t wait_ns);

#endif
