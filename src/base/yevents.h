/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strict YAML, piece by piece and in bounded memory: mappings, lists and scalars of UTF-8. What
 * YAML has beyond them is refused, because libyaml lets most of it pass without a word.
 */
#ifndef BASE_YEVENTS_H
#define BASE_YEVENTS_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/util.h"

/* A place in a file, in lines and characters from 1. */
struct yplace {
	const char *file;
	unsigned int line, column;
};

/* Sets err to "file:line:column: what". Returns -EINVAL. */
int yplace_refuse(struct yplace at, struct err *err, const char *fmt, ...) attr_printf(3, 4);

enum { YPLACE_PATH_SHOWN = 300 }; /* bytes of a path in an error, so that the reason has room */

/* In a mapping, each key is a scalar in front of its value; that it is one, the caller checks. */
enum yevent_type { YEV_SCALAR, YEV_LIST, YEV_LIST_END, YEV_MAPPING, YEV_MAPPING_END, YEV_END };

struct yevent {
	enum yevent_type type;
	struct yplace at;
	bool is_quoted;   /* a scalar in quotes or a block: never a number or a bool */
	const char *text; /* of a scalar, UTF-8 without NUL inside; valid until the next call */
	size_t len;
};

struct yevents_source {
	const char *file; /* what errors call it; outlives the reader */
	/* Reads up to n bytes at an offset: how many, 0 at the end, or -errno. */
	ssize_t (*read_at)(void *arg, void *buf, size_t n, uint64_t offset);
	void *arg;
	unsigned int max_depth; /* lists and mappings in each other */
	size_t max_bytes;       /* of the file between two events, and so of a scalar */
};

/* The place of a byte, found by reading the file up to there. */
struct yplace yplace_at(const struct yevents_source *source, uint64_t offset);

struct yevents;

/* The caller frees. */
struct yevents *yevents_new(const struct yevents_source *source);
void yevents_free(struct yevents *y);
/*
 * The next event; after the last of the document YEV_END (at once if there is none), and not to be
 * called again. 0, or -EINVAL with err set to "file:line:column: what": bad YAML, aliases, anchors,
 * tags, directives, a second document, NUL, a byte order mark, other encodings than UTF-8, more than
 * the limits of the source; or the -errno of reading.
 */
int yevents_next(struct yevents *y, struct yevent *ret_event, struct err *err);

#endif
