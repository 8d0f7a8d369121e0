/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a watch, and what it prints.
 */
#ifndef APP_WATCH_WATCH_H
#define APP_WATCH_WATCH_H

#include "app/inspect.h"
#include "app/output.h"
#include "app/watch/ticker.h"
#include "app/watch/watched.h"
#include "present/build/watch.h"

struct watch_store;
struct walk_job;

struct watch {
	const struct context *ctx;
	struct inspect_opts inspect;
	struct ticker ticker;
	int64_t interval_ns;
	bool all; /* watches every readable process; else the selected ones */

	struct watched **watched; /* owned; by PID if `all`, else in the order of selection */
	size_t n, cap;
	size_t fds, fds_max; /* descriptors that watched processes use, and may use */
	bool said_no_room;
	size_t next_inspect;   /* index of the process to inspect next */
	struct walk_job *walk; /* owned: the running walk, or NULL */
	size_t next_walk;      /* index of the process to walk next */
	bool stopped;          /* a signal ended the watch */

	struct watch_counts counts;
	uint64_t seq;           /* number of the next record */
	uint64_t lines;         /* lines of text since the headings */
	uint64_t resumed;       /* processes whose series continue from an earlier watch */
	int64_t last_tick_ns;   /* boot time; 0 before the first tick */
	int64_t wall_offset_ns; /* wall clock less boot time, as of the last tick */
	char boot_id[40];
	struct sbuf text;          /* scratch */
	struct watch_store *store; /* owned; NULL: nothing is saved */
	enum status status;
	FILE *out;
	enum status output; /* status of the output; the watch ends when it is not STATUS_OK */
};

enum { DETAILED_MAX = 16 }; /* processes that are inspected at one time */

/* Prints an event of a process, or of the watch itself if t is NULL. */
void attr_printf(5, 6) watch_say(struct watch *w, const struct watched *t, const char *id,
				 enum tone tone, const char *fmt, ...);
/* Prints what is watched, and how often. */
void watch_say_start(struct watch *w);
/* Prints a tick: a line for each process. */
void watch_print_tick(struct watch *w, int64_t now_ns);
/* Prints the summary at the end. */
void watch_print_summary(struct watch *w, int64_t now_ns);

/* Compares what this tick has read with the limits, and prints an alarm for each one exceeded. */
void watch_alarms(struct watch *w, int64_t tick_ns);
/*
 * Returns the exit status for a process at the end, by the limits that the user set. Prints an
 * error for each limit whose value was never read.
 */
enum status watch_ceilings_status(const struct watch *w, const struct watched *t);

/* Is handed what a full report on the inspected processes is built from. */
typedef int watch_use_fn(void *arg, const struct process_inputs *views, size_t n,
			 const struct build_opts *opts);
/*
 * Calls `use` with the inputs of a full report, with regions, on the inspected processes. If
 * `with_ended`, also on selected processes that have ended, as they were last inspected. Returns
 * what `use` returns.
 */
int watch_with_views(struct watch *w, int64_t now_ns, bool with_ended, watch_use_fn *use,
		     void *arg);

#endif
