/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The symbols of an ELF file, which name addresses in its data. Its contents are untrusted. */
#ifndef PROC_ELF_SYMBOLS_H
#define PROC_ELF_SYMBOLS_H

#include <stdint.h>

#include "base/util.h"

struct elf_point {
	uint64_t vaddr;  /* as in the file: without the load address */
	char *symbol;    /* owned by the caller; NULL: not found */
	uint64_t offset; /* of the point in the symbol */
};

/*
 * Names points (ascending by vaddr) of a 64-bit file by the data symbols that cover them and begin
 * with `prefix`: symbols of .symtab, which stripped files do not have, and of .dynsym. A point that
 * has a symbol keeps it.
 */
void elf_name_points(int fd, const char *prefix, struct elf_point *points, size_t n);

#endif
