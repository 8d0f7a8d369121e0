/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of base/workers with jobs that block forever, on a pipe that is written to only after the
 * test.
 */
#include "base/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <time.h>

#include "rows.h"

#define MSEC INT64_C(1000000)

enum { MAX_JOBS = 40 };

/* Shared by the jobs of one run. */
struct scene {
	int pipe[2];
	sem_t woken; /* posted by each blocked job when the pipe is closed */
};

struct job_arg {
	struct scene *scene;
	bool blocks;
	int input;
	int result;
};

static void square(void *arg)
{
	struct job_arg *job = arg;
	char c;

	if (job->blocks) {
		(void)!read(job->scene->pipe[0], &c, 1);
		job->result = -1;
		sem_post(&job->scene->woken);
		return;
	}
	job->result = job->input * job->input;
}

struct run_row {
	const char *name;
	size_t n_jobs;
	size_t first_blocked, n_blocked;
	unsigned int threads;
	int64_t deadline_ns;
};

static const struct run_row run_rows[] = {
	{ "no jobs", 0, 0, 0, 2, 10000 * MSEC },
	{ "one job", 1, 0, 0, 2, 10000 * MSEC },
	{ "one job without a deadline", 1, 0, 0, 2, 0 },
	{ "many jobs without a deadline", 40, 0, 0, 2, 0 },
	{ "many jobs on one thread", 40, 0, 0, 1, 10000 * MSEC },
	{ "no threads count as one", 40, 0, 0, 0, 10000 * MSEC },
	{ "more threads than jobs", 3, 0, 0, 16, 10000 * MSEC },
	{ "the longest deadline does not overflow", 4, 0, 0, 2, INT64_MAX },
	{ "a blocked job does not hold up those behind it", 40, 0, 1, 1, 100 * MSEC },
	{ "as many blocked jobs as threads", 40, 10, 2, 2, 100 * MSEC },
	{ "more blocked jobs than threads", 40, 5, 7, 2, 100 * MSEC },
	{ "the last job blocks", 40, 39, 1, 2, 100 * MSEC },
	{ "all jobs block", 5, 0, 5, 2, 100 * MSEC },
	{ "one job that blocks", 1, 0, 1, 1, 100 * MSEC },
};

/* The jobs are freed before the blocked ones wake up: an abandoned thread must not access them. */
static void test_run(void **state)
{
	const struct run_row *row = *state;
	struct workers_job *jobs = xcalloc(row->n_jobs, sizeof(*jobs));
	struct job_arg args[MAX_JOBS];
	struct scene scene;

	assert_int_equal(pipe2(scene.pipe, O_CLOEXEC), 0);
	assert_int_equal(sem_init(&scene.woken, 0, 0), 0);
	for (size_t i = 0; i < row->n_jobs; i++) {
		args[i] = (struct job_arg){
			.scene = &scene,
			.blocks = i - row->first_blocked < row->n_blocked,
			.input = (int)i + 1,
		};
		jobs[i] = (struct workers_job){ .run = square, .arg = &args[i], .abandoned = true };
	}
	assert_int_equal(workers_run(jobs, row->n_jobs, row->threads, row->deadline_ns), 0);
	for (size_t i = 0; i < row->n_jobs; i++) {
		assert_int_equal(jobs[i].abandoned, args[i].blocks);
		if (!jobs[i].abandoned)
			assert_int_equal(args[i].result, args[i].input * args[i].input);
	}
	free(jobs);
	close(scene.pipe[1]);
	for (size_t i = 0; i < row->n_blocked; i++)
		assert_int_equal(sem_wait(&scene.woken), 0);
	close(scene.pipe[0]);
	sem_destroy(&scene.woken);
}

static void sleep_ms(long ms)
{
	const struct timespec pause = { .tv_nsec = ms * MSEC };

	(void)nanosleep(&pause, NULL);
}

static void sleep_30_ms(attr_unused void *arg)
{
	sleep_ms(30);
}

static void test_deadline_is_per_job(attr_unused void **state)
{
	struct workers_job jobs[20];

	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		jobs[i] = (struct workers_job){ .run = sleep_30_ms };
	assert_int_equal(workers_run(jobs, ARRAY_SIZE(jobs), 1, 500 * MSEC), 0);
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		assert_false(jobs[i].abandoned);
}

static void append(void *arg)
{
	struct job_arg *job = arg;
	static int last;

	job->result = ++last;
}

static void test_order(attr_unused void **state)
{
	struct workers_job jobs[MAX_JOBS];
	struct job_arg args[MAX_JOBS] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		jobs[i] = (struct workers_job){ .run = append, .arg = &args[i] };
	assert_int_equal(workers_run(jobs, ARRAY_SIZE(jobs), 1, 10000 * MSEC), 0);
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		assert_int_equal(args[i].result, i + 1);
}

static void note_thread(void *arg)
{
	*(pthread_t *)arg = pthread_self();
}

static void test_calling_thread(attr_unused void **state)
{
	pthread_t ran = 0;
	struct workers_job job = { .run = note_thread, .arg = &ran };

	assert_int_equal(workers_run(&job, 1, 4, 0), 0);
	assert_true(pthread_equal(ran, pthread_self()));
	assert_int_equal(workers_run(&job, 1, 4, 10000 * MSEC), 0);
	assert_false(pthread_equal(ran, pthread_self()));
}

static void note_mask(void *arg)
{
	(void)pthread_sigmask(SIG_SETMASK, NULL, arg);
}

static void test_signals(attr_unused void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGWINCH, SIGCHLD, SIGPIPE };
	sigset_t before, seen, after;
	struct workers_job job = { .run = note_mask, .arg = &seen };

	sigemptyset(&seen);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &before);
	assert_int_equal(workers_run(&job, 1, 1, 10000 * MSEC), 0);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &after);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		assert_int_equal(sigismember(&seen, signals[i]), 1);
		assert_int_equal(sigismember(&after, signals[i]), sigismember(&before, signals[i]));
	}
}

static void test_no_threads(attr_unused void **state)
{
	struct workers_job jobs[2];
	struct job_arg args[2] = { 0 };
	pthread_attr_t usual, huge;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		jobs[i] = (struct workers_job){ .run = square, .arg = &args[i], .abandoned = true };
	/* A stack of this size does not fit into the address space, so no thread can be created. */
	assert_int_equal(pthread_getattr_default_np(&usual), 0);
	assert_int_equal(pthread_attr_init(&huge), 0);
	assert_int_equal(pthread_attr_setstacksize(&huge, SIZE_MAX / 4 & ~(size_t)0xffff), 0);
	assert_int_equal(pthread_setattr_default_np(&huge), 0);
	r = workers_run(jobs, ARRAY_SIZE(jobs), 2, 10000 * MSEC);
	assert_int_equal(pthread_setattr_default_np(&usual), 0);
	assert_int_equal(r, -EAGAIN);
	assert_false(jobs[0].abandoned || jobs[1].abandoned);
	assert_int_equal(args[0].result + args[1].result, 0);
	pthread_attr_destroy(&huge);
	pthread_attr_destroy(&usual);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "workers_run", run_rows, test_run);
	rows_add_one(&tests, "workers_run: the deadline counts from a job's own start",
		     test_deadline_is_per_job);
	rows_add_one(&tests, "workers_run: one thread runs the jobs in order", test_order);
	rows_add_one(&tests, "workers_run: one job without a deadline needs no thread",
		     test_calling_thread);
	rows_add_one(&tests, "workers_run: threads have all signals blocked", test_signals);
	rows_add_one(&tests, "workers_run: without any thread nothing runs", test_no_threads);
	return rows_run("workers", &tests);
}
