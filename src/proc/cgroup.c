/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/io.h"
#include "base/num.h"
#include "proc/keyfile.h"

enum {
	V1 = 1,
	V2 = 2,
	VERSIONS,
	CGROUP_FILE_MAX = 64 << 10,
	MOUNTINFO_MAX = 4 << 20,
	LEVELS_MAX = 128, /* the top of a deeper hierarchy is left out */
};

/* "No limit" in version 1: LONG_MAX rounded down to pages, which are 64 KiB at most. */
#define V1_NO_LIMIT UINT64_C(0x7fffffffffff0000)

const char *const cgroup_stat_ids[] = {
	[CS_ANON] = "anon",
	[CS_FILE] = "file",
	[CS_SHMEM] = "shmem",
	[CS_FILE_MAPPED] = "file_mapped",
	[CS_INACTIVE_FILE] = "inactive_file",
	[CS_SLAB] = "slab",
	[CS_KERNEL_STACK] = "kernel_stack",
	[CS_PAGE_TABLES] = "page_tables",
	[CS_SOCK] = "sock",
	[CS_KERNEL] = "kernel",
	[CS_PERCPU] = "percpu",
	[CS_VMALLOC] = "vmalloc",
	[CS_ZSWAP] = "zswap",
};
_Static_assert(ARRAY_SIZE(cgroup_stat_ids) == CS_COUNT, "a row for each");

/*
 * Keys in memory.stat. The total_ keys of version 1 include the groups below, as all keys of
 * version 2 do.
 */
static const struct keyfile_row stat_rows[VERSIONS][CS_COUNT] = {
	[V1] = {
		[CS_ANON] = { .key = "total_rss " },
		[CS_FILE] = { .key = "total_cache " },
		[CS_SHMEM] = { .key = "total_shmem " },
		[CS_FILE_MAPPED] = { .key = "total_mapped_file " },
		[CS_INACTIVE_FILE] = { .key = "total_inactive_file " },
	},
	[V2] = {
		[CS_ANON] = { .key = "anon " },
		[CS_FILE] = { .key = "file " },
		[CS_SHMEM] = { .key = "shmem " },
		[CS_FILE_MAPPED] = { .key = "file_mapped " },
		[CS_INACTIVE_FILE] = { .key = "inactive_file " },
		[CS_SLAB] = { .key = "slab " },
		[CS_KERNEL_STACK] = { .key = "kernel_stack " },
		[CS_PAGE_TABLES] = { .key = "pagetables " },
		[CS_SOCK] = { .key = "sock " },
		[CS_KERNEL] = { .key = "kernel " },
		[CS_PERCPU] = { .key = "percpu " },
		[CS_VMALLOC] = { .key = "vmalloc " },
		[CS_ZSWAP] = { .key = "zswap " },
	},
};

/* Files that hold one number. */
struct level_file {
	size_t at;                  /* offset of the amount in struct cgroup_level */
	const char *name[VERSIONS]; /* NULL: this version does not have the file */
};

#define AT(field) offsetof(struct cgroup_level, field)

static const struct level_file level_files[] = {
	{ AT(current), { [V1] = "memory.usage_in_bytes", [V2] = "memory.current" } },
	{ AT(max), { [V1] = "memory.limit_in_bytes", [V2] = "memory.max" } },
	{ AT(high), { [V2] = "memory.high" } },
	{ AT(swap_max), { [V2] = "memory.swap.max" } },
	{ AT(swap_current), { [V2] = "memory.swap.current" } },
	{ AT(memsw_max), { [V1] = "memory.memsw.limit_in_bytes" } },
	{ AT(memsw_current), { [V1] = "memory.memsw.usage_in_bytes" } },
	{ AT(max_events), { [V1] = "memory.failcnt" } },
};

enum { EVENT_OOM_KILL, EVENT_MAX, EVENT_COUNT };

static const struct keyfile_row event_rows[EVENT_COUNT] = {
	[EVENT_OOM_KILL] = { .key = "oom_kill " },
	[EVENT_MAX] = { .key = "max " },
};

/* Where the control groups of one process are found. */
struct cgroup_reader {
	const struct procfs *fs;
	int version;
	int basefd;      /* top directory of the hierarchy, -1 if there is no hierarchy */
	size_t hidden;   /* bytes of a path above the mount; SIZE_MAX: all of them */
	struct sbuf buf; /* for the file being read */
};

