/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mapped objects: programs and libraries in memory. Their pages that are not in RAM are read from
 * the file, and their symbols name places in them.
 */
#ifndef WALK_IMAGE_IMAGES_H
#define WALK_IMAGE_IMAGES_H

#include "walk/core/addrmap.h"
#include "walk/core/walk.h"

struct images {
	struct walk *walk;     /* not owned */
	struct addrmap *pages; /* of mapped objects, those that can be read */
	uint32_t open_file;    /* index into the snapshot's files; 0: none yet */
	int fd;                /* of that file; -1 if it could not be opened */
};

/* Finds the mapped objects of the process. The caller releases *im. */
void images_init(struct images *im, struct walk *walk);
void images_release(struct images *im);

/* Tells whether addr lies in a mapped object and can be read. */
static inline bool images_have(const struct images *im, uint64_t addr)
{
	return addrmap_kind(im->pages, addr) != ADDR_NONE;
}

/* Tells whether addr lies in code of a mapped object. */
bool images_have_code(const struct images *im, uint64_t addr);
/* Returns the file mapped at addr, .bss included: an index into the snapshot's files, or 0. */
uint32_t images_file(const struct images *im, uint64_t addr);
/* Tells whether a mapped object begins at addr, where the tables of the loader point. */
bool images_begin(const struct images *im, uint64_t addr);
/* Returns the path of the file mapped at addr, or NULL. */
const char *images_module(const struct images *im, uint64_t addr);

/* Reads bytes of a mapped object. Returns false if not all can be read. */
bool images_read(struct images *im, uint64_t addr, void *buf, size_t len);
/* Reads at most len bytes, at least up to the end of the page. Returns how many it read. */
size_t images_read_some(struct images *im, uint64_t addr, void *buf, size_t len);

/* Reads from the file what [addr, addr + len) was before the program wrote to it; else zeros. */
void images_read_file(struct images *im, uint64_t addr, void *buf, size_t len);

struct image_place {
	uint64_t addr;
	const char *symbol; /* that covers it, in the arena of the walk; NULL: not found */
	uint64_t offset;    /* of the place from where the symbol begins */
	uint32_t file;      /* set by images_name */
	uint32_t tag;       /* for the caller */
};

/* Finds the data symbols with the prefix that cover the places. Changes the order of places. */
void images_name(struct images *im, const char *prefix, struct image_place *places, size_t n);

#endif
