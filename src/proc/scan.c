/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/scan.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/io.h"
#include "base/num.h"

enum {
	STAT_TICKS = 10, /* between reads of stat while statm does not change */
	STATM_MAX = 256,
};

struct entry {
	int statmfd;      /* -1: opened for each read */
	unsigned int age; /* ticks since stat was read */
	struct scan_reading reading;
};

struct scan {
	struct procfs fs;
	pid_t *pids; /* owned; NULL: all */
	size_t n_pids;
	pid_t self;
	size_t fds, max_fds;
	struct entry *entries; /* in the order of pids */
	size_t n;
	uint64_t page_bytes;
};

static int compare_pids(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

struct scan *scan_new(const struct procfs *fs, const pid_t *pids, size_t n, size_t max_fds)
{
	struct scan *s = xcalloc(1, sizeof(*s));

	*s = (struct scan){ .fs = *fs,
			    .n_pids = n,
			    .self = fs->live ? getpid() : 0,
			    .max_fds = max_fds,
			    .page_bytes = (uint64_t)sysconf(_SC_PAGESIZE) };
	if (n > 0) {
		s->pids = xmemdup(pids, n * sizeof(*pids));
		qsort(s->pids, n, sizeof(*pids), compare_pids);
	}
	return s;
}

static void close_entry(struct scan *s, struct entry *e)
{
	if (e->statmfd < 0)
		return;
	(void)close(e->statmfd);
	e->statmfd = -1;
	s->fds--;
}

void scan_free(struct scan *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		close_entry(s, &s->entries[i]);
	free(s->entries);
	free(s->pids);
	free(s);
}

static void set_memory(struct scan_reading *r, struct amount size, struct amount rss,
		       struct amount shared)
{
	r->size_bytes = size;
	r->rss_bytes = rss;
	r->shared_bytes = shared;
}

/* Parses "SIZE RESIDENT SHARED ...", in pages. */
static bool parse_statm(const struct scan *s, const char *text, size_t n, struct scan_reading *r)
{
	const char *p = text, *end = text + n;
	uint64_t v[3];

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		if (!num_scan_u64(&p, end, &v[i]) || p == end || *p++ != ' ')
			return false;
		v[i] = num_mul_sat(v[i], s->page_bytes);
	}
	set_memory(r, amount_of(v[0]), amount_of(v[1]), amount_of(v[2]));
	return true;
}

/*
 * Reads statm. Returns 0, or -errno: -ESRCH if the process, or the thread that was read in its
 * place, is gone.
 */
static int read_statm(const struct scan *s, int fd, struct scan_reading *r)
{
	char text[STATM_MAX];
	ssize_t n = pread(fd, text, sizeof(text), 0);

	if (n < 0)
		return -errno;
	return parse_statm(s, text, (size_t)n, r) ? 0 : -EBADMSG;
}

/* Sets the sizes of a process without memory to 0. */
static void set_no_memory(struct scan_reading *r)
{
	struct amount none = amount_absent(REASON_NO_MM);

	set_memory(r, none, none, none);
}

static bool has_no_memory(const struct scan_reading *r)
{
	return amount_ok(r->size_bytes) && r->size_bytes.value == 0;
}

static void set_owner(int dirfd, struct scan_reading *r)
{
	struct proc_status status;
	uint64_t uid, threads;

	if (proc_owner_read(dirfd, r->pid, &uid, &threads) == 0)
		r->uid = amount_of(uid);
	else if (proc_status_read(dirfd, &status) == 0)
		r->uid = status.v[PS_UID];
	else
		r->uid = amount_absent(REASON_NOT_READ);
}

/* Opens statm of a task that has the memory; that is not the leader if the leader has exited. */
static int open_statm(int dirfd, const struct proc_stat *stat)
{
	auto_close int taskfd = -1;

	if (stat->state == 'Z' && stat->threads > 1)
		taskfd = proc_live_task_open(dirfd);
	return io_open_at(taskfd >= 0 ? taskfd : dirfd, "statm");
}

/* Returns whether this is another process or program than before. */
static enum scan_change change_of(const struct proc_stat *before, const struct proc_stat *now)
{
	if (before->pid != now->pid || before->start_ticks != now->start_ticks)
		return SCAN_NEW;
	if (before->start_code != now->start_code || before->start_stack != now->start_stack ||
	    !streq(before->comm, now->comm))
		return SCAN_EXEC;
	return SCAN_SAME;
}

