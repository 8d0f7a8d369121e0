/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every mode is handed, how it complains, and how it ends.
 */
#ifndef APP_CONTEXT_H
#define APP_CONTEXT_H

#include "app/config.h"
#include "app/options.h"
#include "base/clock.h"
#include "present/build/build.h"
#include "proc/procfs.h"

/* Exit statuses. Of several the most serious wins; their order is that of status_worse. */
enum status {
	STATUS_OK = 0,
	STATUS_LIMIT = 1, /* an explicit limit was broken */
	STATUS_USAGE = 2,
	STATUS_NONE = 3,   /* no such process, no match */
	STATUS_DENIED = 4, /* not permitted, or a value that a limit needs was unavailable */
	STATUS_IO = 5,
};

/* The more serious of two: 5, 4, 2, 3, 1, 0. */
enum status status_worse(enum status a, enum status b);
/* How the program ends for want of what failed with this -errno; -EINVAL was the user's fault. */
enum status status_of_error(int error);

/* Of a process that was named: complains if its mappings were there and could not be read. */
enum status status_of_regions(const struct snapshot *s);

/* What every mode is handed. */
struct context {
	const struct options *options;
	const struct config *config;
	const struct procfs *fs;
	const struct clock *clock;
	int64_t started_ns; /* boot_ns of the start */
	char host[256];     /* "" in a recorded tree */
};

/* Fills what builders need to know about this run. */
struct build_opts context_build_opts(const struct context *ctx, const char *boot_id);

/* Writes "memspect: text" on standard error; escapes it. */
void complain(const struct err *err);

#endif
