/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The symbols of an ELF file, to name places in its data. Its contents are the target's to choose.
 */
#ifndef PROC_ELF_SYMBOLS_H
#define PROC_ELF_SYMBOLS_H

#include <stdint.h>

#include "base/util.h"

struct elf_point {
	uint64_t vaddr;  /* as the file has it: without the address it was loaded at */
	char *symbol;    /* owned by the caller; NULL: not found */
	uint64_t offset; /* of the point in what the symbol is of */
};

/*
 * Names points (ascending by vaddr), of a file of 64 bits, by the data symbols that begin with
 * `prefix` and cover them: those of .symtab, which a stripped file has not, and of .dynsym. Points
 * that have a symbol keep it.
 */
void elf_name_points(int fd, const char *prefix, struct elf_point *points, size_t n);

#endif
