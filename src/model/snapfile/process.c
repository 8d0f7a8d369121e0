/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapfile/process.h"

#include <errno.h>
#include <limits.h>

#include "base/alloc.h"

enum {
	REASONS_MAX = 4096,
	RUNTIMES_MAX = 64,
	CMDLINE_MAX = PROC_CMDLINE_MAX + 4096, /* the part that was cut off may have had a NUL */
};

static struct process_reader *reader(void *obj)
{
	return obj;
}

static struct snapshot *snapshot(void *obj)
{
	return reader(obj)->s;
}

/* Returns a copy of the last string, which the snapshot owns. */
static char *keep_text(const struct snapread *r, struct snapshot *s)
{
	return arena_strndup(&s->arena, sbuf_str(&r->text), r->text.len);
}

static int add_reason(struct snapread *r, struct process_reader *p, const char *field)
{
	int ret = snapread_text(r);

	if (ret < 0)
		return ret;
	p->reasons = xgrow(p->reasons, p->n_reasons, &p->cap_reasons, sizeof(*p->reasons));
	p->reasons[p->n_reasons] = (struct file_reason){ field, keep_text(r, p->s) };
	index_add(&p->reason_index, index_hash_bytes(field, strlen(field)),
		  (uint32_t)p->n_reasons++);
	return 0;
}

static int read_unavailable(struct snapread *r, void *obj, attr_unused size_t arg)
{
	struct process_reader *p = reader(obj);

	if (r->event.type != YEV_MAPPING)
		return snapread_refuse(r, "not a mapping");
	p->has_reasons = true;
	for (;;) {
		const char *field;
		int ret = snapread_next(r);

		if (ret < 0 || r->event.type == YEV_MAPPING_END)
			return ret;
		if (r->event.type != YEV_SCALAR)
			return snapread_refuse(r, "a key must be a word");
		if (snapfile_reason(p, r->event.text))
			return snapread_refuse(r, "'%.60s' occurs twice", r->event.text);
		if (p->n_reasons == REASONS_MAX)
			return snapread_refuse(r, "too many keys");
		field = arena_strndup(&p->s->arena, r->event.text, r->event.len);
		ret = snapread_next(r);
		if (ret == 0)
			ret = add_reason(r, p, field);
		if (ret < 0)
			return ret;
	}
}

static int read_pid(struct snapread *r, void *obj, attr_unused size_t arg)
{
	uint64_t pid;
	int ret = snapread_u64(r, INT_MAX, &pid);

	if (ret == 0)
		snapshot(obj)->pid = snapshot(obj)->stat.pid = (pid_t)pid;
	return ret;
}

static int read_start(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_u64(r, INT64_MAX, &snapshot(obj)->stat.start_ticks);
}

static int read_threads(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_u64(r, INT64_MAX, &snapshot(obj)->stat.threads);
}

static int read_comm(struct snapread *r, void *obj, attr_unused size_t arg)
{
	struct proc_stat *stat = &snapshot(obj)->stat;
	int ret = snapread_text(r);

	if (ret == 0 && r->text.len >= sizeof(stat->comm))
		return snapread_refuse(r, "the name is too long");
	if (ret == 0)
		memcpy(stat->comm, sbuf_str(&r->text), r->text.len + 1);
	return ret;
}

static int read_state(struct snapread *r, void *obj, attr_unused size_t arg)
{
	int ret = snapread_text(r);

	if (ret == 0 && r->text.len > 1)
		return snapread_refuse(r, "not a state");
	if (ret == 0)
		snapshot(obj)->stat.state = *sbuf_str(&r->text);
	return ret;
}

static int read_argument(struct snapread *r, void *obj, attr_unused size_t i)
{
	struct sbuf *cmdline = obj;
	int ret = snapread_text(r);

	if (ret == 0 && r->text.len + 1 > CMDLINE_MAX - cmdline->len)
		return snapread_refuse(r, "the arguments are too long");
	if (ret == 0)
		sbuf_add(cmdline, sbuf_str(&r->text), r->text.len + 1);
	return ret;
}

static int read_cmdline(struct snapread *r, void *obj, attr_unused size_t arg)
{
	struct snapshot *s = snapshot(obj);
	auto_sbuf cmdline = SBUF_INIT;
	int ret;

	if (snapread_is_null(r))
		return 0;
	ret = snapread_list(r, read_argument, &cmdline);
	s->cmdline = arena_strndup(&s->arena, sbuf_str(&cmdline), cmdline.len);
	s->cmdline_len = cmdline.len;
	return ret;
}

/* Reads a string that the snapshot owns; NULL for null. */
static int read_kept(struct snapread *r, struct snapshot *s, const char **ret_text)
{
	int ret;

	*ret_text = NULL;
	if (snapread_is_null(r))
		return 0;
	ret = snapread_text(r);
	if (ret == 0)
		*ret_text = keep_text(r, s);
	return ret;
}

