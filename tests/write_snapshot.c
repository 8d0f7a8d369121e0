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
	struct heap_stat h = { .count = amount_absent(REASON_NOT_COUNTED) };
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

static struct inspection *inspect(const struct inspect_opts *opts, const char *pid,
				  const char *heap_stats)
{
	struct inspection *in = inspection_new(opts, (pid_t)number_of(pid));

	inspection_read(in);
	if (in->result < 0)
		fail(pid, in->err.text);
	if (heap_stats)
		read_heap_stats(&in->snapshot, heap_stats);
	inspection_judge(in, NULL, NULL);
	return in;
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
	auto_free struct inspection **inspections = xcalloc(n, sizeof(struct inspection *));
	struct build_opts opts = { .version = "test", .rules = &rules_std };
	struct procfs fs = PROCFS_INIT;
	const struct inspect_opts inspect_opts = {
		.fs = &fs, .clock = &clock_system, .rules = &rules_std, .with_cmdline = true
	};
	struct err err = ERR_INIT;
	int ret;

	if (n == 0)
		fail("usage", "[--holdings=FILE] HOST DIR PID...");
	if (procfs_open(streq(args[2], "-") ? NULL : args[2], &fs, &err) < 0)
		fail(args[2], err.text);
	for (size_t i = 0; i < n; i++) {
		inspections[i] = inspect(&inspect_opts, args[i + 3], heap_stats);
		views[i] = process_inputs_of(inspections[i]);
	}
	opts.host = args[1];
	opts.boot_id = inspections[0]->snapshot.sys.boot_id;
	opts.generated_wall_ns = fs.live ? clock_system.wall_ns(NULL)
					 : INT64_C(1714564800) * NS_PER_S;
	ret = snapshot_write(views, n, NULL, &opts, stdout);
	if (ret < 0)
		fail("standard output", reason_errno_text(ret));
	for (size_t i = 0; i < n; i++)
		inspection_free(inspections[i]);
	procfs_close(&fs);
	return EXIT_SUCCESS;
}
