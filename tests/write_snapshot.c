/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a snapshot file to standard output for tests of what reads them:
 *
 *   write_snapshot HOST DIR PID...     DIR is a recorded /proc, or - for that of the system
 *
 * The time of the file is 2024-05-01T12:00:00Z, that of a live process is now.
 */
#include <errno.h>

#include "base/alloc.h"
#include "base/num.h"
#include "model/capture.h"
#include "present/snapshot_text.h"

static void fail(const char *what, const char *why)
{
	(void)fprintf(stderr, "write_snapshot: %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

struct process {
	struct snapshot snapshot;
	struct accounting accounting;
	struct outside outside;
	struct limits limits;
};

static void process_init(struct process *p, const struct procfs *fs, const char *pid)
{
	const struct capture_opts opts = { .rules = &rules_std,
					   .clock = &clock_system,
					   .with_cmdline = true };
	struct err err = ERR_INIT;
	uint64_t number;

	if (num_parse_u64(pid, &number) < 0)
		fail(pid, "not a number");
	if (snapshot_capture(fs, (pid_t)number, &opts, &p->snapshot, &err) < 0)
		fail(pid, err.text);
	accounting_init(&p->accounting, &p->snapshot);
	outside_init(&p->outside, &p->snapshot, &p->accounting);
	limits_init(&p->limits, &p->snapshot, &p->accounting);
}

static void process_release(struct process *p)
{
	limits_release(&p->limits);
	accounting_release(&p->accounting);
	snapshot_release(&p->snapshot);
}

int main(int argc, char **argv)
{
	size_t n = argc > 3 ? (size_t)argc - 3 : 0;
	auto_free struct process_view *views = xcalloc(n, sizeof(*views));
	auto_free struct process *processes = xcalloc(n, sizeof(*processes));
	struct build_opts opts = { .version = "test", .rules = &rules_std };
	struct procfs fs = PROCFS_INIT;
	struct err err = ERR_INIT;
	int ret;

	if (n == 0)
		fail("usage", "HOST DIR PID...");
	if (procfs_open(streq(argv[2], "-") ? NULL : argv[2], &fs, &err) < 0)
		fail(argv[2], err.text);
	for (size_t i = 0; i < n; i++) {
		process_init(&processes[i], &fs, argv[i + 3]);
		views[i] = (struct process_view){
			.snapshot = &processes[i].snapshot,
			.accounting = &processes[i].accounting,
			.outside = &processes[i].outside,
			.limits = &processes[i].limits,
		};
	}
	opts.host = argv[1];
	opts.boot_id = processes[0].snapshot.sys.boot_id;
	opts.generated_wall_ns = fs.live ? clock_system.wall_ns(NULL)
					 : INT64_C(1714564800) * NS_PER_S;
	ret = snapshot_write(views, n, NULL, &opts, stdout);
	if (ret < 0)
		fail("standard output", amount_why(ret));
	for (size_t i = 0; i < n; i++)
		process_release(&processes[i]);
	procfs_close(&fs);
	return EXIT_SUCCESS;
}
