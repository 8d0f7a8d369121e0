/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of screen/data/jobs: arguments are passed and returned, and those of abandoned jobs are
 * freed.
 */
#include "screen/data/jobs.h"

#include <poll.h>
#include <semaphore.h>

#include "rows.h"

enum { PATIENCE_MS = 60000 };

struct work {
	sem_t *gate; /* the job waits for it; NULL: it does not wait */
	sem_t *freed;
	int in, out;
};

static void work_run(void *arg)
{
	struct work *w = arg;

	while (w->gate && sem_wait(w->gate) != 0)
		;
	w->out = 2 * w->in;
}

static void work_free(void *arg)
{
	struct work *w = arg;

	if (w->freed)
		(void)sem_post(w->freed);
	free(w);
}

static struct work *work_new(sem_t *gate, sem_t *freed, int in)
{
	struct work *w = xcalloc(1, sizeof(*w));

	*w = (struct work){ .gate = gate, .freed = freed, .in = in };
	return w;
}

static void wait_for(struct jobs *jobs)
{
	struct pollfd pfd = { .fd = jobs_fd(jobs), .events = POLLIN };

	assert_int_equal(poll(&pfd, 1, PATIENCE_MS), 1);
	jobs_drain(jobs);
}

static void test_take(void **state attr_unused)
{
	struct jobs *jobs = jobs_new();
	struct job *list[8];
	size_t done = 0;

	for (int i = 0; i < 8; i++) {
		list[i] = job_start(jobs, work_run, work_free, work_new(NULL, NULL, i));
		assert_non_null(list[i]);
	}
	while (done < ARRAY_SIZE(list)) {
		wait_for(jobs);
		for (int i = 0; i < 8; i++) {
			struct work *w;

			if (!list[i] || !job_is_done(list[i]))
				continue;
			w = job_take(&list[i]);
			assert_null(list[i]);
			assert_int_equal(w->out, 2 * i);
			free(w);
			done++;
		}
	}
	jobs_free(jobs);
}

/* A job that hangs does not hold up others, and its argument is freed when it ends. */
static void test_abandon(void **state attr_unused)
{
	struct jobs *jobs = jobs_new();
	struct job *hangs, *done;
	sem_t gate, freed;

	assert_int_equal(sem_init(&gate, 0, 0), 0);
	assert_int_equal(sem_init(&freed, 0, 0), 0);
	hangs = job_start(jobs, work_run, work_free, work_new(&gate, &freed, 1));
	done = job_start(jobs, work_run, work_free, work_new(NULL, &freed, 1));
	wait_for(jobs);
	assert_true(job_is_done(done));
	assert_false(job_is_done(hangs));
	job_abandon(&done);
	assert_int_equal(sem_trywait(&freed), 0);
	job_abandon(&hangs);
	job_abandon(&hangs);
	assert_int_not_equal(sem_trywait(&freed), 0);
	jobs_free(jobs);
	assert_int_equal(sem_post(&gate), 0);
	assert_int_equal(sem_wait(&freed), 0);
}

static void test_many(void **state attr_unused)
{
	struct jobs *jobs = jobs_new();
	struct job *list[JOBS_MAX];
	struct work *rest;
	sem_t gate, freed;

	assert_int_equal(sem_init(&gate, 0, 0), 0);
	assert_int_equal(sem_init(&freed, 0, 0), 0);
	for (size_t i = 0; i < JOBS_MAX; i++) {
		list[i] = job_start(jobs, work_run, work_free, work_new(&gate, &freed, 1));
		assert_non_null(list[i]);
	}
	rest = work_new(NULL, NULL, 1);
	assert_null(job_start(jobs, work_run, work_free, rest));
	free(rest);
	for (size_t i = 0; i < JOBS_MAX; i++)
		assert_int_equal(sem_post(&gate), 0);
	for (size_t i = 0; i < JOBS_MAX; i++)
		job_abandon(&list[i]);
	jobs_free(jobs);
	for (size_t i = 0; i < JOBS_MAX; i++)
		assert_int_equal(sem_wait(&freed), 0);
}

int main(void)
{
	struct row_tests tests = { 0 };

	rows_add_one(&tests, "job_take: returns each result", test_take);
	rows_add_one(&tests, "job_abandon: a job that hangs does not hold up others", test_abandon);
	rows_add_one(&tests, "job_start: at most JOBS_MAX", test_many);
	return rows_run("screen/jobs", &tests);
}
