/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of base/io in a directory of their own, around the sizes at which its buffers grow.
 */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "rows.h"

enum {
	NO_FILE = -1, /* instead of a size */
	DIRECTORY = -2,
	FIFO = -3,
};

/* A directory with one entry, "x", which each row makes. */
struct place {
	char path[32];
	int fd;
};

#define auto_place __attribute__((cleanup(place_remove))) struct place

static struct place place_make(void)
{
	struct place place = { .path = "/tmp/memspect-t_io-XXXXXX" };

	assert_non_null(mkdtemp(place.path));
	place.fd = open(place.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(place.fd >= 0);
	return place;
}

static void place_remove(struct place *place)
{
	(void)unlinkat(place->fd, "x", 0);
	(void)unlinkat(place->fd, "x", AT_REMOVEDIR);
	(void)close(place->fd);
	(void)rmdir(place->path);
}

/* Adjacent bytes differ, and some are NUL, so that lost or doubled bytes are found. */
static char *pattern_new(size_t n)
{
	char *bytes = xmalloc(n);

	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(i * 7 % 251);
	return bytes;
}

static void place_fill(const struct place *place, const char *bytes, size_t n)
{
	auto_close int fd = openat(place->fd, "x", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	for (size_t done = 0; done < n;) {
		ssize_t put = write(fd, bytes + done, n - done);

		assert_true(put > 0);
		done += (size_t)put;
	}
}

struct read_row {
	const char *name;
	int size;
	size_t max;
	int want_return;
	size_t want_len;
};

static const struct read_row read_rows[] = {
	{ "an empty file", 0, 100, 0, 0 },
	{ "a small file", 10, 100, 0, 10 },
	{ "a file of the first buffer's size", 4095, SIZE_MAX, 0, 4095 },
	{ "one byte more", 4096, SIZE_MAX, 0, 4096 },
	{ "a large file", 1000003, SIZE_MAX, 0, 1000003 },
	{ "exactly max bytes", 5000, 5000, 0, 5000 },
	{ "one byte too many is cut", 5001, 5000, -EFBIG, 5000 },
	{ "max within the first buffer", 5000, 10, -EFBIG, 10 },
	{ "max at the end of the first buffer", 5000, 4095, -EFBIG, 4095 },
	{ "max 0 of an empty file", 0, 0, 0, 0 },
	{ "max 0 of a file", 1, 0, -EFBIG, 0 },
	{ "no file", NO_FILE, 100, -ENOENT, 0 },
	{ "a directory", DIRECTORY, 100, -EISDIR, 0 },
	{ "a FIFO, which would keep the reader waiting", FIFO, 100, -EBADMSG, 0 },
};

static void test_read(void **state)
{
	const struct read_row *row = *state;
	auto_place place = place_make();
	auto_free char *bytes = NULL;
	auto_sbuf out = SBUF_INIT;

	if (row->size == DIRECTORY)
		assert_int_equal(mkdirat(place.fd, "x", 0700), 0);
	if (row->size == FIFO)
		assert_int_equal(mkfifoat(place.fd, "x", 0600), 0);
	if (row->size >= 0) {
		bytes = pattern_new((size_t)row->size);
		place_fill(&place, bytes, (size_t)row->size);
	}
	sbuf_adds(&out, "of the last file");
	assert_int_equal(io_read_at(place.fd, "x", row->max, &out), row->want_return);
	assert_int_equal(out.len, row->want_len);
	if (bytes)
		assert_memory_equal(sbuf_str(&out), bytes, row->want_len);
	assert_int_equal(sbuf_str(&out)[out.len], '\0');
}

struct link_row {
	const char *name;
	int size;
	int want_return;
};

static const struct link_row link_rows[] = {
	{ "a short target", 9, 0 },
	{ "one byte less than the first buffer", 254, 0 },
	{ "a target that just fills it", 255, 0 },
	{ "one byte more", 256, 0 },
	{ "a target that fills the second", 511, 0 },
	{ "a long target", 4000, 0 },
	{ "no link", NO_FILE, -ENOENT },
	{ "a directory", DIRECTORY, -EINVAL },
};

static void test_readlink(void **state)
{
	const struct link_row *row = *state;
	auto_place place = place_make();
	auto_sbuf target = SBUF_INIT;
	auto_sbuf out = SBUF_INIT;

	if (row->size == DIRECTORY)
		assert_int_equal(mkdirat(place.fd, "x", 0700), 0);
	for (int i = 0; i < row->size; i++)
		sbuf_addch(&target, (char)('a' + i % 26));
	if (row->size > 0)
		assert_int_equal(symlinkat(sbuf_str(&target), place.fd, "x"), 0);
	sbuf_adds(&out, "of the last link");
	assert_int_equal(io_readlink_at(place.fd, "x", &out), row->want_return);
	assert_string_equal(sbuf_str(&out), sbuf_str(&target));
	assert_int_equal(out.len, target.len);
}

struct pread_row {
	const char *name;
	size_t n;
	uint64_t offset;
	int want;
};

static const struct pread_row pread_rows[] = {
	{ "the whole file", 1000, 0, 0 },
	{ "a part in the middle", 100, 450, 0 },
	{ "nothing", 0, 5000, 0 },
	{ "up to the end", 1, 999, 0 },
	{ "one byte beyond the end", 2, 999, -ENODATA },
	{ "behind the end", 1, 1000, -ENODATA },
	{ "an offset beyond 63 bits", 1, UINT64_C(1) << 63, -EINVAL },
};

static void test_pread(void **state)
{
	const struct pread_row *row = *state;
	auto_place place = place_make();
	auto_free char *bytes = pattern_new(1000);
	auto_close int fd = -1;
	char buf[1000];

	place_fill(&place, bytes, 1000);
	fd = io_open_at(place.fd, "x");
	assert_true(fd >= 0);
	assert_int_equal(io_pread_full(fd, buf, row->n, row->offset), row->want);
	if (row->want == 0 && row->n > 0)
		assert_memory_equal(buf, bytes + row->offset, row->n);
}

struct fd_row {
	const char *name;
	size_t n; /* written to a pipe, which is then closed */
	size_t max;
	int want_return;
};

static const struct fd_row fd_rows[] = {
	{ "an empty pipe", 0, 100, 0 },
	{ "less than allowed", 5000, 20000, 0 },
	{ "as much as allowed", 5000, 5000, 0 },
	{ "one byte more", 5001, 5000, -EFBIG },
};

static void test_read_fd(void **state)
{
	const struct fd_row *row = *state;
	auto_free char *bytes = pattern_new(row->n);
	auto_close int from = -1, to = -1;
	auto_sbuf out = SBUF_INIT;
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	from = ends[0];
	to = ends[1];
	assert_int_equal(write(to, bytes, row->n), row->n);
	(void)close(steal_fd(&to));
	assert_int_equal(io_read_fd(from, row->max, &out), row->want_return);
	assert_int_equal(out.len, MIN(row->n, row->max));
	assert_memory_equal(sbuf_str(&out), bytes, out.len);
	assert_int_equal(io_read_fd(-1, 1, &out), -EBADF);
}

static void test_open(attr_unused void **state)
{
	auto_place place = place_make();
	auto_close int fd = -1;
	char c;

	assert_int_equal(io_open_at(place.fd, "x"), -ENOENT);
	place_fill(&place, "", 0);
	fd = io_open_at(place.fd, "x");
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(fd, "c", 1), -1);
	assert_int_equal(io_pread_full(-1, &c, 1, 0), -EBADF);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "io_read_at", read_rows, test_read);
	ROWS_ADD(&tests, "io_readlink_at", link_rows, test_readlink);
	ROWS_ADD(&tests, "io_pread_full", pread_rows, test_pread);
	ROWS_ADD(&tests, "io_read_fd", fd_rows, test_read_fd);
	rows_add_one(&tests, "io_open_at: read-only and closed on exec", test_open);
	return rows_run("io", &tests);
}
