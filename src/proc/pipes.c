/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/pipes.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/io.h"
#include "proc/procinfo.h"

enum { PIDFD_ANY_THREAD = O_EXCL }; /* PIDFD_THREAD, since Linux 6.9 */

/* The system calls exist since Linux 5.6, and for other threads than the first since 6.9. */
enum reason pipe_why_not(int code)
{
	return code == -ENOSYS || code == -EINVAL ? REASON_NOT_REPORTED : reason_of_errno(code);
}

int pipe_open_process(int dirfd, pid_t pid)
{
	struct proc_stat stat;
	int ret = proc_stat_read(dirfd, &stat);
	long fd;

	if (ret < 0)
		return ret;
	fd = syscall(SYS_pidfd_open, stat.pid, stat.pid == pid ? 0 : PIDFD_ANY_THREAD);
	if (fd < 0)
		return -errno;
	ret = proc_stat_read(dirfd, &stat);
	if (ret == 0)
		return (int)fd;
	(void)close((int)fd);
	return ret;
}

int pipe_measure(int pidfd, int number, uint64_t inode, struct amount *ret_bytes,
		 struct amount *ret_capacity)
{
	auto_close int fd = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
	struct stat st;
	int queued, capacity;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode) || st.st_ino != inode)
		return -EBADF;
	capacity = fcntl(fd, F_GETPIPE_SZ);
	if (capacity < 0 || ioctl(fd, FIONREAD, &queued) < 0)
		return -errno;
	*ret_bytes = amount_of((uint64_t)MAX(queued, 0));
	*ret_capacity = amount_of((uint64_t)capacity);
	return 0;
}