static int read_partial(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_reason(r, &snapshot(obj)->partial);
}

/* Reads a string member of the snapshot. */
static int read_string(struct snapread *r, void *obj, size_t at)
{
	struct snapshot *s = snapshot(obj);

	return read_kept(r, s, (const char **)(void *)((char *)s + at));
}

static int read_age(struct snapread *r, void *obj, attr_unused size_t arg)
{
	uint64_t ms;
	int ret;

	if (snapread_is_null(r))
		return 0;
	ret = snapread_thousandths(r, &ms);
	if (ret == 0)
		snapshot(obj)->age_seconds = (double)ms / 1000;
	return ret;
}

static int read_scan(struct snapread *r, void *obj, attr_unused size_t arg)
{
	uint64_t us;
	int ret = snapread_thousandths(r, &us);

	if (ret == 0)
		snapshot(obj)->scan_ns = (int64_t)us * 1000;
	return ret;
}

static int read_consistent(struct snapread *r, void *obj, attr_unused size_t arg)
{
	if (snapread_is_null(r))
		return 0;
	reader(obj)->has_consistent = true;
	return snapread_bool(r, &snapshot(obj)->consistent);
}

/* A runtime while it is read. */
struct runtime_row {
	struct snapshot *s;
	struct runtime runtime;
};

static int read_runtime_text(struct snapread *r, void *obj, size_t at)
{
	struct runtime_row *row = obj;

	return read_kept(r, row->s, (const char **)(void *)((char *)&row->runtime + at));
}

static int read_runtime(struct snapread *r, void *obj, size_t i)
{
	static const struct snapread_key keys[] = {
		{ .id = "name", .read = read_runtime_text, .arg = offsetof(struct runtime, name) },
		{ .id = "version",
		  .read = read_runtime_text,
		  .arg = offsetof(struct runtime, version) },
		{ .id = "module",
		  .read = read_runtime_text,
		  .arg = offsetof(struct runtime, module) },
	};
	static const struct snapread_table table = { keys, ARRAY_SIZE(keys) };
	struct snapshot *s = snapshot(obj);
	struct runtime_row row = { .s = s };
	int ret;

	if (i == RUNTIMES_MAX)
		return snapread_refuse(r, "too many runtimes");
	ret = snapread_mapping(r, &table, &row);
	if (ret < 0)
		return ret;
	if (!row.runtime.name)
		return snapread_refuse(r, "a runtime without a name");
	s->runtimes = xgrow(s->runtimes, s->n_runtimes, &s->cap_runtimes, sizeof(*s->runtimes));
	s->runtimes[s->n_runtimes++] = row.runtime;
	return 0;
}

static int read_runtimes(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_list(r, read_runtime, obj);
}

static struct file_row *file_row(void *obj)
{
	return &reader(obj)->file;
}

static int read_file_device(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_device(r, &file_row(obj)->major, &file_row(obj)->minor);
}

static int read_file_inode(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_hex(r, &file_row(obj)->inode);
}

static int read_file_program(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_bool(r, &file_row(obj)->program);
}

static int read_file_tmpfs(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_bool(r, &file_row(obj)->tmpfs);
}

static int read_file_package(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return read_kept(r, snapshot(obj), &file_row(obj)->package);
}

/* Packages are compared by the address of their runtime's name, so each name is stored once. */
static int read_file_runtime(struct snapread *r, void *obj, attr_unused size_t arg)
{
	struct process_reader *p = reader(obj);
	int ret;

	if (snapread_is_null(r))
		return 0;
	ret = snapread_text(r);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < p->n_package_runtimes; i++) {
		p->file.runtime = p->package_runtimes[i];
		if (streq(p->file.runtime, sbuf_str(&r->text)))
			return 0;
	}
	if (p->n_package_runtimes == ARRAY_SIZE(p->package_runtimes))
		return snapread_refuse(r, "too many runtimes");
	p->file.runtime = keep_text(r, p->s);
	p->package_runtimes[p->n_package_runtimes++] = p->file.runtime;
	return 0;
}

static int read_file(struct snapread *r, void *obj, attr_unused size_t i)
{
	static const struct snapread_key keys[] = {
		{ .id = "package", .read = read_file_package, .required = true },
		{ .id = "runtime", .read = read_file_runtime, .required = true },
		{ .id = "program", .read = read_file_program, .required = true },
		{ .id = "tmpfs", .read = read_file_tmpfs, .required = true },
		{ .id = "device", .read = read_file_device, .required = true },
		{ .id = "inode", .read = read_file_inode, .required = true },
	};
	static const struct snapread_table table = { keys, ARRAY_SIZE(keys) };
	struct process_reader *p = reader(obj);
	int ret;

	p->file = (struct file_row){ 0 };
	ret = snapread_mapping(r, &table, p);
	if (ret < 0)
		return ret;
	if (!p->file.package != !p->file.runtime)
		return snapread_refuse(r, "'package' and 'runtime' go together");
	p->files = xgrow(p->files, p->n_files, &p->cap_files, sizeof(*p->files));
	p->files[p->n_files++] = p->file;
	return 0;
}

