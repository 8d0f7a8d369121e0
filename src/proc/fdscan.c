/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/fdscan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "base/alloc.h"
#include "base/index.h"
#include "base/io.h"
#include "base/num.h"
#include "proc/fdinfo.h"
#include "proc/memfs.h"
#include "proc/pipes.h"
#include "proc/procinfo.h"

/*
 * The kinds of objects. An object is identified by its kind and two numbers whose meaning depends
 * on the kind.
 */
enum object_kind {
	OBJ_FILE,
	OBJ_PIPE,
	OBJ_SOCKET,
	OBJ_DRM_CLIENT,
	OBJ_DMABUF,
	OBJ_BPF_MAP,
	OBJ_BPF_PROG
};

struct object {
	enum object_kind kind;
	uint64_t a, b;
};

struct scan {
	const struct procfs *fs;
	int dirfd;
	pid_t pid;
	int fdfd, infofd; /* dirfd/fd and fdinfo */
	struct fdscan *out;
	size_t cap_files, cap_sockets;
	struct sbuf link, info; /* of the current descriptor */
	struct object *seen;
	size_t n_seen, cap_seen;
	struct index seen_index;
	struct memfs memfs;
	bool memfs_ready;
	bool pidfd_known; /* it was opened, or opening was tried */
	int pidfd;        /* or -errno */
};

static void scan_release(struct scan *sc)
{
	util_cleanup_close(&sc->infofd);
	util_cleanup_close(&sc->pidfd);
	sbuf_release(&sc->link);
	sbuf_release(&sc->info);
	free(sc->seen);
	index_release(&sc->seen_index);
	memfs_release(&sc->memfs);
}

#define auto_scan __attribute__((cleanup(scan_release))) struct scan

static bool same_object(const void *arg, uint32_t i, const void *key)
{
	const struct scan *sc = arg;
	const struct object *a = &sc->seen[i], *b = key;

	return a->kind == b->kind && a->a == b->a && a->b == b->b;
}

/* Returns false for the first descriptor of an object, true for all others. */
static bool is_seen(struct scan *sc, enum object_kind kind, uint64_t a, uint64_t b)
{
	const struct object obj = { kind, a, b };
	uint64_t hash = index_hash_u64(a, b ^ (uint64_t)kind << 56);

	if (index_find(&sc->seen_index, hash, same_object, sc, &obj) != INDEX_NONE)
		return true;
	sc->seen = xgrow(sc->seen, sc->n_seen, &sc->cap_seen, sizeof(*sc->seen));
	sc->seen[sc->n_seen] = obj;
	index_add(&sc->seen_index, hash, (uint32_t)sc->n_seen++);
	return false;
}

static enum reason why_failed(const struct procfs *fs, int code)
{
	return code == -ENOENT && !fs->live ? REASON_NOT_RECORDED : reason_of_errno(code);
}

/* Adds to a sum, which stays absent once one part is absent. */
static void add(struct amount *sum, struct amount part)
{
	*sum = amount_add(*sum, part);
}

/*
 * Reads fdinfo of a descriptor. Returns false if it was closed meanwhile, or if it cannot be read:
 * then *sum becomes absent.
 */
static bool read_info(struct scan *sc, const char *name, struct amount *sum)
{
	int ret = fdinfo_read(sc->infofd, name, &sc->info);

	if (ret < 0 && (ret != -ENOENT || !sc->fs->live))
		add(sum, amount_absent(why_failed(sc->fs, ret)));
	return ret == 0;
}

/* "socket:[123]" */
static bool link_inode(const struct scan *sc, uint64_t *ret_inode)
{
	const char *p = strchr(sbuf_str(&sc->link), '[');
	const char *end = sc->link.data + sc->link.len;

	return p && (p++, num_scan_u64(&p, end, ret_inode)) && end - p == 1 && *p == ']';
}

