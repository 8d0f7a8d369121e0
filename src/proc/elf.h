/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a mapped ELF file says of itself: where its .bss ends, where its symbols are, and which Go
 * built it.
 * The only user of libelf. Files are opened through the target (map_files, or its root), never by
 * the printed path in our own namespace, and their contents are the target's to choose.
 */
#ifndef PROC_ELF_H
#define PROC_ELF_H

#include <stdint.h>

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
	uint64_t align; /* largest p_align */
};

/*
 * Opens the file behind the mapping start-end of the process: map_files first, which is exact but
 * takes privileges, then `path` below the process's root. There the inode must be that of the
 * mapping, and so must the device, unless both are without a block device: btrfs and overlayfs
 * state another one in maps than stat does. In a recorded tree a file below PID/root counts by its
 * path. Returns a descriptor that the caller closes, or -errno (-ESTALE: another file has the path).
 */
int elf_open_mapped(const struct procfs *fs, int dirfd, uint64_t start, uint64_t end,
		    const char *path, uint32_t major, uint32_t minor, uint64_t inode);

/* Reads the program headers. 0, or -ENOEXEC if it is not a (sane) ELF program or library. */
int elf_info_read(int fd, struct elf_info *ret_info);
void elf_info_release(struct elf_info *info);

/*
 * The Go version ("go1.19.8", "devel go1.23-0a1b2c3") from .go.buildinfo into out (reset first). 0,
 * -ENOEXEC, -ENOENT if Go did not build it, -ENOTSUP if it did before Go 1.18, -EBADMSG.
 */
int elf_go_version(int fd, struct sbuf *out);

/* A table of symbols and their names, as places in the file. */
struct elf_table {
	uint64_t offset, bytes;
	uint64_t names_offset, names_bytes;
};

/*
 * Finds the table of this type (SHT_SYMTAB, SHT_DYNSYM) of a file of 64 bits. What it says is within
 * no bounds but those of the numbers. 0, -ENOEXEC, or -ENOENT if there is none.
 */
int elf_table_find(int fd, uint32_t type, struct elf_table *ret);

#endif