/* Opens and reads statm, and keeps the descriptor open if the limit allows. Returns 0 or -ESRCH. */
static int read_statm_anew(struct scan *s, struct entry *e, int dirfd)
{
	struct scan_reading *r = &e->reading;
	auto_close int fd = open_statm(dirfd, &r->stat);
	int ret = fd < 0 ? fd : read_statm(s, fd, r);
	struct amount absent = amount_absent(ret < 0 ? reason_of_errno(ret) : REASON_NONE);

	close_entry(s, e);
	if (ret < 0) {
		set_memory(r, absent, absent, absent);
	} else if (s->fds < s->max_fds) {
		e->statmfd = steal_fd(&fd);
		s->fds++;
	}
	return ret == -ESRCH ? ret : 0;
}

/* Reads stat, and also statm if it was not read or may belong to another process. */
static int read_anew(struct scan *s, struct entry *e, bool has_statm)
{
	struct scan_reading *r = &e->reading;
	auto_close int dirfd = procfs_open_pid(&s->fs, r->pid);
	struct proc_stat stat;
	int ret = dirfd < 0 ? dirfd : proc_stat_read(dirfd, &stat);

	if (ret < 0)
		return ret;
	r->change = change_of(&r->stat, &stat);
	r->stat = stat;
	e->age = 0;
	if (r->change != SCAN_SAME)
		set_owner(dirfd, r);
	if (!has_statm || r->change != SCAN_SAME)
		ret = read_statm_anew(s, e, dirfd);
	if (has_no_memory(r))
		set_no_memory(r);
	return ret;
}

/* Reads one process. Returns 0, or -errno if it no longer exists. */
static int read_entry(struct scan *s, struct entry *e)
{
	struct scan_reading *r = &e->reading;
	struct scan_reading before = *r;
	bool moved;

	r->change = SCAN_SAME;
	if (e->statmfd < 0 || read_statm(s, e->statmfd, r) < 0)
		return read_anew(s, e, false);
	if (has_no_memory(r))
		set_no_memory(r);
	moved = before.rss_bytes.value != r->rss_bytes.value ||
		before.size_bytes.value != r->size_bytes.value ||
		before.rss_bytes.why != r->rss_bytes.why;
	return moved || ++e->age >= STAT_TICKS ? read_anew(s, e, true) : 0;
}

/* Lists the pids to read, in ascending order. */
static int list_pids(const struct scan *s, pid_t **ret_pids, size_t *ret_n)
{
	if (!s->pids)
		return procfs_list_numbers(s->fs.rootfd, ".", ret_pids, ret_n);
	*ret_pids = xmemdup(s->pids, s->n_pids * sizeof(*s->pids));
	*ret_n = s->n_pids;
	return 0;
}

/*
 * Returns the entry of a pid, an existing or a new one. Drops the entries before it, whose
 * processes have exited.
 */
static struct entry take_entry(struct scan *s, size_t *at, pid_t pid)
{
	struct entry fresh = { .statmfd = -1, .reading = { .pid = pid } };

	for (; *at < s->n && s->entries[*at].reading.pid < pid; (*at)++)
		close_entry(s, &s->entries[*at]);
	return *at < s->n && s->entries[*at].reading.pid == pid ? s->entries[(*at)++] : fresh;
}

int scan_read(struct scan *s, struct scan_reading **ret_readings, size_t *ret_n)
{
	auto_free pid_t *pids = NULL;
	struct scan_reading *readings;
	struct entry *entries;
	size_t n_pids, at = 0, n = 0;
	int ret = list_pids(s, &pids, &n_pids);

	if (ret < 0)
		return ret;
	readings = xcalloc(n_pids + 1, sizeof(*readings));
	entries = xcalloc(n_pids + 1, sizeof(*entries));
	for (size_t i = 0; i < n_pids; i++) {
		struct entry e = take_entry(s, &at, pids[i]);

		if (pids[i] == s->self || read_entry(s, &e) < 0) {
			close_entry(s, &e);
			continue;
		}
		readings[n] = e.reading;
		entries[n++] = e;
	}
	for (; at < s->n; at++)
		close_entry(s, &s->entries[at]);
	free(s->entries);
	s->entries = entries;
	s->n = n;
	*ret_readings = readings;
	*ret_n = n;
	return 0;
}
