/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opens and locks the directory, adds snapshots, and reads and writes state files. prune.c removes
 * snapshots.
 */
#include "model/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/dir.h"
#include "base/io.h"
#include "base/num.h"

enum {
	MAX_SUFFIX = 1000, /* snapshots in one second */
	PATH_SHOWN = 300,  /* bytes of a directory in an error message */
};

static const char lock_name[] = "watch.lock";

char *store_default_path(bool root, const char *state_directory, const char *xdg_state_home,
			 const char *home)
{
	/* Set by systemd to our own directory; if there are several, colons separate them. */
	if (state_directory && *state_directory == '/')
		return xasprintf("%.*s/snapshots", (int)strcspn(state_directory, ":"),
				 state_directory);
	if (root)
		return xstrdup("/var/lib/memspect/snapshots");
	if (xdg_state_home && *xdg_state_home == '/')
		return xasprintf("%s/memspect/snapshots", xdg_state_home);
	if (home && *home == '/')
		return xasprintf("%s/.local/state/memspect/snapshots", home);
	return NULL;
}

void store_release(struct store *s)
{
	if (!s)
		return;
	free(s->path);
	if (s->lockfd >= 0)
		(void)close(s->lockfd);
	if (s->dirfd >= 0)
		(void)close(s->dirfd);
	*s = (struct store)STORE_INIT;
}

/* Sets err to "DIRECTORY/NAME: why", without NAME if it is NULL. */
static int fail(const struct store *s, const char *name, int code, struct err *err)
{
	struct stat st;

	if (code == -ENOENT && fstat(s->dirfd, &st) == 0 && st.st_nlink == 0)
		return err_set(err, ENOENT, "%.*s: the directory was removed", PATH_SHOWN, s->path);
	return err_set_errno(err, -code, "%.*s%s%s", PATH_SHOWN, s->path, name ? "/" : "",
			     name ? name : "");
}

/* Makes a directory and its parents; errors show when it is opened. */
static void make_with_parents(const char *path)
{
	auto_free char *part = xstrdup(path);

	for (char *p = strchr(part + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		(void)mkdir(part, 0700);
		*p = '/';
	}
	(void)mkdir(part, 0700);
}

static int open_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int refuse_unopened(const char *path, int code, struct err *err)
{
	struct stat st;

	if (code == -ENOTDIR && lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		return err_set(err, ELOOP, "%.*s: a symbolic link; name the directory itself",
			       PATH_SHOWN, path);
	return err_set_errno(err, -code, "%.*s", PATH_SHOWN, path);
}

/* Checks the rules that the header explains. */
static int check_directory(const char *path, int fd, struct err *err)
{
	uid_t us = geteuid();
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_set_errno(err, errno, "%.*s", PATH_SHOWN, path);
	if (st.st_uid != us && st.st_uid != 0)
		return err_set(err, EPERM, "%.*s: unsafe: belongs to user %u", PATH_SHOWN, path,
			       (unsigned int)st.st_uid);
	if (us == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) && !(st.st_mode & S_ISVTX))
		return err_set(err, EPERM, "%.*s: unsafe: users other than root may write to it",
			       PATH_SHOWN, path);
	return 0;
}

int store_open(const char *path, struct store *ret_store, struct err *err)
{
	auto_store s = STORE_INIT;
	size_t len = strlen(path);
	int ret;

	/* With a slash at the end, open would follow a link. */
	while (len > 1 && path[len - 1] == '/')
		len--;
	s.path = xstrndup(path, len);
	s.dirfd = open_directory(s.path);
	if (s.dirfd == -ENOENT && len > 0) {
		make_with_parents(s.path);
		s.dirfd = open_directory(s.path);
	}
	if (s.dirfd < 0)
		return refuse_unopened(s.path, s.dirfd, err);
	ret = check_directory(s.path, s.dirfd, err);
	if (ret < 0)
		return ret;
	*ret_store = s;
	s = (struct store)STORE_INIT;
	return 0;
}

/*
 * Opens the lock file for writing, but only if it is a regular file of ours that has no other name.
 */
static int open_lock(int dirfd)
{
	const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	auto_close int fd = openat(dirfd, lock_name, flags, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink > 1)
		return -EPERM;
	return steal_fd(&fd);
}

static int refuse_locked(const struct store *s, int fd, struct err *err)
{
	char text[24] = "";
	const char *p = text;
	uint64_t pid;
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0 || !num_scan_u64(&p, text + n, &pid))
		return err_set(err, EBUSY, "%.*s: in use by another watch", PATH_SHOWN, s->path);
	return err_set(err, EBUSY, "%.*s: in use by another watch, process %llu", PATH_SHOWN,
		       s->path, (unsigned long long)pid);
}

