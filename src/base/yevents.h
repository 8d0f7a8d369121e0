/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strict YAML, event by event and in bounded memory: mappings, lists and scalars in UTF-8. All
 * other features of YAML are refused; libyaml would accept most of them silently.
 */
#ifndef BASE_YEVENTS_H
#define BASE_YEVENTS_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/util.h"

/* A position in a file, as a line and a character in it, both counted from 1. */
struct yplace {
	const char *file;
	unsigned int line, column;
};

/* Sets err to "file:line:column: what". Returns -EINVAL. */
int yplace_refuse(struct yplace at, struct err *err, const char *fmt, ...) attr_printf(3, 4);

enum { YPLACE_PATH_SHOWN = 300 }; /* the most bytes of a path in an error message */

/* In a mapping, each key is a scalar before its value; the caller checks that it is a scalar. */
enum yevent_type { YEV_SCALAR, YEV_LIST, YEV_LIST_END, YEV_MAPPING, YEV_MAPPING_END, YEV_END };

struct yevent {
	enum yevent_type type;
	struct yplace at;
	bool is_quoted;   /* a scalar in quotes or a block: never a number or a bool */
	const char *text; /* of a scalar, UTF-8 without NUL inside; valid until the next call */
	size_t len;
};

struct yevents_source {
	const char *file; /* the name of the file in errors; must outlive the reader */
	/*
	 * Reads up to n bytes at an offset. Returns the number of bytes, 0 at the end, or -errno.
	 */
	ssize_t (*read_at)(void *arg, void *buf, size_t n, uint64_t offset);
	void *arg;
	unsigned int max_depth; /* how deeply lists and mappings may be nested */
	size_t max_bytes;       /* of the file between two events, which also limits a scalar */
};

/* Returns the position of a byte, found by reading the file up to there. */
struct yplace yplace_at(const struct yevents_source *source, uint64_t offset);

struct yevents;

/* Returns a reader, which the caller frees with yevents_free. */
struct yevents *yevents_new(const struct yevents_source *source);
void yevents_free(struct yevents *y);
/*
 * Reads the next event. Sets YEV_END after the last event of the document (at once if there is no
 * document); the function must not be called again after that. Returns 0; -EINVAL with err set to
 * "file:line:column: what" for invalid YAML, aliases, anchors, tags, directives, a second document,
 * NUL, a byte order mark, other encodings than UTF-8, or more than the limits of the source; or the
 * -errno of reading.
 */
int yevents_next(struct yevents *y, struct yevent *ret_event, struct err *err);

#endif
