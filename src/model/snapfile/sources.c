/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/sysmacros.h>

#include "base/alloc.h"
#include "model/snapfile/process.h"
#include "model/snapshot/sources.h"

enum { LEVELS_MAX = 256 };

/* A group of numbers while it is read. */
struct source_reader {
	struct process_reader *p;
	const struct source *sources;
	void *of;           /* the struct that has them as members */
	const char *prefix; /* the prefix of its fields in the list of reasons */
};

/* Returns the reason why a number is null in the file. */
static struct amount absent_of(const struct source_reader *sr, const char *id)
{
	struct sbuf *path = &sr->p->path;
	const char *text;

	sbuf_reset(path);
	sbuf_adds(path, sr->prefix);
	sbuf_adds(path, id);
	text = snapfile_reason(sr->p, sbuf_str(path));
	return text ? amount_absent_text(text) : amount_absent(REASON_BY_DESIGN);
}

static int read_amount(struct snapread *r, const struct source_reader *sr, const struct source *s,
		       struct amount *ret)
{
	uint64_t value;
	int status;

	if (snapread_is_null(r)) {
		*ret = absent_of(sr, s->id);
		if (source_is_limit(s) && ret->why == REASON_BY_DESIGN)
			*ret = amount_of(UINT64_MAX);
		return 0;
	}
	status = snapread_u64(r, INT64_MAX, &value);
	if (status == 0)
		*ret = amount_of(value);
	return status;
}

static int read_number(struct snapread *r, const struct source *s, void *ret)
{
	uint64_t value;
	uint32_t narrow;
	int status = snapread_u64(r, s->size == sizeof(narrow) ? INT32_MAX : INT64_MAX, &value);

	if (status < 0)
		return status;
	narrow = (uint32_t)value;
	if (s->size == sizeof(narrow))
		memcpy(ret, &narrow, sizeof(narrow));
	else
		memcpy(ret, &value, sizeof(value));
	return 0;
}

static int read_source(struct snapread *r, void *obj, size_t i)
{
	const struct source_reader *sr = obj;
	const struct source *s = &sr->sources[i];
	void *at = (char *)sr->of + s->at;

	switch (s->type) {
	case SOURCE_NUMBER:
		return read_number(r, s, at);
	case SOURCE_ADDRESS:
		return snapread_hex(r, at);
	case SOURCE_FLAG:
		return snapread_bool(r, at);
	default:
		return read_amount(r, sr, s, at);
	}
}

/* Marks the numbers that older files do not have as not read. */
static void set_unread(const struct source *sources, size_t n, void *of)
{
	for (size_t i = 0; i < n; i++) {
		if (source_is_amount(&sources[i]))
			*(struct amount *)(void *)((char *)of + sources[i].at) = AMOUNT_UNREAD;
	}
}

static void add_source_keys(struct snapread_key *keys, const struct source *sources, size_t n)
{
	for (size_t i = 0; i < n; i++)
		keys[i] = (struct snapread_key){ .id = sources[i].id,
						 .read = read_source,
						 .arg = i };
}

static int read_level_path(struct snapread *r, void *obj, attr_unused size_t arg)
{
	const struct source_reader *sr = obj;
	struct cgroup_level *level = sr->of;
	int ret = snapread_text(r);

	if (ret == 0)
		level->path = xstrndup(sbuf_str(&r->text), r->text.len);
	return ret;
}

static int read_level(struct snapread *r, void *obj, size_t i)
{
	const struct source_reader *sr = obj;
	struct cgroup *cg = &sr->p->s->cgroup;
	struct snapread_key keys[N_LEVEL_SOURCES + 1];
	const struct snapread_table table = { keys, ARRAY_SIZE(keys) };
	struct cgroup_level *level;
	char prefix[48];

	if (i == LEVELS_MAX)
		return snapread_refuse(r, "too many control groups");
	(void)snprintf(prefix, sizeof(prefix), "sources.cgroups.%zu.", i);
	cg->levels = xreallocarray(cg->levels, i + 1, sizeof(*cg->levels));
	level = &cg->levels[cg->n++];
	*level = (struct cgroup_level){ .path = NULL };
	set_unread(level_sources, N_LEVEL_SOURCES, level);
	keys[0] = (struct snapread_key){ .id = "path", .read = read_level_path, .required = true };
	add_source_keys(keys + 1, level_sources, N_LEVEL_SOURCES);
	return snapread_mapping(r, &table,
				&(struct source_reader){ sr->p, level_sources, level, prefix });
}

