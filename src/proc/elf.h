/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a mapped ELF file says about itself: where its .bss ends, where its symbols are, and which
 * version of Go built it. The only user of libelf. Files are opened through the target (map_files,
 * or its root), never by their printed path in our own namespace. Their contents are untrusted.
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
	uint64_t align; /* the largest p_align */
};

/*
 * Opens the file behind the mapping start-end of the process: first by map_files, which is exact
 * but takes privileges, then by `path` below the process's root. There the inode must be that of
 * the mapping, and so must the device, unless neither is a block device: for btrfs and overlayfs
 * maps and stat report different ones. In a recorded tree a file below PID/root is accepted by its
 * path. Returns a descriptor that the caller closes, or -errno (-ESTALE: another file has the
 * path).
 */
int elf_open_mapped(const struct procfs *fs, int dirfd, uint64_t start, uint64_t end,
		    const char *path, uint32_t major, uint32_t minor, uint64_t inode);

/*
 * Reads the program headers. Returns 0, or -ENOEXEC if the file is not a valid ELF program or
 * library.
 */
int elf_info_read(int fd, struct elf_info *ret_info);
void elf_info_release(struct elf_info *info);

/*
 * Writes the Go version ("go1.19.8", "devel go1.23-0a1b2c3") of .go.buildinfo to out (reset first).
 * Returns 0, -ENOEXEC, -ENOENT if Go did not build it, -EBADMSG, or -ENOTSUP if Go built it but the
 * version is not there: before 1.18, or in a program without that section (it always has the table
 * of functions, .gopclntab).
 */
int elf_go_version(int fd, struct sbuf *out);

/* A table of symbols and their names, as offsets in the file. */
struct elf_table {
	uint64_t offset, bytes;
	uint64_t names_offset, names_bytes;
};

/*
 * Finds the table of this type (SHT_SYMTAB, SHT_DYNSYM) in a 64-bit file. Its values are not
 * checked against the size of the file. Returns 0, -ENOEXEC, or -ENOENT if there is no such table.
 */
int elf_table_find(int fd, uint32_t type, struct elf_table *ret);

#endif