/*
 * Returns the kinds of socket that a descriptor may be. sockfs reports the protocol in an
 * attribute, so that the kernel need not be asked for all sockets of a protocol that the process
 * does not use.
 */
static unsigned int socket_kinds(const struct scan *sc, const char *name)
{
	static const char *const protocols[SOCKET_KIND_COUNT] = {
		[SOCKET_UNIX] = "UNIX",  [SOCKET_TCP] = "TCP",    [SOCKET_TCP6] = "TCPv6",
		[SOCKET_UDP] = "UDP",    [SOCKET_UDP6] = "UDPv6", [SOCKET_RAW] = "RAW",
		[SOCKET_RAW6] = "RAWv6",
	};
	char path[64], protocol[32];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", sc->fdfd, name);
	n = getxattr(path, "system.sockprotoname", protocol, sizeof(protocol) - 1);
	if (n < 0)
		return SOCKET_KINDS_ALL;
	protocol[n] = '\0';
	if (starts_with(protocol, "UNIX-")) /* "UNIX-STREAM" since Linux 5.15 */
		return 1U << SOCKET_UNIX;
	for (int i = 0; i < SOCKET_KIND_COUNT; i++)
		if (streq(protocol, protocols[i]))
			return 1U << i;
	return 0;
}

static void look_socket(struct scan *sc, const char *name)
{
	struct fdscan *out = sc->out;
	uint64_t inode;

	if (!link_inode(sc, &inode) || is_seen(sc, OBJ_SOCKET, inode, 0))
		return;
	out->sockets = xgrow(out->sockets, out->n_sockets, &sc->cap_sockets, sizeof(*out->sockets));
	out->sockets[out->n_sockets++] = inode;
	if (sc->fs->live && out->socket_kinds != SOCKET_KINDS_ALL)
		out->socket_kinds |= socket_kinds(sc, name);
}

static int measure_pipe(struct scan *sc, const char *name, uint64_t inode, struct amount *ret_bytes,
			struct amount *ret_capacity)
{
	uint64_t number;

	if (!sc->pidfd_known) {
		sc->pidfd_known = true;
		sc->pidfd = pipe_open_process(sc->dirfd, sc->pid);
	}
	if (sc->pidfd < 0)
		return sc->pidfd;
	if (num_parse_u64(name, &number) < 0)
		return -EBADF;
	return pipe_measure(sc->pidfd, (int)number, inode, ret_bytes, ret_capacity);
}

static void look_pipe(struct scan *sc, const char *name)
{
	struct amount bytes = amount_absent(REASON_NOT_RECORDED), capacity = bytes;
	uint64_t inode;

	if (!link_inode(sc, &inode) || is_seen(sc, OBJ_PIPE, inode, 0))
		return;
	if (sc->fs->live) {
		int ret = measure_pipe(sc, name, inode, &bytes, &capacity);

		if (ret == -EBADF)
			return;
		if (ret < 0)
			bytes = capacity = amount_absent(pipe_why_not(ret));
	}
	sc->out->n_pipes++;
	add(&sc->out->pipe_bytes, bytes);
	add(&sc->out->pipe_capacity, capacity);
}

static void look_bpf(struct scan *sc, const char *name)
{
	bool is_map = ends_with(sc->link.data, "map");
	struct amount id, *sum = &sc->out->bpf_bytes;

	if (!read_info(sc, name, sum))
		return;
	id = fdinfo_number(&sc->info, is_map ? "map_id:" : "prog_id:");
	if (!amount_ok(id)) {
		add(sum, id);
		return;
	}
	if (is_seen(sc, is_map ? OBJ_BPF_MAP : OBJ_BPF_PROG, id.value, 0))
		return;
	sc->out->n_bpf++;
	add(sum, fdinfo_number(&sc->info, "memlock:"));
}