static int read_files(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_is_null(r) ? 0 : snapread_list(r, read_file, obj);
}

/* Packages are numbered in the order of the files, as in a capture. */
static void finish_files(struct process_reader *p)
{
	struct snapshot *s = p->s;
	auto_free const struct file_row **rows = xcalloc(s->n_files, sizeof(*rows));

	for (size_t i = 0; i < p->n_files; i++) {
		const struct file_row *f = &p->files[i];

		rows[snapshot_find_file(s, f->major, f->minor, f->inode)] = f;
	}
	for (size_t i = 1; i < s->n_files; i++) {
		if (!rows[i])
			continue;
		s->files[i].is_program = rows[i]->program;
		s->files[i].on_tmpfs = rows[i]->tmpfs;
		if (rows[i]->package)
			s->files[i].package = snapshot_package(
				s, rows[i]->runtime, rows[i]->package, strlen(rows[i]->package));
	}
}

/* Returns the reason that the file gives for a null field. */
static enum reason why_null(const struct process_reader *p, const char *field, enum reason none)
{
	const char *text = snapfile_reason(p, field);

	return text ? reason_of_text(text) : none;
}

/* Computes what follows from everything that was read. */
static int finish(struct snapread *r, struct process_reader *p, struct yplace at)
{
	struct snapshot *s = p->s;

	if (!s->cmdline)
		s->cmdline_why = why_null(p, "cmdline", REASON_NOT_STATED);
	if (!s->exe)
		s->exe_why = why_null(p, "exe", REASON_NOT_STATED);
	if (!s->heap_stats.read)
		s->heap_stats.why = why_null(p, "deep", REASON_NONE);
	if (!p->has_regions) {
		s->regions_why = why_null(p, "regions", REASON_NONE);
		return s->regions_why
			       ? 0
			       : yplace_refuse(at, r->err, "neither mappings nor a reason why not");
	}
	if (!p->has_consistent)
		return yplace_refuse(at, r->err, "'consistent' is null beside mappings");
	if (s->consistent && p->overlaps)
		return yplace_refuse(p->overlap_at, r->err, "the mapping overlaps the one before");
	finish_files(p);
	snapfile_finish_regions(p);
	return 0;
}

static const struct snapread_key keys[] = {
	{ .id = "pid", .read = read_pid, .required = true },
	{ .id = "start_ticks", .read = read_start, .required = true },
	{ .id = "comm", .read = read_comm, .required = true },
	{ .id = "cmdline", .read = read_cmdline, .required = true },
	{ .id = "exe", .read = read_string, .arg = offsetof(struct snapshot, exe) },
	{ .id = "user", .read = read_string, .arg = offsetof(struct snapshot, user) },
	{ .id = "state", .read = read_state, .required = true },
	{ .id = "threads", .read = read_threads, .required = true },
	{ .id = "age_seconds", .read = read_age },
	{ .id = "runtimes", .read = read_runtimes, .required = true },
	{ .id = "consistent", .read = read_consistent, .required = true },
	{ .id = "partial", .read = read_partial },
	{ .id = "unavailable", .read = read_unavailable, .required = true },
	{ .id = "scan_ms", .read = read_scan },
	{ .id = "files", .read = read_files, .required = true },
	{ .id = "counters", .read = snapfile_read_counters, .required = true },
	{ .id = "regions", .read = snapfile_read_regions, .required = true },
	{ .id = "sources", .read = snapfile_read_sources, .required = true },
};

int snapfile_read_process(struct snapread *r, struct rule_ids *rules, struct snapshot *ret_snapshot)
{
	static const struct snapread_table table = { keys, ARRAY_SIZE(keys) };
	struct process_reader p = { .s = ret_snapshot, .rules = rules };
	struct snapread_key *region_keys = snapfile_region_keys(&p.regions.n);
	struct yplace at = r->event.at;
	int ret;

	p.regions.keys = region_keys;
	snapshot_init(ret_snapshot);
	ret = snapread_mapping(r, &table, &p);
	if (ret == 0)
		ret = finish(r, &p, at);
	free(region_keys);
	free(p.reasons);
	index_release(&p.reason_index);
	sbuf_release(&p.path);
	free(p.files);
	sbuf_release(&p.owner.name);
	sbuf_release(&p.name);
	free(p.part_owners);
	return ret;
}
