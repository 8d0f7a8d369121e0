/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot and everything that is judged from it, for tests that write and read snapshot files.
 */
#ifndef TESTS_JUDGED_H
#define TESTS_JUDGED_H

#include <sys/mman.h>

#include "base/crc.h"
#include "model/snapfile/snapfile.h"
#include "model/snapshot/capture.h"
#include "present/build/build.h"
#include "present/render/snapshot_text.h"
#include "rendered.h"
#include "snap.h"

struct judged_snapshot {
	const struct snapshot *snapshot;
	struct accounting accounting;
	struct off_rss off_rss;
	struct limits limits;
	struct arena arena;
};

static inline void judge(struct judged_snapshot *j, const struct snapshot *s)
{
	*j = (struct judged_snapshot){ .snapshot = s, .arena = ARENA_INIT };
	accounting_init(&j->accounting, s);
	off_rss_init(&j->off_rss, s, &j->accounting);
	limits_init(&j->limits, s, &j->accounting);
}

static inline void judged_release(struct judged_snapshot *j)
{
	accounting_release(&j->accounting);
	limits_release(&j->limits);
	arena_release(&j->arena);
}

static inline struct process_inputs judged_view(struct judged_snapshot *j)
{
	struct process_inputs v = {
		.snapshot = j->snapshot,
		.accounting = &j->accounting,
		.off_rss = &j->off_rss,
		.limits = &j->limits,
	};
	struct findings_input in = {
		.snapshot = v.snapshot,
		.accounting = v.accounting,
		.off_rss = v.off_rss,
		.limits = v.limits,
		.unexplained_percent = 50,
		.cpus = 2,
	};

	v.findings = findings_collect(&in, &j->arena, &v.n_findings);
	return v;
}

static inline struct build_opts judged_opts(const struct snapshot *s, const struct ruleset *rules)
{
	return (struct build_opts){
		.version = "1",
		.host = "here",
		.boot_id = s->sys.boot_id,
		.generated_wall_ns = INT64_C(1714564800123000000),
		.elapsed_ms = 1.5,
		.tool_rss = amount_of(4096),
		.rules = rules,
		.regions = true,
	};
}

/* The JSON of the whole report, which the caller frees. */
static inline char *judged_json(const struct snapshot *s, const struct ruleset *rules)
{
	const struct render_opts plain = { .headings = true };
	struct build_opts opts = judged_opts(s, rules);
	struct report report = REPORT_INIT;
	struct err err = ERR_INIT;
	struct process_inputs view;
	struct judged_snapshot j;
	char *json;

	judge(&j, s);
	view = judged_view(&j);
	assert_int_equal(build_processes(&report, &view, 1, NULL, &opts, &err), 0);
	json = rendered(&report, "json", &plain);
	report_release(&report);
	judged_release(&j);
	return json;
}

/* The bytes of the snapshot file, which the caller frees. */
static inline char *judged_file(const struct snapshot *s, const struct ruleset *rules)
{
	struct build_opts opts = judged_opts(s, rules);
	struct process_inputs view;
	struct judged_snapshot j;
	char *bytes = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&bytes, &n);

	assert_non_null(out);
	judge(&j, s);
	view = judged_view(&j);
	assert_int_equal(snapshot_write(&view, 1, NULL, &opts, out), 0);
	assert_int_equal(fclose(out), 0);
	judged_release(&j);
	return bytes;
}

/* Reads bytes as the file "f". */
static inline int read_bytes(const char *bytes, size_t n, struct snapfile *ret_file,
			     struct err *err)
{
	auto_close int fd = memfd_create("snapshot", MFD_CLOEXEC);

	assert_int_equal(write(fd, bytes, n), n);
	return snapfile_read_fd(fd, "f", ret_file, err);
}

#endif
