/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a watch, and what it says.
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
	bool all; /* every readable process; else those that were selected */

	struct watched **watched; /* owned; in a watch of all by PID, else as selected */
	size_t n, cap;
	size_t fds, fds_max; /* descriptors that watched processes have, and may have */
	bool said_no_room;
	size_t next_inspect;   /* whose turn it is to be inspected */
	struct walk_job *walk; /* owned: the one under way; NULL: none is */
	size_t next_walk;      /* whose turn it is to be walked */
	bool stopped;          /* by a signal */

	struct watch_counts counts;
	uint64_t seq;           /* of the record to come */
	uint64_t lines;         /* of text since the headings */
	uint64_t resumed;       /* processes whose series go on from an earlier watch */
	int64_t last_tick_ns;   /* boot time; 0: there was none */
	int64_t wall_offset_ns; /* wall clock less boot time, as of the last tick */
	char boot_id[40];
	struct sbuf text;          /* scratch */
	struct watch_store *store; /* owned; NULL: nothing is kept */
	enum status status;
	FILE *out;
	enum status output; /* of writing the records: not STATUS_OK ends the watch */
};

enum { DETAILED_MAX = 16 }; /* processes that are looked at closely at one time */

/* Says that something happened to a process; NULL: to the watch itself. */
void attr_printf(5, 6) watch_say(struct watch *w, const struct watched *t, const char *id,
				 enum tone tone, const char *fmt, ...);
/* What is watched, and how often. */
void watch_say_start(struct watch *w);
/* Prints the lines of a tick. */
void watch_print_tick(struct watch *w, int64_t now_ns);
/* Prints the summary. */
void watch_print_summary(struct watch *w, int64_t now_ns);

/* Judges what this tick has read against the limits, and says what is over one. */
void watch_alarms(struct watch *w, int64_t tick_ns);
/* How the limits that the user set judge a process in the end. Complains about what was not read. */
enum status watch_ceilings_status(const struct watch *w, const struct watched *t);

/*
 * The full report on the processes that are looked at closely, with regions, as a snapshot keeps it;
 * `use` is handed the views. With `with_ended` also the last that was seen of selected processes
 * that have ended. Returns what `use` returns.
 */
typedef int watch_use_fn(void *arg, const struct process_inputs *views, size_t n,
			 const struct build_opts *opts);
int watch_with_views(struct watch *w, int64_t now_ns, bool with_ended, watch_use_fn *use,
		     void *arg);

#endif
