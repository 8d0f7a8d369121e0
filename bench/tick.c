/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a tick of a watch costs in its cheap tier, against a bare read of the same file.
 *
 *   tick [PROCESSES [ROUNDS]]   default 2000 and 31
 *
 * Starts so many processes that do nothing. In each round everything is done once, so that ratios
 * hold on a machine that is busy with other things too; printed are medians of processor time.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "app/watch/watched.h"
#include "base/alloc.h"
#include "base/num.h"

enum { REPEATS = 256, SAMPLES = 512, ROUNDS_MAX = 1000, PROCESSES_MAX = 30000 };

struct bench {
	pid_t *pids;
	struct target **targets;
	size_t n;
	struct sbuf text;
	int64_t now_ns;
	struct sample samples[SAMPLES];
};

static double cpu_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void bare_read(struct bench *b, size_t i)
{
	static char text[4096];

	if (pread(b->targets[i]->poll.statusfd, text, sizeof(text), 0) <= 0)
		exit(EXIT_FAILURE);
}

static void poll(struct bench *b, size_t i)
{
	struct proc_status status;

	if (proc_poll_read(&b->targets[i]->poll, &b->text, &status) != 0)
		exit(EXIT_FAILURE);
}

static void tick(struct bench *b, size_t i)
{
	if (target_poll(b->targets[i], b->now_ns++, &b->text) != 0)
		exit(EXIT_FAILURE);
}

static void tick_and_judge(struct bench *b, size_t i)
{
	tick(b, i);
	target_judge(b->targets[i], b->now_ns);
}

static void judge(struct bench *b, size_t i attr_unused)
{
	struct growth growth;

	growth_judge(b->samples, SAMPLES, &growth);
}

static double noise(size_t i)
{
	return (double)(i * 2654435761U % 1024);
}

static double idle(size_t i attr_unused)
{
	return 0;
}

static double noisy(size_t i)
{
	return noise(i);
}

static double leak(size_t i)
{
	return (double)i * 16 + noise(i);
}

static double collected(size_t i)
{
	return (double)(i % 32) * 256 + noise(i) / 8;
}

static double steps(size_t i)
{
	return (double)(i / 64) * 4096 + noise(i) / 8;
}

/* An operation that is measured; for a judgement the unit is pages over time. */
struct row {
	const char *title;
	void (*run)(struct bench *b, size_t i);
	bool all; /* once for each process; otherwise repeatedly for one process */
	double (*pages)(size_t i);
};

enum { BARE_ONE, BARE_ALL = 4 };

static const struct row rows[] = {
	[BARE_ONE] = { "1 process: bare read of status", bare_read, false, NULL },
	{ "1 process: pulse_read", poll, false, NULL },
	{ "1 process: tick, into its series", tick, false, NULL },
	{ "1 process: tick and verdict", tick_and_judge, false, NULL },
	[BARE_ALL] = { "all processes: bare read of status", bare_read, true, NULL },
	{ "all processes: tick", tick, true, NULL },
	{ "all processes: tick and verdict", tick_and_judge, true, NULL },
	{ "verdict on 512 samples: idle", judge, false, idle },
	{ "verdict on 512 samples: noise", judge, false, noisy },
	{ "verdict on 512 samples: leak", judge, false, leak },
	{ "verdict on 512 samples: collected", judge, false, collected },
	{ "verdict on 512 samples: steps", judge, false, steps },
};

static void fill_samples(struct bench *b, const struct row *row)
{
	for (size_t i = 0; i < SAMPLES; i++)
		b->samples[i] = (struct sample){ .t_ns = (int64_t)i * NS_PER_S,
						 .bytes = (uint64_t)(row->pages(i) + 65536) *
							  4096 };
}

/* Returns the processor time of one run of the operation, in microseconds. */
static double measure(struct bench *b, const struct row *row)
{
	size_t n = row->all ? b->n : REPEATS;
	double before;

	if (row->pages)
		fill_samples(b, row);
	before = cpu_us();
	for (size_t i = 0; i < n; i++)
		row->run(b, row->all ? i : 0);
	return (cpu_us() - before) / (double)n;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void start(struct bench *b, size_t n)
{
	struct procfs fs = PROCFS_INIT;
	struct rlimit files = { 0 };

	(void)getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	b->pids = xcalloc(n, sizeof(*b->pids));
	b->targets = xcalloc(n, sizeof(*b->targets));
	if (procfs_open(NULL, &fs, NULL) < 0)
		exit(EXIT_FAILURE);
	for (; b->n < n; b->n++) {
		b->pids[b->n] = fork();
		if (b->pids[b->n] == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				(void)pause();
		}
		if (b->pids[b->n] < 0 || target_new(&fs, b->pids[b->n], &b->targets[b->n]) < 0)
			exit(EXIT_FAILURE);
	}
	procfs_close(&fs);
}

int main(int argc, char **argv)
{
	static double us[ARRAY_SIZE(rows)][ROUNDS_MAX];
	static struct bench b = { .text = SBUF_INIT };
	uint64_t processes = 2000, rounds = 31;
	double floor;

	if ((argc > 1 && num_parse_u64(argv[1], &processes) < 0) ||
	    (argc > 2 && num_parse_u64(argv[2], &rounds) < 0) || processes < 1 ||
	    processes > PROCESSES_MAX || rounds < 1 || rounds > ROUNDS_MAX) {
		(void)fprintf(stderr, "usage: tick [PROCESSES [ROUNDS]]\n");
		return 2;
	}
	start(&b, processes);
	for (size_t round = 0; round < rounds; round++) {
		for (size_t k = 0; k < ARRAY_SIZE(rows); k++)
			us[k][round] = measure(&b, &rows[k]);
	}
	(void)printf("%zu processes, %d reads of one, medians of %d rounds\n", b.n, REPEATS,
		     (int)rounds);
	for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
		qsort(us[k], rounds, sizeof(us[k][0]), ascending);
		floor = us[rows[k].all ? BARE_ALL : BARE_ONE][rounds / 2];
		(void)printf("  %-36s %8.2f us  %6.2f x\n", rows[k].title, us[k][rounds / 2],
			     us[k][rounds / 2] / floor);
	}
	for (size_t i = 0; i < b.n; i++) {
		(void)kill(b.pids[i], SIGKILL);
		(void)waitpid(b.pids[i], NULL, 0);
	}
	return 0;
}
