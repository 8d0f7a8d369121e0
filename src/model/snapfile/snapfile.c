/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapfile/snapfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/crc.h"
#include "base/io.h"
#include "base/stamp.h"
#include "model/snapfile/process.h"

enum {
	BLOCK = 64 << 10,
	VALUE_MAX = 12 << 20, /* more than PROC_CMDLINE_MAX with every byte escaped */
	HEADER_LEN = sizeof(SNAPFILE_HEADER) - 1,
	MAGIC_LEN = sizeof(SNAPFILE_MAGIC) - 1,
	CHECKSUM_LEN = sizeof(SNAPFILE_CHECKSUM) - 1 + 8 + 1,
};

/* The file as it was when it was opened: bytes that are appended later are not read. */
struct file_text {
	int fd;
	const char *name;
	uint64_t size; /* without the checksum line, once that is known */
};

struct file_reader {
	struct snapfile *file;
	struct rule_ids rules;
	size_t cap;
	bool has_schema;
};

static int attr_printf(3, 4)
	refuse(const struct file_text *t, struct err *err, const char *fmt, ...)
{
	char what[200];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return err_set(err, EINVAL, "%.*s: %s", YPLACE_PATH_SHOWN, t->name, what);
}

static ssize_t read_at(void *arg, void *buf, size_t n, uint64_t offset)
{
	const struct file_text *t = arg;
	ssize_t got;

	n = (size_t)MIN((uint64_t)n, t->size - MIN(offset, t->size));
	if (n == 0)
		return 0;
	do {
		got = pread(t->fd, buf, n, (off_t)offset);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

/* Reads exactly n bytes. */
static int read_exactly(struct file_text *t, void *buf, size_t n, uint64_t offset, struct err *err)
{
	int ret = io_pread_full(t->fd, buf, n, offset);

	if (ret == -ENODATA)
		return refuse(t, err, "changed while it was read");
	return ret < 0 ? err_set_errno(err, -ret, "%.*s", YPLACE_PATH_SHOWN, t->name) : 0;
}

static int check_header(struct file_text *t, struct err *err)
{
	char head[HEADER_LEN + 1] = "", *version = head + MAGIC_LEN;
	int ret;

	if (t->size < HEADER_LEN)
		return refuse(t, err, "not a snapshot of memspect");
	ret = read_exactly(t, head, HEADER_LEN, 0, err);
	if (ret < 0)
		return ret;
	if (!starts_with(head, SNAPFILE_MAGIC) || *version < '0' || *version > '9')
		return refuse(t, err, "not a snapshot of memspect");
	if (!streq(head, SNAPFILE_HEADER))
		return refuse(
			t, err,
			"a snapshot of a version other than 1, which this program cannot read");
	return 0;
}

static int add_up(struct file_text *t, uint32_t *ret_crc, struct err *err)
{
	auto_free unsigned char *block = xmalloc(BLOCK);
	uint32_t crc = 0;

	for (uint64_t done = 0; done < t->size;) {
		size_t n = (size_t)MIN((uint64_t)BLOCK, t->size - done);
		int ret = read_exactly(t, block, n, done, err);

		if (ret < 0)
			return ret;
		crc = crc_add(crc, block, n);
		done += n;
	}
	*ret_crc = crc;
	return 0;
}

/* Checks that the last line is a checksum and matches the lines before it. */
static int check_sum(struct file_text *t, struct err *err)
{
	char line[CHECKSUM_LEN + 1] = "", want[CHECKSUM_LEN + 1];
	uint32_t crc;
	int ret;

	if (t->size < HEADER_LEN + CHECKSUM_LEN)
		return refuse(t, err, "cut off: its last line, the checksum, is missing");
	t->size -= CHECKSUM_LEN;
	ret = read_exactly(t, line, CHECKSUM_LEN, t->size, err);
	if (ret < 0)
		return ret;
	if (!starts_with(line, SNAPFILE_CHECKSUM) || line[CHECKSUM_LEN - 1] != '\n')
		return refuse(t, err, "cut off: its last line, the checksum, is missing");
	ret = add_up(t, &crc, err);
	if (ret < 0)
		return ret;
	(void)snprintf(want, sizeof(want), SNAPFILE_CHECKSUM "%08" PRIx32 "\n", crc);
	if (!streq(line, want))
		return refuse(t, err,
			      "its checksum is wrong: damaged, or edited since it was "
			      "written");
	return 0;
}

static int read_schema(struct snapread *r, void *obj, attr_unused size_t arg)
{
	int ret = snapread_id(r);

	((struct file_reader *)obj)->has_schema = true;
	if (ret == 0 && !streq(r->event.text, "memspect.report/1"))
		return snapread_refuse(r, "not memspect.report/1");
	return ret;
}

static int read_time(struct snapread *r, void *obj, attr_unused size_t arg)
{
	int ret = snapread_id(r);

	if (ret == 0 && stamp_parse(r->event.text, r->event.len,
				    &((struct file_reader *)obj)->file->generated_wall_ns) < 0)
		return snapread_refuse(r, "not a time");
	return ret;
}

/* Reads a string into a member of `size` bytes. */
static int read_fixed(struct snapread *r, char *member, size_t size)
{
	int ret;

	if (snapread_is_null(r))
		return 0;
	ret = snapread_text(r);
	if (ret == 0 && r->text.len >= size)
		return snapread_refuse(r, "the text is too long");
	if (ret == 0)
		memcpy(member, sbuf_str(&r->text), r->text.len + 1);
	return ret;
}

static int read_host(struct snapread *r, void *obj, attr_unused size_t arg)
{
	struct snapfile *f = ((struct file_reader *)obj)->file;

	return read_fixed(r, f->host, sizeof(f->host));
}

static int read_boot_id(struct snapread *r, void *obj, attr_unused size_t arg)
{
	struct snapfile *f = ((struct file_reader *)obj)->file;

	return read_fixed(r, f->boot_id, sizeof(f->boot_id));
}

static int read_process(struct snapread *r, void *obj, size_t i)
{
	struct file_reader *fr = obj;
	struct snapfile *f = fr->file;

	if (!fr->has_schema)
		return snapread_refuse(r, "'schema' must come first");
	if (i == SNAPFILE_PROCESSES_MAX)
		return snapread_refuse(r, "too many processes");
	f->processes = xgrow(f->processes, f->n, &fr->cap, sizeof(*f->processes));
	f->processes[f->n] = xcalloc(1, sizeof(**f->processes));
	return snapfile_read_process(r, &fr->rules, f->processes[f->n++]);
}

static int read_processes(struct snapread *r, void *obj, attr_unused size_t arg)
{
	int ret = snapread_list(r, read_process, obj);

	if (ret == 0 && ((struct file_reader *)obj)->file->n == 0)
		return snapread_refuse(r, "no processes");
	return ret;
}

/* Reads the document, and checks that nothing follows it. */
static int read_document(struct snapread *r, struct file_reader *fr)
{
	static const struct snapread_key keys[] = {
		{ .id = "schema", .read = read_schema, .required = true },
		{ .id = "generated_at", .read = read_time, .required = true },
		{ .id = "host", .read = read_host, .required = true },
		{ .id = "boot_id", .read = read_boot_id, .required = true },
		{ .id = "processes", .read = read_processes, .required = true },
	};
	static const struct snapread_table table = { keys, ARRAY_SIZE(keys) };
	int ret = snapread_next(r);

	if (ret == 0)
		ret = snapread_mapping(r, &table, fr);
	return ret == 0 ? snapread_next(r) : ret;
}

static void finish(struct snapfile *f, const struct rule_ids *ids)
{
	struct rule *rules = arena_array(&f->arena, ids->n, struct rule);

	for (size_t i = 0; i < ids->n; i++)
		rules[i] = ids->rules[i];
	f->rules = (struct ruleset){ .rules = rules, .n = ids->n };
	for (size_t i = 0; i < f->n; i++)
		memcpy(f->processes[i]->sys.boot_id, f->boot_id, sizeof(f->boot_id));
}

static int read_text(struct file_text *t, struct snapfile *f, struct err *err)
{
	struct snapread r = {
		.events = yevents_new(&(struct yevents_source){ .file = t->name,
								.read_at = read_at,
								.arg = t,
								.max_depth = SNAPREAD_DEPTH,
								.max_bytes = VALUE_MAX }),
		.err = err,
	};
	struct file_reader fr = { .file = f, .rules = { .arena = &f->arena } };
	int ret = read_document(&r, &fr);

	if (ret == 0)
		finish(f, &fr.rules);
	yevents_free(r.events);
	sbuf_release(&r.text);
	free(fr.rules.rules);
	return ret;
}

int snapfile_read_fd(int fd, const char *name, struct snapfile *ret_file, struct err *err)
{
	struct file_text t = { .fd = fd, .name = name };
	struct snapfile f = { .arena = ARENA_INIT };
	struct stat st;
	int ret;

	if (fstat(fd, &st) < 0)
		return err_set_errno(err, errno, "%.*s", YPLACE_PATH_SHOWN, name);
	if (!S_ISREG(st.st_mode))
		return refuse(&t, err, "not a regular file");
	if (st.st_size > SNAPFILE_BYTES_MAX)
		return refuse(&t, err, "larger than %d MiB", SNAPFILE_BYTES_MAX >> 20);
	t.size = (uint64_t)st.st_size;
	ret = check_header(&t, err);
	if (ret == 0)
		ret = check_sum(&t, err);
	if (ret == 0)
		ret = read_text(&t, &f, err);
	if (ret == 0)
		*ret_file = f;
	else
		snapfile_release(&f);
	return ret;
}

int snapfile_read(const char *path, struct snapfile *ret_file, struct err *err)
{
	auto_close int fd = io_open_named(path);

	if (fd == -EINVAL)
		return err_set(err, EINVAL, "%.*s: not a regular file", YPLACE_PATH_SHOWN, path);
	if (fd < 0)
		return err_set_errno(err, -fd, "%.*s", YPLACE_PATH_SHOWN, path);
	return snapfile_read_fd(fd, path, ret_file, err);
}

void snapfile_release(struct snapfile *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++) {
		snapshot_release(f->processes[i]);
		free(f->processes[i]);
	}
	free(f->processes);
	arena_release(&f->arena);
	*f = (struct snapfile){ .arena = ARENA_INIT };
}
