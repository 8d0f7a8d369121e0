/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/PID/smaps, smaps_rollup and maps, streamed: one record at a time in bounded memory.
 *
 * The reader learns the order of the fields from the first record and then only checks that each
 * next line has the expected key; whatever differs goes through the table of counters. Fields may
 * come in any order, be missing (absent, not 0) or unknown (counted, otherwise ignored).
 */
#ifndef PROC_SMAPS_H
#define PROC_SMAPS_H

#include <stdint.h>

#include "base/sbuf.h"
#include "base/util.h"
#include "proc/counts.h"
#include "proc/vmflags.h"

enum vma_perm {
	VMA_READ = 1 << 0,
	VMA_WRITE = 1 << 1,
	VMA_EXEC = 1 << 2,
	VMA_SHARED = 1 << 3, /* 's'; else private, copy on write */
};

struct vma {
	uint64_t start, end;   /* [start, end) */
	uint64_t offset;       /* in the file, bytes */
	uint64_t inode;        /* 0: no file */
	uint32_t major, minor; /* device of the file */
	uint64_t flags;        /* VMA_FLAG() bits */
	bool has_flags;        /* VmFlags was stated */
	uint8_t perms;         /* enum vma_perm bits */
	const char *name; /* rest of the line, bytes of the target, \012 for a newline; "" if none;
	                         NUL-terminated, owned by the reader, valid until the next call */
	size_t name_len;
};

struct smaps_record {
	struct vma vma;
	struct mem_counts counts; /* present == 0 when read from maps */
};

struct smaps_slot;

struct smaps_reader {
	int fd; /* not owned */
	struct sbuf buf;
	size_t pos; /* next unread byte of buf */
	bool eof;
	struct sbuf name;
	struct smaps_slot *slots; /* the learnt order of lines */
	size_t n_slots, cap_slots;
	/* The header at pos that ended the last record, as far as it was read. */
	size_t header_len;       /* of the line, with the newline; 0: none was read */
	size_t header_address;   /* length of its first address */
	uint64_t header_start;   /* the first address */
	uint64_t unknown_fields; /* lines whose key no counter has */
	uint64_t unknown_flags;
	bool truncated; /* the text ended inside a line or held something else */
	bool long_line; /* a name beyond SMAPS_LINE_MAX was cut */
};

enum { SMAPS_LINE_MAX = 64 << 10 }; /* longer lines are cut: the kernel writes about 4 x PATH_MAX */

/* Reads from fd at its current offset; the caller keeps the descriptor. */
void smaps_reader_init(struct smaps_reader *r, int fd);
/* Reads from text in memory, which is copied. */
void smaps_reader_init_text(struct smaps_reader *r, const char *text, size_t len);
void smaps_reader_release(struct smaps_reader *r);

/*
 * The next record: 1, or 0 at the end, or -errno when reading failed (-ESRCH: the process is gone).
 * Addresses are 64-bit whatever the target's width is.
 */
int smaps_next(struct smaps_reader *r, struct smaps_record *ret_rec);

#endif
