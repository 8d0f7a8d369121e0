/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cells and tables that several builders make in the same way.
 */
#ifndef PRESENT_BUILD_CELLS_H
#define PRESENT_BUILD_CELLS_H

#include "analysis/account/accounting.h"
#include "analysis/delta.h"
#include "present/report.h"

/* Returns the id of the kind of an owner; an empty cell for OWNER_NONE. */
struct cell cell_owner_kind(const struct owner *owner);
/* The object of kind and name that an owner is; set the rows of a copy to the struct owner. */
extern const struct table owner_object;
/* Returns the text of enum vma_perm bits, "rwxp"; static. */
struct cell cell_perms(uint8_t perms);
enum { CELL_DEVICE_MAX = 24 };
/* Writes a device to buf as maps shows it, "08:01", and returns its cell. */
struct cell cell_device(char buf[CELL_DEVICE_MAX], uint32_t major, uint32_t minor);
enum { CELL_WHAT_MAX = 256 };
/*
 * Returns what a mapping is, for people: its name if it has one, else what a walker found in most
 * of it, else its owner and how that is known. The text is owned by the snapshot or in buf.
 */
struct cell cell_what(char buf[CELL_WHAT_MAX], const struct snapshot *s, const struct region *r);
/* Returns a cell with a tone. */
static inline struct cell cell_toned(struct cell c, enum tone tone)
{
	c.tone = tone;
	return c;
}

/* Returns a part in percent of the whole; an empty cell if either is absent or the whole is 0. */
struct cell cell_share(struct amount part, struct amount whole);
/* Returns the time of day in UTC, "12:00:05", for lines that follow one another. */
struct cell cell_time_of_day(struct report *r, int64_t wall_ns);
/* Returns a CELL_DELTA of a magnitude and its sign. */
struct cell cell_signed(struct amount magnitude, bool negative);
/* Returns a CELL_DELTA of a difference, or the reason why it is absent. */
struct cell cell_delta(struct delta delta);
enum { CELL_KNOWN_MAX = 48 };
/*
 * Writes to buf how a sum is known, "kernel", "~ inferred", or its largest part, "60 % kernel", and
 * returns its cell.
 */
struct cell cell_known(char buf[CELL_KNOWN_MAX], const uint64_t evidence_bytes[EV_COUNT]);
/* Return the id and the title of a category, in a table with a row for each, in their order. */
cell_get_fn get_category_id, get_category_title;

#endif
