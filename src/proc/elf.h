/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a mapped ELF file says of itself: where its .bss ends, and which Go built it.
 * The only user of libelf. Files are opened through the target (map_files, or root/PATH checked by
 * device and inode), never by the printed path in our own namespace.
 */
#ifndef PROC_ELF_H
#define PROC_ELF_H

#include <stdint.h>
#include <sys/types.h>

#include "base/sbuf.h"
#include "base/util.h"
#include "proc/procfs.h"

struct elf_segment {
	uint64_t vaddr, offset, filesz, memsz;
	uint32_t flags; /* PF_R PF_W PF_X */
};

struct elf_info {
	struct elf_segment *load; /* PT_LOAD headers, ascending; owned */
	size_t n_load;
	uint64_t align;           /* largest p_align */
	bool has_go_buildinfo;    /* section .go.buildinfo */
};

/*
 * Opens the file behind the mapping start-end of the process: map_files first, then root/PATH if
 * device and inode agree (st_dev, st_ino of the mapping). Returns a descriptor or -errno.
 */
int elf_open_mapped(const struct procfs *fs, int dirfd, uint64_t start, uint64_t end,
		    const char *path, uint32_t major, uint32_t minor, uint64_t inode);

/* Reads the headers. 0, -ENOEXEC if it is not a (sane) ELF file, or -errno. */
int elf_info_read(int fd, struct elf_info *ret_info);
void elf_info_release(struct elf_info *info);

/* The Go version ("go1.19.8") from .go.buildinfo, into out. 0 or -errno. */
int elf_go_version(int fd, struct sbuf *out);

#endif
