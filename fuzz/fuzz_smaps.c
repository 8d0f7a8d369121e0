/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The smaps reader on any bytes: what it makes of them is in bounds, and the same whether they
 * arrive at once (then most lines are read as the template foresees) or in small pieces (then none
 * is). To fuzz, from the top of the tree:
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined -std=gnu11 -D_GNU_SOURCE -Isrc \
 *		fuzz/fuzz_smaps.c src/proc/{smaps,vmflags,counts}.c src/base/[^w]*.c -o fuzz_smaps
 *	./fuzz_smaps NEW_INPUTS fuzz/corpus/smaps
 */
#include "fuzz.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>

#include "base/index.h"
#include "proc/smaps.h"

enum { PIPE_BYTES = 1 << 20, PIPE_SLOT = 4096 };

/* A summary of everything that the reader returned. */
struct digest {
	uint64_t records, hash;
	uint64_t unknown_fields, unknown_flags;
	uint64_t truncated, long_line;
};

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void check_record(const struct smaps_record *rec)
{
	demand(rec->vma.start <= rec->vma.end);
	demand(strlen(rec->vma.name) == rec->vma.name_len && rec->vma.name_len <= SMAPS_LINE_MAX);
	demand(rec->vma.has_flags || rec->vma.flags == 0);
	for (int i = 0; i < MC_COUNT; i++)
		demand(mem_counts_has(&rec->counts, i)
			       ? rec->counts.v[i] % 1024 == 0 || rec->counts.v[i] == UINT64_MAX
			       : rec->counts.v[i] == 0);
}

static uint64_t hash_record(uint64_t h, const struct smaps_record *rec)
{
	const struct vma *v = &rec->vma;
	const uint64_t numbers[] = { h,         v->start,           v->end,
				     v->offset, v->inode,           v->major,
				     v->minor,  v->flags,           v->has_flags,
				     v->perms,  rec->counts.present };

	h = index_hash_bytes(numbers, sizeof(numbers));
	h = index_hash_u64(h, index_hash_bytes(rec->counts.v, sizeof(rec->counts.v)));
	return index_hash_u64(h, index_hash_bytes(v->name, v->name_len));
}

static struct digest read_all(int fd)
{
	struct digest d = { 0 };
	struct smaps_reader r;
	struct smaps_record rec;
	int ret;

	smaps_reader_init(&r, fd);
	while ((ret = smaps_next(&r, &rec)) > 0) {
		check_record(&rec);
		d.records++;
		d.hash = hash_record(d.hash, &rec);
	}
	demand(ret == 0 && r.buf.cap <= 8 * SMAPS_LINE_MAX);
	d.unknown_fields = r.unknown_fields;
	d.unknown_flags = r.unknown_flags;
	d.truncated = r.truncated;
	d.long_line = r.long_line;
	smaps_reader_release(&r);
	return d;
}

static struct digest read_whole(const uint8_t *bytes, size_t n)
{
	auto_close int fd = memfd_create("input", MFD_CLOEXEC);

	demand(write(fd, bytes, n) == (ssize_t)n && lseek(fd, 0, SEEK_SET) == 0);
	return read_all(fd);
}

/*
 * Reads through a packet pipe, where each read returns what one write wrote: in pieces as small as
 * its slots allow. Returns false if the input is too large for them.
 */
static bool read_pieces(const uint8_t *bytes, size_t n, struct digest *ret_digest)
{
	auto_close int in = -1;
	int fds[2];
	size_t piece;

	demand(pipe2(fds, O_CLOEXEC | O_DIRECT) == 0);
	in = fds[0];
	(void)fcntl(in, F_SETPIPE_SZ, PIPE_BYTES);
	piece = n / (size_t)(fcntl(in, F_GETPIPE_SZ) / PIPE_SLOT) + 1;
	for (size_t i = 0; i < n && piece <= PIPE_BUF; i += piece) {
		size_t len = MIN(piece, n - i);

		demand(write(fds[1], bytes + i, len) == (ssize_t)len);
	}
	(void)close(fds[1]);
	if (piece > PIPE_BUF)
		return false;
	*ret_digest = read_all(in);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct digest whole = read_whole(bytes, n), pieces;

	if (read_pieces(bytes, n, &pieces))
		demand(memcmp(&whole, &pieces, sizeof(whole)) == 0);
	return 0;
}
