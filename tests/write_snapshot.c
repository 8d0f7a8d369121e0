/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a snapshot file to standard output for tests of what reads them:
 *
 *   write_snapshot [--holdings=FILE] HOST DIR PID...
 *
 * DIR is a recorded /proc, or - for that of the system. What memory is to hold, of each process, are
 * lines of kind, owner, name, count (- for none) and bytes with a tab between them.
 *
 * The time of the file is 2024-05-01T12:00:00Z, that of a live process is now.
 */
#include <errno.h>

#include "base/alloc.h"
#include "base/num.h"
#include "model/snapshot/capture.h"
#include "present/render/snapshot_text.h"

static attr_noreturn void fail(const char *what, const char *why)
{
	(void)fprintf(stderr, "write_snapshot: %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

static uint64_t number_of(const char *text)
{
	uint64_t number = 0;

	if (!text || num_parse_u64(text, &number) < 0)
		fail(text ? text : "holdings", "not a number");
	return number;
}

static void hold(struct snapshot *s, char *line)
{
	char *fields[5] = { NULL };
	struct heap_stat h = { .count = amount_absent("not counted") };
	int kind = 0;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		fields[i] = strsep(&line, "\t");
	while (kind < HEAP_STAT_KIND_COUNT && !streq(heap_stat_kind_descs[kind].id, fields[0]))
		kind++;
	if (kind == HEAP_STAT_KIND_COUNT)
		fail(fields[0], "no kind of holdings");
	h.bytes = number_of(fields[4]);
	h.kind = (enum heap_stat_kind)kind;
	h.owner = fields[1];
	h.name = fields[2];
	if (!streq(fields[3], "-"))
		h.count = amount_of(number_of(fields[3]));
	s->heap_stats.read |= 1U << h.kind;
	heap_stats_add(&s->heap_stats, &s->arena, &h);
}

static void read_heap_stats(struct snapshot *s, const char *path)
{
	auto_fclose FILE *f = fopen(path, "re");
	auto_free char *line = NULL;
	size_t cap = 0;

	if (!f)
		fail(path, "cannot be read");
	while (getline(&line, &cap, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		hold(s, line);
	}
}

struct process {
	struct snapshot snapshot;
	struct accounting accounting;
	struct off_rss off_rss;
	struct limits limits;
};

static void process_init(struct process *p, const struct procfs *fs, const char *pid,
			 const char *heap_stats)
{
	const struct capture_opts opts = { .rules = &rules_std,
					   .clock = &clock_system,
					   .with_cmdline = true };
	struct err err = ERR_INIT;

	if (snapshot_capture(fs, (pid_t)number_of(pid), &opts, &p->snapshot, &err) < 0)
		fail(pid, err.text);
	if (heap_stats)
		read_heap_stats(&p->snapshot, heap_stats);
	accounting_init(&p->accounting, &p->snapshot);
	off_rss_init(&p->off_rss, &p->snapshot, &p->accounting);
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
	static const char option[] = "--holdings=";
	const char *heap_stats = argc > 1 && starts_with(argv[1], option)
					 ? argv[1] + sizeof(option) - 1
					 : NULL;
	char **args = argv + (heap_stats ? 1 : 0); /* from [1] on */
	int n_args = argc - (heap_stats ? 1 : 0);
	size_t n = n_args > 3 ? (size_t)n_args - 3 : 0;
	auto_free struct process_inputs *views = xcalloc(n, sizeof(*views));
	auto_free struct process *processes = xcalloc(n, sizeof(*processes));
	struct build_opts opts = { .version = "test", .rules = &rules_std };
	struct procfs fs = PROCFS_INIT;
	struct err err = ERR_INIT;
	int ret;

	if (n == 0)
		fail("usage", "[--holdings=FILE] HOST DIR PID...");
	if (procfs_open(streq(args[2], "-") ? NULL : args[2], &fs, &err) < 0)
		fail(args[2], err.text);
	for (size_t i = 0; i < n; i++) {
		process_init(&processes[i], &fs, args[i + 3], heap_stats);
		views[i] = (struct process_inputs){
			.snapshot = &processes[i].snapshot,
			.accounting = &processes[i].accounting,
			.off_rss = &processes[i].off_rss,
			.limits = &processes[i].limits,
		};
	}
	opts.host = args[1];
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
