/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel files of the shape "KEY NUMBER" a line: status, meminfo, limits, memory.stat and others.
 * Lines may come in any order, be missing or unknown; the last line may be cut and counts not then.
 */
#ifndef PROC_KEYFILE_H
#define PROC_KEYFILE_H

#include "base/amount.h"
#include "base/sbuf.h"

/*
 * A line of interest. `key` is how it starts, separator included ("VmRSS:", "anon "), NULL for a
 * row that no line belongs to. The number after the first `skip` ones counts; with `kb`, the unit "kB"
 * has to follow and the value is made bytes.
 */
struct keyfile_row {
	const char *key;
	bool kb;
	unsigned int skip;
};

/* Steps through the complete lines of a text. The newline is not part of the line. */
struct lines {
	const char *p, *end;
};

struct lines lines_of(const struct sbuf *text);
/* The next line, [*ret_line, *ret_end); false after the last. */
bool lines_next(struct lines *l, const char **ret_line, const char **ret_end);

/*
 * Reads the values of n rows, of one text, into values[0..n); "unlimited" and "max" are UINT64_MAX.
 * A value without a line stays as it was, one that cannot be understood is absent. Returns the
 * number of lines that belonged to a row.
 */
size_t keyfile_parse(const struct sbuf *text, const struct keyfile_row *rows, size_t n,
		     struct amount *values);
/* One value, [p, end), blanks before it allowed: as in keyfile_parse, the row's key not looked at. */
struct amount keyfile_value(const struct keyfile_row *row, const char *p, const char *end);

#endif
