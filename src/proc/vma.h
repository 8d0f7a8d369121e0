/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mappings, and the lines of smaps and maps that begin with their addresses. Such a line often
 * repeats what the one before said, which is taken over then.
 */
#ifndef PROC_VMA_H
#define PROC_VMA_H

#include <stdint.h>

#include "base/sbuf.h"
#include "base/util.h"

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
	bool has_flags;        /* the record has VmFlags */
	uint8_t perms;         /* enum vma_perm bits */
	/*
	 * The rest of the line, as the kernel escapes it (\012 for a newline); "" if there is no
	 * name. NUL-terminated; the reader owns it, and it is valid until the next call.
	 */
	const char *name;
	size_t name_len;
};

/* A header as far as it was parsed, and what the last one said. Zeroed at first. */
struct vma_header {
	uint64_t start;   /* the first address */
	size_t start_len; /* its digits */
	/* The second address, and its digits; none if there are too many. */
	uint64_t end;
	char end_digits[16];
	size_t end_len;
	/* What the last header said of the file, and the text that said it. */
	struct vma mapped;
	struct sbuf mapped_text;
	struct sbuf name;
};

void vma_header_release(struct vma_header *h);
/*
 * Parses the first address of a line. Returns false if the line is no header: headers begin with an
 * address and a dash, field lines with a word and a colon.
 */
bool vma_header_begin(struct vma_header *h, const char *line, size_t len);
/*
 * Parses a header that was begun, "start-end perms offset major:minor inode   name", without its
 * newline. Fields may have any width. Returns false, and leaves *v undefined, if it has another form.
 */
bool vma_header_parse(struct vma_header *h, const char *line, size_t len, struct vma *v);

#endif
