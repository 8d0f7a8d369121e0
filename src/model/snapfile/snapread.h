/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For readers of snapshot files: reads a YAML document by tables of keys, and stores no more than
 * the current value. Values of unknown keys are checked as all others and skipped.
 *
 * A function that reads a value finds the first event of the value in r->event, and leaves the last
 * one there. All return 0, or -EINVAL (another -errno if reading failed) with the error set to
 * "file:line:column: what".
 */
#ifndef MODEL_SNAPFILE_SNAPREAD_H
#define MODEL_SNAPFILE_SNAPREAD_H

#include <stdint.h>

#include "base/reason.h"
#include "base/sbuf.h"
#include "base/yevents.h"

enum {
	SNAPREAD_DEPTH = 12,
	SNAPREAD_KEYS = 128,         /* in a table */
	SNAPREAD_UNKNOWN_KEYS = 128, /* in one mapping */
	SNAPREAD_ITEMS = 1 << 20,    /* in a list */
	SNAPREAD_EVENTS = 1 << 25,   /* in a file: more than 256 MiB of snapshot have */
};

struct snapread {
	struct yevents *events;
	struct yevent event; /* the current one */
	size_t n_events;
	struct sbuf text; /* the last string, with its escapes undone */
	struct err *err;
};

/* Reads the value of a key into obj; arg is that of the key's row. */
typedef int snapread_fn(struct snapread *r, void *obj, size_t arg);

struct snapread_key {
	const char *id;
	snapread_fn *read;
	size_t arg;
	bool required;
};

struct snapread_table {
	const struct snapread_key *keys; /* fastest in the order of the file */
	size_t n;                        /* at most SNAPREAD_KEYS */
};

int snapread_next(struct snapread *r);
/* Sets an error at the current event. Returns -EINVAL. */
int snapread_refuse(struct snapread *r, const char *fmt, ...) attr_printf(2, 3);

/* Reads a mapping. Keys that occur twice, and missing keys that are required, are errors. */
int snapread_mapping(struct snapread *r, const struct snapread_table *table, void *obj);
/* Reads a list; calls `item` for each item with its number as arg. */
int snapread_list(struct snapread *r, snapread_fn *item, void *obj);
/* Skips a value of any type. */
int snapread_skip(struct snapread *r);

bool snapread_is_null(const struct snapread *r);
/* Read a value. Numbers and bools must not be in quotes; strings must be in double quotes. */
int snapread_u64(struct snapread *r, uint64_t max, uint64_t *ret_value);
int snapread_bool(struct snapread *r, bool *ret_value);
/* Reads a decimal fraction that is not negative, in thousandths. */
int snapread_thousandths(struct snapread *r, uint64_t *ret_value);
int snapread_hex(struct snapread *r, uint64_t *ret_value);
/* Reads a device, "08:01". */
int snapread_device(struct snapread *r, uint32_t *ret_major, uint32_t *ret_minor);
/* Reads one of our ids into r->event.text: plain ASCII without escapes. */
int snapread_id(struct snapread *r);
/* Reads bytes of the target, without NUL, into r->text. */
int snapread_text(struct snapread *r);
/* Reads the text of a reason; null is REASON_NONE. */
int snapread_reason(struct snapread *r, enum reason *ret_why);

#endif
