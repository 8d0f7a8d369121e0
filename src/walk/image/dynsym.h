/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dynamic symbols of a program or library, which it has even when it is stripped. They are read
 * from memory, or from the file where they are not in RAM.
 */
#ifndef WALK_IMAGE_DYNSYM_H
#define WALK_IMAGE_DYNSYM_H

#include "walk/image/images.h"

struct dynsym {
	struct images *im; /* not owned */
	uint64_t bias;     /* address in memory less the address in the file */
	uint64_t symbols, strings;
	uint64_t strings_bytes;
	uint64_t gnu_hash, sysv_hash; /* 0: it has none */
};

/*
 * Finds the tables of a 64-bit ELF file, an index into the snapshot's files. Returns false if it
 * has none.
 */
bool dynsym_open(struct dynsym *ret, struct images *im, uint32_t file);

/* Finds the address of a symbol that is defined here. Returns false if there is none. */
bool dynsym_find(const struct dynsym *s, const char *name, uint64_t *ret_addr);

#endif