/*
 * Writes our pid for the error message of another watch. The lock works without it, as on a full
 * disk.
 */
static bool note_pid(int fd)
{
	char pid[24];
	int len = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());

	return ftruncate(fd, 0) == 0 && pwrite(fd, pid, (size_t)len, 0) == len;
}

int store_lock(struct store *s, struct err *err)
{
	auto_close int fd = open_lock(s->dirfd);

	if (fd < 0)
		return fail(s, lock_name, fd, err);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? refuse_locked(s, fd, err)
					    : fail(s, lock_name, -errno, err);
	(void)note_pid(fd);
	s->lockfd = steal_fd(&fd);
	(void)atomic_file_sweep(s->dirfd); /* the next watch removes the rest */
	return 0;
}

/*
 * Returns 0 if a file system cannot sync directories; a name that may not survive a crash is an
 * error.
 */
static int sync_directory(const struct store *s)
{
	return fsync(s->dirfd) == 0 || errno == EINVAL ? 0 : -errno;
}

static struct store_stamp next(struct store_stamp stamp)
{
	stamp.suffix = MIN(MAX(stamp.suffix + 1, 2U), (unsigned int)MAX_SUFFIX);
	return stamp;
}

/*
 * Gives the file the first free name of its second that is behind all names given before. Reusing
 * the name of a removed snapshot would make the newest look like the oldest.
 */
static int give_name(struct store *s, struct atomic_file *f, int64_t seconds,
		     char name[STORE_NAME_MAX])
{
	struct store_stamp stamp = { seconds, 0 };

	if (s->last.seconds == seconds)
		stamp = next(s->last);
	for (;; stamp = next(stamp)) {
		int ret;

		store_name_format(stamp, name);
		ret = atomic_file_rename_new(f, name);
		s->last = stamp;
		if (ret != -EEXIST || stamp.suffix == MAX_SUFFIX)
			return ret;
	}
}

int store_add(struct store *s, int64_t wall_ns, atomic_fill_fn *fill, void *arg,
	      char ret_name[STORE_NAME_MAX], struct err *err)
{
	auto_atomic_file f = ATOMIC_FILE_INIT;
	char name[STORE_NAME_MAX];
	int ret = atomic_file_write(s->dirfd, "", fill, arg, &f);

	if (ret < 0)
		return fail(s, NULL, ret, err);
	ret = give_name(s, &f, wall_ns / NS_PER_S, name);
	if (ret == 0)
		ret = sync_directory(s);
	if (ret < 0)
		return fail(s, name, ret, err);
	memcpy(ret_name, name, sizeof(name));
	return 0;
}

int store_put(struct store *s, const char *name, atomic_fill_fn *fill, void *arg, struct err *err)
{
	int ret = atomic_file_replace(s->dirfd, name, fill, arg);

	if (ret == 0)
		ret = sync_directory(s);
	return ret < 0 ? fail(s, name, ret, err) : 0;
}

int store_get(struct store *s, const char *name, size_t max, struct sbuf *out, struct err *err)
{
	struct stat st;
	auto_close int fd = dir_open_own(s->dirfd, name, &st);
	int ret;

	if (fd == -ENOENT)
		return fd;
	if (fd == -EPERM)
		return err_set(err, EPERM, "%.*s/%s: not a file of memspect", PATH_SHOWN, s->path,
			       name);
	if (fd < 0)
		return fail(s, name, fd, err);
	if ((uint64_t)st.st_size > max)
		return fail(s, name, -EFBIG, err);
	sbuf_reset(out);
	sbuf_reserve(out, (size_t)st.st_size);
	ret = io_pread_full(fd, out->data, (size_t)st.st_size, 0);
	if (ret < 0)
		return fail(s, name, ret, err);
	out->len = (size_t)st.st_size;
	out->data[out->len] = '\0';
	return 0;
}
