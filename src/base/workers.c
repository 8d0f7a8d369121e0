/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A read of /proc can block for as long as its target does, and a blocked thread cannot be stopped.
 * So it is abandoned: detached, together with everything that it may still access: its worker, the
 * pool and the job's arg. The array of jobs is the caller's; an abandoned thread does not access
 * it.
 */
#include "base/workers.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"

#define FOREVER_NS (INT64_MAX / 2) /* can be added to the clock without overflow */

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t all_done;
	struct workers_job *jobs;
	size_t n_jobs;
	size_t next;       /* first job that no thread has started */
	size_t unfinished; /* jobs neither finished nor abandoned */
	size_t refs;       /* the caller and each abandoned worker; the last one frees the pool */
};

/* Owned by the caller, who joins the thread; by the thread itself once it is abandoned. */
struct worker {
	struct pool *pool;
	pthread_t thread;
	struct workers_job *job; /* NULL between jobs */
	int64_t started_ns;      /* of job, on the monotonic clock */
	bool abandoned;
};

static int64_t monotonic_ns(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static struct pool *pool_new(struct workers_job *jobs, size_t n)
{
	struct pool *pool = xmalloc(sizeof(*pool));
	pthread_condattr_t attr;

	*pool = (struct pool){ .jobs = jobs, .n_jobs = n, .unfinished = n, .refs = 1 };
	pthread_mutex_init(&pool->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->all_done, &attr);
	pthread_condattr_destroy(&attr);
	return pool;
}

/* Gives up one reference. The lock is held on entry and released on return. */
static void pool_unref_locked(struct pool *pool)
{
	bool last = --pool->refs == 0;

	pthread_mutex_unlock(&pool->lock);
	if (!last)
		return;
	pthread_cond_destroy(&pool->all_done);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

static void *worker_main(void *arg)
{
	struct worker *worker = arg;
	struct pool *pool = worker->pool;

	pthread_mutex_lock(&pool->lock);
	while (!worker->abandoned && pool->next < pool->n_jobs) {
		struct workers_job job = pool->jobs[pool->next];

		worker->job = &pool->jobs[pool->next++];
		worker->started_ns = monotonic_ns();
		pthread_mutex_unlock(&pool->lock);
		job.run(job.arg);
		pthread_mutex_lock(&pool->lock);
		worker->job = NULL;
		if (!worker->abandoned && --pool->unfinished == 0)
			pthread_cond_signal(&pool->all_done);
	}
	if (worker->abandoned) {
		pool_unref_locked(pool);
		free(worker);
	} else {
		pthread_mutex_unlock(&pool->lock);
	}
	return NULL;
}

/*
 * Starts a worker with signals blocked: only the threads of the program handle them. Returns 0 or
 * -errno.
 */
static int worker_start(struct pool *pool, struct worker **ret_worker)
{
	auto_free struct worker *worker = xcalloc(1, sizeof(*worker));
	sigset_t all, old;
	int error;

	worker->pool = pool;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&worker->thread, NULL, worker_main, worker);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (error)
		return -error;
	*ret_worker = steal_ptr(worker);
	return 0;
}

/* Abandons a worker and its job. The lock is held. */
static void worker_abandon(struct worker *worker)
{
	worker->job->abandoned = true;
	worker->abandoned = true;
	worker->pool->unfinished--;
	worker->pool->refs++;
	pthread_detach(worker->thread);
}

/* Starts a thread in each empty slot while there are jobs left. Returns 0 or the last -errno. */
static int fill_slots(struct pool *pool, struct worker **slots, unsigned int n)
{
	int r = 0;

	for (unsigned int i = 0; i < n && pool->next < pool->n_jobs; i++) {
		if (!slots[i])
			r = worker_start(pool, &slots[i]);
	}
	return r;
}

static bool slots_empty(struct worker *const *slots, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (slots[i])
			return false;
	}
	return true;
}

/*
 * Abandons the workers that have missed their deadline. Returns the earliest deadline of the
 * others.
 */
static int64_t abandon_late(struct worker **slots, unsigned int n, int64_t deadline_ns)
{
	int64_t now = monotonic_ns(), wake = now + deadline_ns;

	for (unsigned int i = 0; i < n; i++) {
		int64_t due;

		if (!slots[i] || !slots[i]->job)
			continue;
		due = slots[i]->started_ns + deadline_ns;
		if (due > now) {
			wake = MIN(wake, due);
			continue;
		}
		worker_abandon(slots[i]);
		slots[i] = NULL;
	}
	return wake;
}

/* Waits for all jobs. The lock is held on entry and on return. */
static void pool_wait(struct pool *pool, struct worker **slots, unsigned int n, int64_t deadline_ns)
{
	while (pool->unfinished > 0) {
		int64_t wake = abandon_late(slots, n, deadline_ns);
		struct timespec until = {
			.tv_sec = (time_t)(wake / NS_PER_S),
			.tv_nsec = (long)(wake % NS_PER_S),
		};

		(void)fill_slots(pool, slots, n);
		if (slots_empty(slots, n)) {
			/*
			 * All threads are stuck and no new one can be started, so the remaining
			 * jobs cannot run.
			 */
			for (; pool->next < pool->n_jobs; pool->next++)
				pool->jobs[pool->next].abandoned = true;
			return;
		}
		if (pool->unfinished > 0)
			pthread_cond_timedwait(&pool->all_done, &pool->lock, &until);
	}
}

int workers_run(struct workers_job *jobs, size_t n, unsigned int threads, int64_t deadline_ns)
{
	auto_free struct worker **slots = NULL;
	unsigned int n_slots = (unsigned int)MIN(MAX(threads, 1), n);
	struct pool *pool;
	int r;

	for (size_t i = 0; i < n; i++)
		jobs[i].abandoned = false;
	if (n == 0)
		return 0;
	if (n == 1 && deadline_ns == 0) {
		jobs[0].run(jobs[0].arg);
		return 0;
	}
	slots = xcalloc(n_slots, sizeof(struct worker *));
	pool = pool_new(jobs, n);
	pthread_mutex_lock(&pool->lock);
	r = fill_slots(pool, slots, n_slots);
	if (slots_empty(slots, n_slots)) {
		pool_unref_locked(pool);
		return r;
	}
	pool_wait(pool, slots, n_slots,
		  deadline_ns > 0 ? MIN(deadline_ns, FOREVER_NS) : FOREVER_NS);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned int i = 0; i < n_slots; i++) {
		if (slots[i]) {
			pthread_join(slots[i]->thread, NULL);
			free(slots[i]);
		}
	}
	pthread_mutex_lock(&pool->lock);
	pool_unref_locked(pool);
	return 0;
}
