/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The modes of the program: what each does, and how it ends.
 */
#ifndef APP_MODES_H
#define APP_MODES_H

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

/* Runs the mode that the options ask for. */
enum status mode_run(const struct context *ctx);

enum status cmd_columns(const struct context *ctx); /* -O help */
enum status cmd_diff(const struct context *ctx);
enum status cmd_show(const struct context *ctx);
enum status cmd_list(const struct context *ctx);
enum status cmd_watch(const struct context *ctx);
enum status cmd_judge(const struct context *ctx);
enum status cmd_top(const struct context *ctx);

/* Fills what builders need to know about this run. */
struct build_opts context_build_opts(const struct context *ctx, const char *boot_id);

/* Writes "memspect: text" on standard error; escapes it. */
void complain(const struct err *err);

/*
 * Renders to standard output, or to the file of -o, which is replaced only when complete.
 * wide: rows may be as long as the terminal is, or as they take when there is none.
 */
enum status output_report(const struct context *ctx, const struct report *report, bool wide);
/*
 * For reports that follow one another: the stream that output_record writes to, standard output or
 * the file of -o, which is made anew. NULL after a complaint. The caller closes it.
 */
FILE *output_open(const struct context *ctx);
enum status output_record(const struct context *ctx, const struct report *report, FILE *out);
enum status output_close(const struct context *ctx, FILE *out);

#endif
