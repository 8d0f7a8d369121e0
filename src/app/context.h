/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every mode is handed, error messages, and exit statuses.
 */
#ifndef APP_CONTEXT_H
#define APP_CONTEXT_H

#include "app/config.h"
#include "app/options.h"
#include "base/clock.h"
#include "present/build/build.h"
#include "proc/procfs.h"

/* Exit statuses. If several apply, status_worse decides. */
enum status {
	STATUS_OK = 0,
	STATUS_LIMIT = 1, /* a limit that the user set is exceeded */
	STATUS_USAGE = 2,
	STATUS_NONE = 3,   /* no such process, no match */
	STATUS_DENIED = 4, /* not permitted, or a value that a limit needs was unavailable */
	STATUS_IO = 5,
};

/* Returns the more serious of two. In that order: 5, 4, 2, 3, 1, 0. */
enum status status_worse(enum status a, enum status b);
/* Returns the exit status for this -errno. -EINVAL is a usage error. */
enum status status_of_error(int error);

/*
 * Returns the exit status for the mappings of a process that the user named. Prints an error if it
 * has mappings that could not be read.
 */
enum status status_of_regions(const struct snapshot *s);

/* What every mode is handed. */
struct context {
	const struct options *options;
	const struct config *config;
	const struct procfs *fs;
	const struct clock *clock;
	int64_t started_ns; /* boot time at which the program started */
	char host[256];     /* "" for a recorded tree of /proc */
};

/* Returns what the builders of reports need to know about this run. */
struct build_opts context_build_opts(const struct context *ctx, const char *boot_id);

/* Writes "memspect: text" to standard error, with control bytes escaped. */
void complain(const struct err *err);

#endif