static void look_dmabuf(struct scan *sc, const char *name)
{
	struct amount inode, *sum = &sc->out->dmabuf_bytes;
	struct stat st;

	if (!read_info(sc, name, sum))
		return;
	inode = fdinfo_number(&sc->info, "ino:"); /* since Linux 5.14 */
	if (!amount_ok(inode) && sc->fs->live && fstatat(sc->fdfd, name, &st, 0) == 0)
		inode = amount_of(st.st_ino);
	if (!amount_ok(inode)) {
		add(sum, inode);
		return;
	}
	if (is_seen(sc, OBJ_DMABUF, inode.value, 0))
		return;
	sc->out->n_dmabuf++;
	add(sum, fdinfo_number(&sc->info, "size:"));
}

static void look_drm(struct scan *sc, const char *name)
{
	struct amount client, *sum = &sc->out->drm_bytes;

	if (!read_info(sc, name, sum))
		return;
	client = fdinfo_number(&sc->info, "drm-client-id:");
	if (!amount_ok(client)) {
		add(sum, client);
		return;
	}
	if (is_seen(sc, OBJ_DRM_CLIENT, client.value, fdinfo_drm_device(&sc->info)))
		return;
	sc->out->n_drm++;
	add(sum, fdinfo_drm_bytes(&sc->info));
}

/* Returns whether fdinfo says that the descriptor's path is on a mount without files in memory. */
static bool is_on_other_mount(struct scan *sc, const char *name)
{
	struct amount id;

	if (fdinfo_read(sc->infofd, name, &sc->info) < 0)
		return false;
	id = fdinfo_number(&sc->info, "mnt_id:");
	return amount_ok(id) && memfs_rules_out(&sc->memfs, id.value);
}

static void add_file(struct scan *sc, const struct statx *stx, uint64_t dev)
{
	struct fdscan *out = sc->out;
	struct fd_file file = {
		.dev = dev,
		.inode = stx->stx_ino,
		.bytes = num_mul_sat(stx->stx_blocks, 512),
		.unlinked = stx->stx_nlink == 0,
	};

	if (is_seen(sc, OBJ_FILE, file.dev, file.inode))
		return;
	out->files = xgrow(out->files, out->n_files, &sc->cap_files, sizeof(*out->files));
	out->files[out->n_files++] = file;
	add(&out->file_bytes, amount_of(file.bytes));
}

/*
 * Looks up a path. statx does not ask a server here, but following the link does on some network
 * file systems, and would block if the server does not answer. So if the process sees such a mount,
 * and for recorded trees, fdinfo is asked first which mount the path is on.
 */
static void look_path(struct scan *sc, const char *name)
{
	struct statx stx;
	uint64_t dev;

	if (!sc->memfs_ready)
		memfs_init(&sc->memfs, sc->dirfd);
	sc->memfs_ready = true;
	if ((sc->memfs.has_network || !sc->fs->live) && is_on_other_mount(sc, name))
		return;
	if (!sc->fs->live) {
		add(&sc->out->file_bytes, amount_absent(REASON_NOT_RECORDED));
		return;
	}
	if (statx(sc->fdfd, name, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		  STATX_TYPE | STATX_NLINK | STATX_INO | STATX_BLOCKS, &stx) < 0 ||
	    !S_ISREG(stx.stx_mode))
		return;
	dev = makedev(stx.stx_dev_major, stx.stx_dev_minor);
	if (memfs_has_device(&sc->memfs, sc->fdfd, name, dev))
		add_file(sc, &stx, dev);
}

/*
 * The prefixes of links; the first match decides. Device nodes are recognised by their usual path,
 * which also works for a recorded tree. /dev/kfd is left out: a render node reports the same
 * memory.
 */
static const struct {
	const char *prefix;
	void (*look)(struct scan *sc, const char *name);
} links[] = {
	{ "socket:[", look_socket },
	{ "pipe:[", look_pipe },
	{ "anon_inode:bpf-map", look_bpf },
	{ "anon_inode:bpf-prog", look_bpf },
	{ "anon_inode:dmabuf", look_dmabuf },
	{ "/dmabuf:", look_dmabuf },
	{ "/dev/dri/", look_drm },
	{ "/dev/accel/", look_drm },
	{ "/", look_path },
};

