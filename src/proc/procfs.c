/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <sys/syscall.h>

#include "base/alloc.h"
#include "base/io.h"
#include "base/num.h"
#include "base/sbuf.h"
#include "proc/live.h"

enum { DECIMAL_MAX = 16 }; /* long enough for any pid as text */

static void cleanup_closedir(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

#define auto_closedir __attribute__((cleanup(cleanup_closedir)))

static int open_dir(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int procfs_open(const char *root, struct procfs *ret_fs, struct err *err)
{
	const char *path = root ? root : "/proc";
	int fd = open_dir(AT_FDCWD, path), sysfd;

	if (fd < 0)
		return err_set_errno(err, -fd, "%s", path);
	/* sys is beside /proc, and beside a recorded proc. */
	sysfd = open_dir(fd, "../sys/fs/cgroup");
	ret_fs->rootfd = fd;
	ret_fs->sysfd = MAX(sysfd, -1);
	ret_fs->live = !root;
	return 0;
}

void procfs_close(struct procfs *fs)
{
	util_cleanup_close(&fs->rootfd);
	util_cleanup_close(&fs->sysfd);
	*fs = (struct procfs)PROCFS_INIT;
}

int procfs_open_pid(const struct procfs *fs, pid_t pid)
{
	char name[DECIMAL_MAX];

	(void)snprintf(name, sizeof(name), "%d", pid);
	return open_dir(fs->rootfd, name);
}

/*
 * Parses the name of a directory as a number: no sign, no leading zero. Returns 0 if it is not a
 * number.
 */
static pid_t number_of_name(const char *name)
{
	uint64_t v;

	if (name[0] == '0' || num_parse_u64(name, &v) < 0 || v > INT_MAX)
		return 0;
	return (pid_t)v;
}

static int compare_pids(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

static void sort_pids(pid_t *pids, size_t n)
{
	if (n > 1)
		qsort(pids, n, sizeof(*pids), compare_pids);
}

int procfs_list_numbers(int dirfd, const char *name, pid_t **ret_numbers, size_t *ret_n)
{
	auto_close int fd = open_dir(dirfd, name);
	auto_closedir DIR *dir = NULL;
	auto_free pid_t *numbers = NULL;
	const struct dirent *entry;
	size_t n = 0, cap = 0;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir)
		return -errno;
	(void)steal_fd(&fd);
	for (errno = 0; (entry = readdir(dir)); errno = 0) {
		pid_t number = number_of_name(entry->d_name);

		if (number == 0)
			continue;
		numbers = xgrow(numbers, n, &cap, sizeof(*numbers));
		numbers[n++] = number;
	}
	if (errno)
		return -errno;
	sort_pids(numbers, n);
	*ret_numbers = steal_ptr(numbers);
	*ret_n = n;
	return 0;
}

/*
 * Returns our own pid in this /proc, which may belong to another pid namespace; 0 if we are not in
 * it.
 */
static pid_t own_pid(const struct procfs *fs)
{
	char target[DECIMAL_MAX];
	ssize_t n = readlinkat(fs->rootfd, "self", target, sizeof(target) - 1);

	target[MAX(n, 0)] = '\0';
	return number_of_name(target);
}

static size_t remove_pid(pid_t *pids, size_t n, pid_t pid)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (pids[i] != pid)
			pids[kept++] = pids[i];
	}
	return kept;
}

int procfs_list(const struct procfs *fs, pid_t **ret_pids, size_t *ret_n, struct err *err)
{
	pid_t *pids;
	size_t n;
	int r;

	if (!fs->live) {
		r = procfs_list_numbers(fs->rootfd, ".", ret_pids, ret_n);
		return r < 0 ? err_set_errno(err, -r, "cannot list processes") : 0;
	}
	r = live_list(&pids, &n, err);
	if (r < 0)
		return r;
	sort_pids(pids, n);
	*ret_n = remove_pid(pids, n, own_pid(fs));
	*ret_pids = pids;
	return 0;
}

bool procfs_same_mm(const struct procfs *fs, pid_t a, pid_t b)
{
	return fs->live && syscall(SYS_kcmp, a, b, KCMP_VM, 0, 0) == 0;
}

int procfs_same_namespace(const struct procfs *fs, int dirfd, const char *kind)
{
	auto_sbuf name = SBUF_INIT, ours = SBUF_INIT, theirs = SBUF_INIT;
	int ret;

	sbuf_addf(&name, "self/ns/%s", kind);
	ret = io_readlink_at(fs->rootfd, name.data, &ours);
	if (ret < 0)
		return ret;
	ret = io_readlink_at(dirfd, name.data + strlen("self/"), &theirs);
	return ret < 0 ? ret : streq(ours.data, theirs.data);
}
