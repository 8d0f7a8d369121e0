/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For readers of snapshot files: walks a YAML document by tables of keys, holding no more than the
 * current value. What is not in the tables is skipped, and kept to the same rules.
 *
 * Every function that reads a value finds its first event in r->event and leaves its last one there.
 * All return 0, or -EINVAL (another -errno if reading failed) with the error set to
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
	SNAPREAD_KEYS = 128,         /* of a table */
	SNAPREAD_UNKNOWN_KEYS = 128, /* of one mapping */
	SNAPREAD_ITEMS = 1 << 20,    /* of a list */
	SNAPREAD_EVENTS = 1 << 25,   /* of a file: what 256 MiB of snapshot have, and some */
};

struct snapread {
	struct yevents *events;
	struct yevent event; /* the current one */
	size_t n_events;
	struct sbuf text; /* the last string, its escapes undone */
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
	const struct snapread_key *keys; /* in the order of the file, which makes it fast */
	size_t n;                        /* at most SNAPREAD_KEYS */
};

int snapread_next(struct snapread *r);
/* An error at the current event. Returns -EINVAL. */
int snapread_refuse(struct snapread *r, const char *fmt, ...) attr_printf(2, 3);

/* A mapping. Keys that stand twice, and required ones that are missing, are errors. */
int snapread_mapping(struct snapread *r, const struct snapread_table *table, void *obj);
/* A list, each item by the function, which is handed its number as arg. */
int snapread_list(struct snapread *r, snapread_fn *item, void *obj);
/* Any value, which nobody needs. */
int snapread_skip(struct snapread *r);

bool snapread_is_null(const struct snapread *r);
/* Numbers and bools are bare, strings in double quotes. */
int snapread_u64(struct snapread *r, uint64_t max, uint64_t *ret_value);
int snapread_bool(struct snapread *r, bool *ret_value);
/* A decimal fraction that is not negative, in thousandths. */
int snapread_thousandths(struct snapread *r, uint64_t *ret_value);
int snapread_hex(struct snapread *r, uint64_t *ret_value);
/* "08:01" */
int snapread_device(struct snapread *r, uint32_t *ret_major, uint32_t *ret_minor);
/* One of our ids, as it is: plain ASCII, in r->event.text. */
int snapread_id(struct snapread *r);
/* Bytes of the target, into r->text. Without NUL. */
int snapread_text(struct snapread *r);
/* Reads the text of a reason; null is none. */
int snapread_reason(struct snapread *r, enum reason *ret_why);

#endif
