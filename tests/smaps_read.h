/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that the smaps reader returns for a text, for tests to check; the text arrives as a
 * whole, or in pieces of any size.
 */
#ifndef TESTS_SMAPS_READ_H
#define TESTS_SMAPS_READ_H

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "proc/smaps.h"
#include "rows.h"

struct smaps_result {
	struct smaps_record *recs; /* with names of their own */
	size_t n, cap;
	int end; /* 0, or the error that reading ended with */
	uint64_t unknown_fields, unknown_flags;
	bool truncated, long_line;
	size_t buffer; /* bytes that the reader ended up with */
};

static inline void smaps_result_release(struct smaps_result *res)
{
	for (size_t i = 0; i < res->n; i++)
		free((void *)(uintptr_t)res->recs[i].vma.name);
	free(res->recs);
}

#define auto_result __attribute__((cleanup(smaps_result_release))) struct smaps_result

static inline struct smaps_result smaps_read_fd(int fd)
{
	struct smaps_result res = { 0 };
	struct smaps_reader r;
	struct smaps_record rec;

	smaps_reader_init(&r, fd);
	while ((res.end = smaps_next(&r, &rec)) > 0) {
		assert_int_equal(rec.vma.name_len, strlen(rec.vma.name));
		rec.vma.name = xstrdup(rec.vma.name);
		res.recs = xgrow(res.recs, res.n, &res.cap, sizeof(*res.recs));
		res.recs[res.n++] = rec;
	}
	res.unknown_fields = r.unknown_fields;
	res.unknown_flags = r.unknown_flags;
	res.truncated = r.truncated;
	res.long_line = r.long_line;
	res.buffer = r.buf.cap;
	smaps_reader_release(&r);
	return res;
}

static inline struct smaps_result smaps_read_bytes(const void *text, size_t n)
{
	auto_close int fd = memfd_create("smaps", MFD_CLOEXEC);

	assert_int_equal(write(fd, text, n), (ssize_t)n);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return smaps_read_fd(fd);
}

static inline struct smaps_result smaps_read_text(const char *text)
{
	return smaps_read_bytes(text, strlen(text));
}

/* Reads from a packet pipe, where each read returns what one write wrote. */
static inline struct smaps_result smaps_read_pieces(const char *text, size_t n, size_t piece)
{
	struct smaps_result res;
	auto_close int in = -1;
	int fds[2], status;
	pid_t child;

	assert_int_equal(pipe2(fds, O_CLOEXEC | O_DIRECT), 0);
	in = fds[0];
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		for (size_t i = 0; i < n; i += piece) {
			size_t len = MIN(piece, n - i);

			if (write(fds[1], text + i, len) != (ssize_t)len)
				_exit(1);
		}
		_exit(0);
	}
	assert_int_equal(close(fds[1]), 0);
	res = smaps_read_fd(in);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	return res;
}

static inline void assert_same_vma(const struct vma *a, const struct vma *b)
{
	assert_true(a->start == b->start && a->end == b->end && a->offset == b->offset);
	assert_true(a->inode == b->inode && a->major == b->major && a->minor == b->minor);
	assert_int_equal(a->perms, b->perms);
	assert_string_equal(a->name, b->name);
}

static inline void assert_same_result(const struct smaps_result *a, const struct smaps_result *b)
{
	assert_int_equal(a->n, b->n);
	assert_int_equal(a->end, b->end);
	assert_int_equal(a->unknown_fields, b->unknown_fields);
	assert_int_equal(a->unknown_flags, b->unknown_flags);
	assert_int_equal(a->truncated, b->truncated);
	assert_int_equal(a->long_line, b->long_line);
	for (size_t i = 0; i < a->n; i++) {
		assert_same_vma(&a->recs[i].vma, &b->recs[i].vma);
		assert_int_equal(a->recs[i].vma.has_flags, b->recs[i].vma.has_flags);
		assert_true(a->recs[i].vma.flags == b->recs[i].vma.flags);
		assert_int_equal(a->recs[i].counts.present, b->recs[i].counts.present);
		assert_memory_equal(a->recs[i].counts.v, b->recs[i].counts.v,
				    sizeof(a->recs[i].counts.v));
	}
}

#endif