static int read_levels(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_list(r, read_level, obj);
}

static int read_version(struct snapread *r, void *obj, attr_unused size_t arg)
{
	const struct source_reader *sr = obj;
	struct cgroup *cg = &sr->p->s->cgroup;
	uint64_t version = 0;
	int ret;

	if (snapread_is_null(r)) {
		cg->why = absent_of(sr, "cgroup_version").why;
		return 0;
	}
	ret = snapread_u64(r, 2, &version);
	cg->version = (int)version;
	return ret;
}

static int read_held_device(struct snapread *r, void *obj, attr_unused size_t arg)
{
	uint32_t major, minor;
	int ret = snapread_device(r, &major, &minor);

	if (ret == 0)
		((struct fd_file *)obj)->dev = makedev(major, minor);
	return ret;
}

static int read_held_inode(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_hex(r, &((struct fd_file *)obj)->inode);
}

static int read_held_bytes(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_u64(r, INT64_MAX, &((struct fd_file *)obj)->bytes);
}

static int read_held_unlinked(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_bool(r, &((struct fd_file *)obj)->unlinked);
}

static int read_held_file(struct snapread *r, void *obj, attr_unused size_t i)
{
	static const struct snapread_key keys[] = {
		{ .id = "device", .read = read_held_device, .required = true },
		{ .id = "inode", .read = read_held_inode, .required = true },
		{ .id = "bytes", .read = read_held_bytes, .required = true },
		{ .id = "unlinked", .read = read_held_unlinked, .required = true },
	};
	static const struct snapread_table table = { keys, ARRAY_SIZE(keys) };
	struct process_reader *p = ((const struct source_reader *)obj)->p;
	struct fdscan *fds = &p->s->fds;
	struct fd_file file = { 0 };
	int ret;

	ret = snapread_mapping(r, &table, &file);
	if (ret < 0)
		return ret;
	fds->files = xgrow(fds->files, fds->n_files, &p->cap_held, sizeof(*fds->files));
	fds->files[fds->n_files++] = file;
	return 0;
}

static int read_held_files(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_list(r, read_held_file, obj);
}

static int read_heap_stats(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapfile_read_heap_stats(r, ((const struct source_reader *)obj)->p->s);
}

int snapfile_read_sources(struct snapread *r, void *obj, attr_unused size_t arg)
{
	static const struct snapread_key tail[] = {
		{ .id = "cgroup_version", .read = read_version, .required = true },
		{ .id = "cgroups", .read = read_levels, .required = true },
		{ .id = "holdings", .read = read_heap_stats },
		{ .id = "held_files", .read = read_held_files, .required = true },
	};
	struct process_reader *p = obj;
	struct snapread_key keys[N_SNAPSHOT_SOURCES + ARRAY_SIZE(tail)];
	const struct snapread_table table = { keys, ARRAY_SIZE(keys) };

	_Static_assert(ARRAY_SIZE(keys) <= SNAPREAD_KEYS, "a table has a bit for each key");
	if (snapread_is_null(r))
		return snapread_refuse(r, "a report, which cannot be read back, not a snapshot");
	if (!p->has_reasons)
		return snapread_refuse(r, "'unavailable' must come before 'sources'");
	set_unread(snapshot_sources, N_SNAPSHOT_SOURCES, p->s);
	add_source_keys(keys, snapshot_sources, N_SNAPSHOT_SOURCES);
	memcpy(keys + N_SNAPSHOT_SOURCES, tail, sizeof(tail));
	return snapread_mapping(r, &table,
				&(struct source_reader){ p, snapshot_sources, p->s, "sources." });
}
