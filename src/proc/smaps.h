/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads /proc/PID/smaps, smaps_rollup and maps as a stream: one record at a time in bounded memory.
 *
 * The reader learns the order of the fields from the first record, and then only checks that each
 * next line has the expected key; other lines are looked up in the table of counters. Fields may
 * come in any order, be missing (absent, not 0) or unknown (counted, otherwise ignored).
 */
#ifndef PROC_SMAPS_H
#define PROC_SMAPS_H

#include <stdint.h>

#include "base/sbuf.h"
#include "base/util.h"
#include "proc/counts.h"
#include "proc/vma.h"
#include "proc/vmflags.h"

struct smaps_record {
	struct vma vma;
	struct mem_counts counts; /* present is 0 if read from maps */
};

struct smaps_slot;

struct smaps_reader {
	int fd; /* not owned */
	struct sbuf buf;
	size_t pos; /* the next unread byte of buf */
	bool eof;
	struct smaps_slot *slots; /* the learnt order of lines */
	size_t n_slots, cap_slots;
	/* The counters of the last record, and the text that states all of them; empty if more does. */
	struct mem_counts counts;
	struct sbuf run_text;
	/* Digits that were parsed last, and their number. */
	char last_digits[8];
	uint64_t last_kb;
	struct vma_flags_memo flags_memo;
	/* The header at pos that ended the last record, as far as it was parsed. */
	struct vma_header header;
	size_t header_len;       /* of the line, with the newline; 0: no header was read */
	uint64_t unknown_fields; /* lines with an unknown key */
	uint64_t unknown_flags;
	bool truncated; /* the text ended inside a line or had an invalid line */
	bool long_line; /* a name longer than SMAPS_LINE_MAX was cut */
};

enum { SMAPS_LINE_MAX = 64 << 10 }; /* longer lines are cut; the kernel writes 4 x PATH_MAX */

/* Starts reading at the current offset of fd, which the caller still owns. */
void smaps_reader_init(struct smaps_reader *r, int fd);
/* Starts reading from text in memory, which is copied. */
void smaps_reader_init_text(struct smaps_reader *r, const char *text, size_t len);
void smaps_reader_release(struct smaps_reader *r);

/*
 * Reads the next record. Returns 1, 0 at the end, or -errno if reading failed (-ESRCH: the process
 * has exited). Addresses have 64 bits, also for 32-bit targets.
 */
int smaps_next(struct smaps_reader *r, struct smaps_record *ret_rec);

#endif