/*
 * Examines one descriptor; ignores one that was closed meanwhile. Returns 0, or -errno if no
 * descriptor can be examined.
 */
static int look(struct scan *sc, const char *name)
{
	int ret = io_readlink_at(sc->fdfd, name, &sc->link);

	if (ret == -ENOENT)
		return 0;
	if (ret == -ENAMETOOLONG) /* the kernel prints no path longer than a page */
		sbuf_addch(&sc->link, '/');
	else if (ret < 0)
		return ret;
	sc->out->descriptors.value++;
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		if (!starts_with(sbuf_str(&sc->link), links[i].prefix))
			continue;
		links[i].look(sc, name);
		break;
	}
	return 0;
}

static int compare_inodes(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return (a > b) - (a < b);
}

static bool is_number(const char *name)
{
	return name[0] >= '0' && name[0] <= '9';
}

static int look_at_all(struct scan *sc, DIR *dir)
{
	const struct dirent *entry;
	int ret;

	for (errno = 0; (entry = readdir(dir)); errno = 0) {
		if (!is_number(entry->d_name))
			continue;
		if (sc->out->descriptors.value == FDSCAN_MAX)
			return -E2BIG;
		ret = look(sc, entry->d_name);
		if (ret < 0)
			return ret;
	}
	return -errno;
}

/*
 * Returns whether the process is dying: its descriptors are then closed one by one, and those that
 * are left would look complete.
 */
static bool is_gone(const struct scan *sc)
{
	struct proc_stat stat;

	return sc->fs->live &&
	       (proc_stat_read(sc->dirfd, &stat) < 0 || stat.state == 'Z' || stat.state == 'X');
}

/* Sets all amounts of a scan to the same value. */
static void set_amounts(struct fdscan *scan, struct amount a)
{
	struct amount *all[] = { &scan->descriptors,  &scan->file_bytes, &scan->drm_bytes,
				 &scan->dmabuf_bytes, &scan->bpf_bytes,  &scan->pipe_bytes,
				 &scan->pipe_capacity };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		*all[i] = a;
}

static int scan_run(struct scan *sc)
{
	int fd = openat(sc->dirfd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		ret = -errno;
		util_cleanup_close(&fd);
		return ret;
	}
	sc->fdfd = dirfd(dir);
	fd = openat(sc->dirfd, "fdinfo", O_PATH | O_DIRECTORY | O_CLOEXEC);
	sc->infofd = fd < 0 ? -errno : fd;
	ret = look_at_all(sc, dir);
	(void)closedir(dir);
	if (ret == 0 && is_gone(sc))
		ret = -ESRCH;
	if (ret == 0 && sc->out->n_sockets)
		qsort(sc->out->sockets, sc->out->n_sockets, sizeof(uint64_t), compare_inodes);
	return ret;
}

void fdscan_read(const struct procfs *fs, int dirfd, pid_t pid, struct fdscan *ret_scan)
{
	struct fdscan out = { .n_files = 0 };
	auto_scan sc = {
		.fs = fs,
		.dirfd = dirfd,
		.pid = pid,
		.infofd = -1,
		.out = &out,
		.pidfd = -1,
	};
	int ret;

	set_amounts(&out, amount_of(0));
	ret = scan_run(&sc);
	if (ret < 0) {
		fdscan_release(&out);
		set_amounts(&out, amount_absent(ret == -E2BIG ? REASON_TOO_MANY_DESCRIPTORS
							      : why_failed(fs, ret)));
	}
	*ret_scan = out;
}

void fdscan_release(struct fdscan *scan)
{
	free(scan->files);
	free(scan->sockets);
	*scan = (struct fdscan){ .n_files = 0 };
}
