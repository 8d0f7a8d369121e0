/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cells and rows that several builders fill in the same way.
 */
#ifndef PRESENT_BUILD_CELLS_H
#define PRESENT_BUILD_CELLS_H

#include "analysis/account/accounting.h"
#include "analysis/delta.h"
#include "present/report.h"

/* The kind of an owner; none for OWNER_NONE. */
struct cell cell_owner_kind(const struct owner *owner);
/* An owner as an object of kind and name; a copy points at one by its rows. */
extern const struct table owner_object;
/* "rwxp" of enum vma_perm bits; static text. */
struct cell cell_perms(uint8_t perms);
/* "08:01", as in maps: buf holds it. */
enum { CELL_DEVICE_MAX = 24 };
struct cell cell_device(char buf[CELL_DEVICE_MAX], uint32_t major, uint32_t minor);
/*
 * What a mapping is for people: its name where there is one, else what was found in most of it, else
 * whose it is and how that is known.
 * Of the target, or in buf.
 */
enum { CELL_WHAT_MAX = 256 };
struct cell cell_what(char buf[CELL_WHAT_MAX], const struct snapshot *s, const struct region *r);
/* Returns a cell with a tone. */
static inline struct cell cell_toned(struct cell c, enum tone tone)
{
	c.tone = tone;
	return c;
}

struct cell cell_share(struct amount part, struct amount whole);
/* "12:00:05", UTC: where lines follow one another, of a day that was said before. */
struct cell cell_time_of_day(struct report *r, int64_t wall_ns);
/* A CELL_DELTA of a magnitude and its sign. */
struct cell cell_signed(struct amount magnitude, bool negative);
struct cell cell_delta(struct delta delta);
/* Returns how a sum is known: "kernel", "~ inferred", or its largest part: "60 % kernel"; in buf. */
enum { CELL_KNOWN_MAX = 48 };
struct cell cell_known(char buf[CELL_KNOWN_MAX], const uint64_t evidence_bytes[EV_COUNT]);
/* Getters of a table that has a row for each category, in their order. */
cell_get_fn get_category_id, get_category_title;

#endif