static void reader_release(struct cgroup_reader *v)
{
	util_cleanup_close(&v->basefd);
	sbuf_release(&v->buf);
}

#define auto_reader __attribute__((cleanup(reader_release))) struct cgroup_reader

static bool has_controller(const char *list, const char *end, const char *name)
{
	size_t n = strlen(name);

	while (list < end) {
		const char *comma = memchr(list, ',', (size_t)(end - list));
		const char *stop = comma ? comma : end;

		if ((size_t)(stop - list) == n && memcmp(list, name, n) == 0)
			return true;
		list = stop + 1;
	}
	return false;
}

/*
 * Returns the path in the line "N:CONTROLLER,...:PATH" of a version; NULL if there is no such line.
 */
static char *find_path(const struct sbuf *text, int version)
{
	struct lines lines = lines_of(text);
	const char *line, *end;

	while (lines_next(&lines, &line, &end)) {
		const char *list = memchr(line, ':', (size_t)(end - line)), *path;

		if (!list)
			continue;
		list++;
		path = memchr(list, ':', (size_t)(end - list));
		if (!path || path + 1 == end || path[1] != '/')
			continue;
		if (version == V1 ? has_controller(list, path, "memory") : starts_with(line, "0::"))
			return xstrndup(path + 1, (size_t)(end - path - 1));
	}
	return NULL;
}

/*
 * A controller is in one hierarchy only, so if both versions have a line, the line of version 1
 * decides. Returns -ENODATA if neither has one.
 */
static int find_membership(const struct sbuf *text, int *ret_version, char **ret_path)
{
	for (int version = V1; version <= V2; version++) {
		char *path = find_path(text, version);

		if (path) {
			*ret_version = version;
			*ret_path = path;
			return 0;
		}
	}
	return -ENODATA;
}

int cgroup_path_read(int dirfd, struct sbuf *out)
{
	auto_sbuf text = SBUF_INIT;
	auto_free char *path = NULL;
	int r, version;

	r = io_read_piece_at(dirfd, "cgroup", CGROUP_FILE_MAX, &text);
	if (r < 0)
		return r;
	r = find_membership(&text, &version, &path);
	if (r < 0)
		return r;
	sbuf_reset(out);
	sbuf_adds(out, path);
	return 0;
}

