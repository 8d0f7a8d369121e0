/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/poll.h"

#include <errno.h>
#include <unistd.h>

#include "base/index.h"
#include "base/io.h"

enum {
	ATTEMPTS = 3, /* to find a thread that does not exit before it is read */
	FDS = 4,
	FDS_OF_KTHREAD = 2,
};

static bool is_dead(char state)
{
	return state == 'Z' || state == 'X';
}

/*
 * Opens the files of a task that has the memory; that is not the leader if the leader has exited.
 */
static int open_files(struct proc_poll *p)
{
	auto_close int taskfd = -1;
	int dirfd = p->dirfd;
	int ret = proc_stat_read(p->dirfd, &p->stat);

	if (ret < 0)
		return ret;
	if (p->stat.state == 'Z' && p->stat.threads > 1) {
		taskfd = proc_live_task_open(p->dirfd);
		dirfd = taskfd >= 0 ? taskfd : dirfd;
	}
	if (p->stat.kthread)
		return 0;
	p->statusfd = io_open_at(dirfd, "status");
	p->pagemapfd = io_open_at(dirfd, "pagemap");
	return p->statusfd == -ESRCH || p->statusfd == -ENOENT ? -ESRCH : 0;
}

static void close_files(struct proc_poll *p)
{
	util_cleanup_close(&p->statusfd);
	util_cleanup_close(&p->pagemapfd);
	p->statusfd = p->pagemapfd = -1;
}

int proc_poll_open(const struct procfs *fs, pid_t pid, struct proc_poll *ret)
{
	struct proc_poll p = PROC_POLL_INIT;
	int error;

	p.pid = pid;
	p.dirfd = procfs_open_pid(fs, pid);
	if (p.dirfd < 0)
		return p.dirfd == -ENOENT ? -ESRCH : p.dirfd;
	error = open_files(&p);
	if (error < 0) {
		proc_poll_close(&p);
		return error;
	}
	*ret = p;
	return 0;
}

void proc_poll_close(struct proc_poll *p)
{
	close_files(p);
	util_cleanup_close(&p->dirfd);
	p->dirfd = -1;
}

bool proc_poll_has_ended(const struct proc_poll *p)
{
	return is_dead(p->stat.state) && p->stat.threads <= 1;
}

bool proc_poll_is_there(const struct proc_poll *p)
{
	return faccessat(p->dirfd, "stat", F_OK, 0) == 0;
}

size_t proc_poll_fds(const struct proc_poll *p)
{
	return p->stat.kthread ? FDS_OF_KTHREAD : FDS;
}

/*
 * Returns whether a task has exited or is exiting: it frees its memory first, which takes a while
 * if there is much, and becomes a zombie after that.
 */
static bool is_exiting(const struct proc_poll *p, const struct proc_status *status)
{
	return is_dead(status->state) ||
	       (!p->stat.kthread && status->v[PS_VM_SIZE].why == REASON_NO_MM);
}

/* Returns whether the address space that the pagemap was opened for no longer exists. */
static bool has_lost_space(const struct proc_poll *p, const char *comm)
{
	uint64_t entry;

	if (p->pagemapfd >= 0)
		return pread(p->pagemapfd, &entry, sizeof(entry), 0) != sizeof(entry);
	return !p->stat.kthread && !streq(comm, p->stat.comm);
}

static int read_status(const struct proc_poll *p, struct sbuf *text, struct proc_status *ret_status)
{
	int ret = p->statusfd >= 0 ? proc_status_reread(p->statusfd, text, ret_status)
				   : proc_status_read(p->dirfd, ret_status);

	return ret == -ENOENT ? -ESRCH : ret;
}

/*
 * Opens the files again: after exec they are different ones, and threads can outlive their leader.
 * The thread whose files are opened may exit before they are read.
 */
static int read_anew(struct proc_poll *p, struct sbuf *text, struct proc_status *ret_status)
{
	int ret = -ESRCH;

	for (int i = 0; i < ATTEMPTS && ret == -ESRCH; i++) {
		close_files(p);
		ret = open_files(p);
		if (ret == 0)
			ret = read_status(p, text, ret_status);
		if (ret == 0 && is_exiting(p, ret_status))
			ret = -ESRCH;
	}
	return ret;
}

int proc_poll_read(struct proc_poll *p, struct sbuf *text, struct proc_status *ret_status)
{
	struct proc_status status;
	int ret = read_status(p, text, &status);
	bool other = false;

	/* -ESRCH may be true only for the thread that was read in place of its leader. */
	if (ret == 0 || ret == -ESRCH)
		other = has_lost_space(p, ret == 0 ? status.comm : p->stat.comm);
	if (ret == -ESRCH || (ret == 0 && (other || is_exiting(p, &status))))
		ret = read_anew(p, text, &status);
	if (ret < 0)
		return ret;
	*ret_status = status;
	return other;
}

uint64_t proc_poll_exec_id(const struct proc_poll *p)
{
	if (p->stat.start_code > 1)
		return index_hash_u64(p->stat.start_code, p->stat.start_stack);
	return index_hash_bytes(p->stat.comm, strlen(p->stat.comm));
}
