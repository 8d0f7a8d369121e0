/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The temporary file has a name that cannot be guessed, so that nobody can create it first. It is
 * locked, so that a file left by a killed writer can be told from a file that is being written: a
 * pid in the name would not do, as another process may have that pid by then.
 */
#include "base/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/dir.h"
#include "base/path.h"

#define TMP_PREFIX ".memspect-"
#define TMP_SUFFIX ".tmp"

enum {
	TMP_DIGITS = 16,
	TMP_ATTEMPTS = 100,
};

void atomic_file_release(struct atomic_file *f)
{
	if (!f)
		return;
	if (f->tmp)
		(void)unlinkat(f->dirfd, f->tmp, 0);
	free(f->tmp);
	if (f->fd >= 0)
		(void)close(f->fd);
	*f = (struct atomic_file)ATOMIC_FILE_INIT;
}

/*
 * Returns whether no sweep can remove this open file: it still exists, and it is locked or the file
 * system has no locks.
 */
static bool keep_from_sweep(int fd)
{
	struct stat st;

	if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		return false;
	return fstat(fd, &st) == 0 && st.st_nlink > 0;
}

static int create(int dirfd, const char *path, struct atomic_file *f)
{
	int dir_len = (int)(path_base(path) - path);

	for (int i = 0; i < TMP_ATTEMPTS; i++) {
		auto_free char *tmp = NULL;
		uint64_t id;
		int fd;

		if (getrandom(&id, sizeof(id), 0) != sizeof(id))
			return -errno;
		tmp = xasprintf("%.*s" TMP_PREFIX "%0*llx" TMP_SUFFIX, dir_len, path, TMP_DIGITS,
				(unsigned long long)id);
		fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0 && keep_from_sweep(fd)) {
			*f = (struct atomic_file){ dirfd, steal_ptr(tmp), fd };
			return 0;
		}
		if (fd < 0 && errno != EEXIST)
			return -errno;
		if (fd >= 0)
			(void)close(fd);
	}
	return -EEXIST;
}

/*
 * Returns a stream on a duplicate of fd: closing the stream may report errors, and must not release
 * the lock.
 */
static FILE *stream_of(int fd)
{
	auto_close int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	FILE *out = copy < 0 ? NULL : fdopen(copy, "w");

	if (out)
		(void)steal_fd(&copy);
	return out;
}

static int fill_file(int fd, atomic_fill_fn *fill, void *arg)
{
	auto_fclose FILE *out = stream_of(fd);
	FILE *f = out;
	int ret;

	if (!out)
		return -errno;
	ret = fill(out, arg);
	if (ret == 0 && (fflush(out) != 0 || fsync(fd) != 0))
		ret = -errno;
	/* An earlier write may have failed although the last one succeeded. */
	if (ret == 0 && ferror(out))
		ret = -EIO;
	out = NULL;
	if (fclose(f) != 0 && ret == 0)
		ret = -errno;
	return ret;
}

int atomic_file_write(int dirfd, const char *path, atomic_fill_fn *fill, void *arg,
		      struct atomic_file *ret_file)
{
	auto_atomic_file f = ATOMIC_FILE_INIT;
	int ret = create(dirfd, path, &f);

	if (ret == 0)
		ret = fill_file(f.fd, fill, arg);
	if (ret < 0)
		return ret;
	*ret_file = f;
	f = (struct atomic_file)ATOMIC_FILE_INIT;
	return 0;
}

/* Forgets the name of the temporary file, which another process may use from now on. */
static int named(struct atomic_file *f)
{
	free(steal_ptr(f->tmp));
	return 0;
}

int atomic_file_rename(struct atomic_file *f, const char *path)
{
	return renameat(f->dirfd, f->tmp, f->dirfd, path) == 0 ? named(f) : -errno;
}

int atomic_file_rename_new(struct atomic_file *f, const char *path)
{
	if (renameat2(f->dirfd, f->tmp, f->dirfd, path, RENAME_NOREPLACE) == 0)
		return named(f);
	/* Not every file system supports the flag. A link does not replace a file either. */
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (linkat(f->dirfd, f->tmp, f->dirfd, path, 0) != 0)
		return -errno;
	(void)unlinkat(f->dirfd, f->tmp, 0);
	return named(f);
}

int atomic_file_replace(int dirfd, const char *path, atomic_fill_fn *fill, void *arg)
{
	auto_atomic_file f = ATOMIC_FILE_INIT;
	int ret = atomic_file_write(dirfd, path, fill, arg, &f);

	return ret < 0 ? ret : atomic_file_rename(&f, path);
}

static bool is_tmp_name(const char *name)
{
	const char *digits = name + strlen(TMP_PREFIX);

	return starts_with(name, TMP_PREFIX) && strspn(digits, "0123456789abcdef") == TMP_DIGITS &&
	       streq(digits + TMP_DIGITS, TMP_SUFFIX);
}

static void sweep_one(const char *name, void *arg)
{
	const int *dirfd = arg;
	auto_close int fd = -1;
	struct stat st;

	if (!is_tmp_name(name))
		return;
	fd = dir_open_own(*dirfd, name, &st);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		(void)unlinkat(*dirfd, name, 0);
}

int atomic_file_sweep(int dirfd)
{
	return dir_each(dirfd, sweep_one, &dirfd);
}