static int open_dir(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int open_base(const struct procfs *fs, int version)
{
	int fd = -ENOENT;

	if (fs->sysfd < 0)
		return -1;
	if (version == V1) {
		fd = open_dir(fs->sysfd, "memory");
		return MAX(fd, -1);
	}
	if (faccessat(fs->sysfd, "cgroup.controllers", F_OK, 0) < 0)
		fd = open_dir(fs->sysfd, "unified"); /* version 2 beside version 1 */
	if (fd < 0)
		fd = open_dir(fs->sysfd, ".");
	return MAX(fd, -1);
}

/*
 * Returns whether a part of the path leads out of the hierarchy. The kernel writes /.. for groups
 * outside our cgroup namespace.
 */
static bool path_leads_out(const char *path)
{
	for (const char *p = path; *p; p += strcspn(p + 1, "/") + 1) {
		size_t n = strcspn(p + 1, "/");

		if ((n == 2 && p[1] == '.' && p[2] == '.') || (n == 0 && p[1] == '/'))
			return true;
	}
	return false;
}

/*
 * Returns the name of a group relative to the base, or NULL if it is above the mounted directory.
 */
static const char *below_base(const struct cgroup_reader *v, const char *path)
{
	if (strlen(path) < v->hidden)
		return NULL;
	path += v->hidden;
	if (*path == '/')
		path++;
	return *path ? path : ".";
}

/*
 * Returns how many bytes of `path` name the directory that is mounted at the base, or SIZE_MAX if
 * path is not below it. In a container without a cgroup namespace, its own group is mounted as if
 * it were the root.
 */
static size_t hidden_part(struct cgroup_reader *v, const char *path)
{
	struct statx stx;
	struct lines lines;
	const char *p, *end, *root_end;

	if (statx(v->basefd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) < 0 ||
	    !(stx.stx_mask & STATX_MNT_ID) ||
	    io_read_at(v->fs->rootfd, "self/mountinfo", MOUNTINFO_MAX, &v->buf) < 0)
		return 0;
	lines = lines_of(&v->buf);
	while (lines_next(&lines, &p, &end)) { /* ID PARENT MAJOR:MINOR ROOT ... */
		uint64_t id;
		size_t n;

		if (!num_scan_u64(&p, end, &id) || id != stx.stx_mnt_id)
			continue;
		p = memchr(p, '/', (size_t)(end - p));
		root_end = p ? memchr(p, ' ', (size_t)(end - p)) : NULL;
		if (!root_end)
			return 0;
		n = (size_t)(root_end - p);
		if (n == 1)
			return 0;
		return strncmp(p, path, n) == 0 && (!path[n] || path[n] == '/') ? n : SIZE_MAX;
	}
	return 0;
}

static void reader_open(struct cgroup_reader *v, const char *path)
{
	v->basefd = open_base(v->fs, v->version);
	if (v->basefd < 0 || !v->fs->live || path_leads_out(path))
		return;
	if (faccessat(v->basefd, below_base(v, path), F_OK, 0) < 0)
		v->hidden = hidden_part(v, path);
}

int cgroup_v2_open(const struct procfs *fs, int dirfd)
{
	auto_reader v = { .fs = fs, .version = V2, .basefd = -1, .buf = SBUF_INIT };
	auto_sbuf text = SBUF_INIT;
	auto_free char *path = NULL;
	int r = io_read_piece_at(dirfd, "cgroup", CGROUP_FILE_MAX, &text);

	if (r < 0)
		return r;
	path = find_path(&text, V2);
	if (!path || path_leads_out(path))
		return -ENOENT;
	reader_open(&v, path);
	return v.basefd < 0 || v.hidden == SIZE_MAX ? -ENOENT
						    : open_dir(v.basefd, below_base(&v, path));
}

static enum reason why_missing(const struct cgroup_reader *v)
{
	return v->fs->live ? REASON_NOT_REPORTED : REASON_NOT_RECORDED;
}

static struct amount number_read(struct cgroup_reader *v, int dirfd, const char *name)
{
	static const struct keyfile_row plain = { .key = "" };
	struct amount a;
	const char *text;
	int r;

	r = io_read_piece_at(dirfd, name, CGROUP_FILE_MAX, &v->buf);
	if (r < 0)
		return amount_absent(r == -ENOENT ? why_missing(v) : reason_of_errno(r));
	text = sbuf_str(&v->buf);
	a = keyfile_value(&plain, text, text + strcspn(text, "\n"));
	if (v->version == V1 && amount_ok(a) && a.value >= V1_NO_LIMIT)
		a.value = UINT64_MAX;
	return a;
}

static void events_read(struct cgroup_reader *v, int dirfd, struct cgroup_level *level)
{
	const char *name = v->version == V1 ? "memory.oom_control" : "memory.events";
	int r = io_read_piece_at(dirfd, name, CGROUP_FILE_MAX, &v->buf);
	struct amount absent = amount_absent(r == -ENOENT ? why_missing(v)
					     : r < 0      ? reason_of_errno(r)
							  : REASON_NOT_REPORTED);
	struct amount values[EVENT_COUNT] = { absent, absent };

	if (r == 0)
		(void)keyfile_parse(&v->buf, event_rows, EVENT_COUNT, values);
	level->oom_kills = values[EVENT_OOM_KILL];
	if (v->version == V2)
		level->max_events = values[EVENT_MAX];
}

static struct amount *level_amount(struct cgroup_level *level, const struct level_file *file)
{
	return (struct amount *)((char *)level + file->at);
}

static void level_set_absent(struct cgroup_level *level, enum reason why)
{
	for (size_t i = 0; i < ARRAY_SIZE(level_files); i++)
		*level_amount(level, &level_files[i]) = amount_absent(why);
	level->oom_kills = amount_absent(why);
}

static void stat_set_absent(struct cgroup_level *level, enum reason why)
{
	for (size_t i = 0; i < CS_COUNT; i++)
		level->stat[i] = amount_absent(why);
}

static void stat_read(struct cgroup_reader *v, int dirfd, struct cgroup_level *level)
{
	int r = io_read_piece_at(dirfd, "memory.stat", CGROUP_FILE_MAX, &v->buf);

	stat_set_absent(level, r < 0 ? reason_of_errno(r) : REASON_NOT_REPORTED);
	if (r < 0)
		return;
	level->has_stat = true;
	(void)keyfile_parse(&v->buf, stat_rows[v->version], CS_COUNT, level->stat);
	if (v->version == V1)
		level->stat[CS_KERNEL] = number_read(v, dirfd, "memory.kmem.usage_in_bytes");
}

/* Returns why a level has no memory.current (v2) or memory.usage_in_bytes (v1). */
static enum reason why_no_current(const struct cgroup_reader *v, const struct cgroup_level *level)
{
	if (v->version == V2 && streq(level->path, "/"))
		return REASON_CGROUP_ROOT;
	return v->fs->live ? REASON_CGROUP_NO_CONTROLLER : REASON_NOT_RECORDED;
}

static void files_read(struct cgroup_reader *v, int dirfd, struct cgroup_level *level)
{
	for (size_t i = 0; i < ARRAY_SIZE(level_files); i++) {
		const char *name = level_files[i].name[v->version];
		struct amount *a = level_amount(level, &level_files[i]);

		*a = name ? number_read(v, dirfd, name) : amount_absent(REASON_CGROUP_VERSION);
		/* If the first file is missing, all others are, for the same reason. */
		if (i == 0 && a->why == why_missing(v)) {
			level_set_absent(level, why_no_current(v, level));
			return;
		}
	}
	events_read(v, dirfd, level);
}

static enum reason why_unopened(const struct cgroup_reader *v, int code)
{
	if (code != -ENOENT)
		return reason_of_errno(code);
	return v->fs->live ? REASON_CGROUP_NOT_VISIBLE : REASON_NOT_RECORDED;
}

/* Reads all values of the level at level->path. */
static void level_read(struct cgroup_reader *v, bool with_stat, struct cgroup_level *level)
{
	const char *name = below_base(v, level->path);
	enum reason why = REASON_NONE;
	auto_close int fd = -1;

	if (v->basefd < 0)
		why = v->fs->live ? REASON_CGROUP_NOT_MOUNTED : REASON_NOT_RECORDED;
	else if (path_leads_out(level->path))
		why = REASON_CGROUP_NAMESPACE;
	else if (!name)
		why = REASON_CGROUP_NOT_VISIBLE;
	if (!why) {
		fd = open_dir(v->basefd, name);
		why = fd < 0 ? why_unopened(v, fd) : REASON_NONE;
	}
	stat_set_absent(level, with_stat && why ? why : REASON_NOT_READ);
	if (why) {
		level_set_absent(level, why);
		return;
	}
	files_read(v, fd, level);
	if (with_stat)
		stat_read(v, fd, level);
}

/*
 * Removes the last part of a path: "/a/b", "/a", "/". Returns false at the top, and if the parents
 * are unknown.
 */
static bool path_ascend(char *path)
{
	char *slash = strrchr(path, '/');

	if (streq(path, "/") || path_leads_out(path))
		return false;
	slash[slash == path] = '\0';
	return true;
}

static void levels_read(struct cgroup_reader *v, char *path, bool with_stat, struct cgroup *cg)
{
	size_t cap = 0;

	reader_open(v, path);
	do {
		cg->levels = xgrow(cg->levels, cg->n, &cap, sizeof(*cg->levels));
		cg->levels[cg->n] = (struct cgroup_level){ .path = xstrdup(path) };
		level_read(v, with_stat && cg->n == 0, &cg->levels[cg->n]);
		cg->n++;
	} while (cg->n < LEVELS_MAX && path_ascend(path));
}

void cgroup_read(const struct procfs *fs, int dirfd, bool with_stat, struct cgroup *ret_cg)
{
	auto_reader v = { .fs = fs, .basefd = -1, .buf = SBUF_INIT };
	auto_free char *path = NULL;
	int r;

	*ret_cg = (struct cgroup){ .version = 0 };
	r = io_read_piece_at(dirfd, "cgroup", CGROUP_FILE_MAX, &v.buf);
	if (r < 0) {
		ret_cg->why = r == -ENOENT && !fs->live ? REASON_NOT_RECORDED : reason_of_errno(r);
		return;
	}
	r = find_membership(&v.buf, &v.version, &path);
	if (r < 0) {
		ret_cg->why = REASON_NO_CGROUP;
		return;
	}
	ret_cg->version = v.version;
	levels_read(&v, path, with_stat, ret_cg);
}

void cgroup_release(struct cgroup *cg)
{
	if (!cg)
		return;
	for (size_t i = 0; i < cg->n; i++)
		free(cg->levels[i].path);
	free(cg->levels);
	*cg = (struct cgroup){ .version = 0 };
}
