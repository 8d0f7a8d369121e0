/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/data/jobs.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"

enum {
	STACK_BYTES = 1 << 20,
	PATIENCE_MS = 500, /* the wait for running jobs at the end of the program */
};

struct jobs {
	pthread_mutex_t lock;
	int eventfd;
	size_t running;
	size_t refs; /* the owner and each job that has not ended */
};

struct job {
	struct jobs *jobs;
	void (*run)(void *arg);
	void (*release)(void *arg);
	void *arg;
	bool done;      /* protected by the lock */
	bool abandoned; /* protected by the lock; the thread then frees it */
};

struct jobs *jobs_new(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct jobs *jobs;

	if (fd < 0)
		return NULL;
	jobs = xcalloc(1, sizeof(*jobs));
	pthread_mutex_init(&jobs->lock, NULL);
	jobs->eventfd = fd;
	jobs->refs = 1;
	return jobs;
}

/* Gives up one reference. The lock is held on entry and released on return. */
static void unref_locked(struct jobs *jobs)
{
	bool last = --jobs->refs == 0;

	pthread_mutex_unlock(&jobs->lock);
	if (!last)
		return;
	pthread_mutex_destroy(&jobs->lock);
	(void)close(jobs->eventfd);
	free(jobs);
}

int jobs_fd(const struct jobs *jobs)
{
	return jobs->eventfd;
}

void jobs_drain(struct jobs *jobs)
{
	uint64_t count;

	if (read(jobs->eventfd, &count, sizeof(count)) < 0)
		return; /* no job has ended */
}

static size_t count_running(struct jobs *jobs)
{
	size_t n;

	pthread_mutex_lock(&jobs->lock);
	n = jobs->running;
	pthread_mutex_unlock(&jobs->lock);
	return n;
}

void jobs_free(struct jobs *jobs)
{
	struct pollfd pfd;

	if (!jobs)
		return;
	pfd = (struct pollfd){ .fd = jobs->eventfd, .events = POLLIN };
	while (count_running(jobs) > 0 && poll(&pfd, 1, PATIENCE_MS) > 0)
		jobs_drain(jobs);
	pthread_mutex_lock(&jobs->lock);
	unref_locked(jobs);
}

static void job_free(struct job *job)
{
	job->release(job->arg);
	free(job);
}

static void *job_thread(void *arg)
{
	static const uint64_t one = 1;
	struct job *job = arg;
	struct jobs *jobs = job->jobs;
	bool abandoned;

	job->run(job->arg);
	pthread_mutex_lock(&jobs->lock);
	job->done = true;
	abandoned = job->abandoned;
	jobs->running--;
	if (write(jobs->eventfd, &one, sizeof(one)) < 0) {
		/* The counter is full, so a reader will be woken in any case. */
	}
	unref_locked(jobs);
	if (abandoned)
		job_free(job);
	return NULL;
}

/* Starts a detached thread with all signals blocked. Returns 0 or -errno. */
static int start_thread(struct job *job)
{
	pthread_attr_t attr;
	sigset_t all, before;
	pthread_t thread;
	int ret;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	ret = pthread_create(&thread, &attr, job_thread, job);
	pthread_attr_destroy(&attr);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -ret;
}

struct job *job_start(struct jobs *jobs, void (*run)(void *arg), void (*release)(void *arg),
		      void *arg)
{
	struct job *job;

	if (count_running(jobs) >= JOBS_MAX)
		return NULL;
	job = xcalloc(1, sizeof(*job));
	*job = (struct job){ .jobs = jobs, .run = run, .release = release, .arg = arg };
	pthread_mutex_lock(&jobs->lock);
	jobs->running++;
	jobs->refs++;
	pthread_mutex_unlock(&jobs->lock);
	if (start_thread(job) == 0)
		return job;
	free(job);
	pthread_mutex_lock(&jobs->lock);
	jobs->running--;
	unref_locked(jobs);
	return NULL;
}

int64_t job_cpu_ns(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

bool job_is_done(const struct job *job)
{
	bool done;

	pthread_mutex_lock(&job->jobs->lock);
	done = job->done;
	pthread_mutex_unlock(&job->jobs->lock);
	return done;
}

void *job_take(struct job **job)
{
	struct job *taken = steal_ptr(*job);
	void *arg = taken->arg;

	free(taken);
	return arg;
}

void job_abandon(struct job **job)
{
	struct job *left = steal_ptr(*job);
	struct jobs *jobs;
	bool done;

	if (!left)
		return;
	jobs = left->jobs;
	pthread_mutex_lock(&jobs->lock);
	left->abandoned = true;
	done = left->done;
	pthread_mutex_unlock(&jobs->lock);
	if (done)
		job_free(left);
}
