/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The images of programs and libraries in memory. What of an image is not in RAM is read from its
 * file, and places in it are named by its symbols.
 */
#ifndef WALK_IMAGE_IMAGES_H
#define WALK_IMAGE_IMAGES_H

#include "walk/core/addrmap.h"
#include "walk/core/walk.h"

struct images {
	struct walk *d;        /* not owned */
	struct addrmap *pages; /* of images, those that can be read */
	uint32_t open_file;    /* index into the snapshot's files; 0: none yet */
	int fd;                /* of that file; -1 if it could not be opened */
};

/* The caller releases it. */
void images_init(struct images *im, struct walk *d);
void images_release(struct images *im);

static inline bool images_have(const struct images *im, uint64_t addr)
{
	return addrmap_kind(im->pages, addr) != ADDR_NONE;
}

bool images_have_code(const struct images *im, uint64_t addr);
/* The file of it, its .bss included: an index into the snapshot's; 0: none does. */
uint32_t images_file(const struct images *im, uint64_t addr);
/* Whether an image begins there: the loader's own tables point at it. */
bool images_begin(const struct images *im, uint64_t addr);
/* The path of the file whose image holds addr; NULL: none does. */
const char *images_module(const struct images *im, uint64_t addr);

/* Reads bytes of an image. False if not all are there. */
bool images_read(struct images *im, uint64_t addr, void *buf, size_t len);
/* The same, at least up to the end of the page: how many there are of at most len. */
size_t images_read_some(struct images *im, uint64_t addr, void *buf, size_t len);

/*
 * Copies from the file what [addr, addr + len) had before the program wrote to it; zeroes where
 * there is no such file.
 */
void images_read_file(struct images *im, uint64_t addr, void *buf, size_t len);

struct image_place {
	uint64_t addr;
	const char *symbol; /* that covers it, in the arena of the walk; NULL: not found */
	uint64_t offset;    /* of the place in what the symbol is of */
	uint32_t file;      /* set by images_name */
	uint32_t tag;       /* the caller's */
};

/* Names places by data symbols that begin with the prefix. Their order changes. */
void images_name(struct images *im, const char *prefix, struct image_place *places, size_t n);

#endif
