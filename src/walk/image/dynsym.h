/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dynamic symbols of a program or library, as its loader sees them: a stripped one has these.
 * They are looked up in memory, and in the file where that is not in RAM.
 */
#ifndef WALK_IMAGE_DYNSYM_H
#define WALK_IMAGE_DYNSYM_H

#include "walk/image/images.h"

struct dynsym {
	struct images *im; /* not owned */
	uint64_t bias;     /* what it was loaded at, less what its file says */
	uint64_t symbols, strings;
	uint64_t strings_bytes;
	uint64_t gnu_hash, sysv_hash; /* 0: it has none */
};

/* Finds the tables of an ELF file of 64 bits; `file` is an index into the snapshot's files. */
bool dynsym_open(struct dynsym *ret, struct images *im, uint32_t file);

/* The address of a symbol that the image defines. False if it does not. */
bool dynsym_find(const struct dynsym *s, const char *name, uint64_t *ret_addr);

#endif
