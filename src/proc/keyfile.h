/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel files with "KEY NUMBER" lines: status, meminfo, limits, memory.stat and others. Lines may
 * come in any order, be missing or unknown; a last line that is cut is ignored.
 */
#ifndef PROC_KEYFILE_H
#define PROC_KEYFILE_H

#include "base/amount.h"
#include "base/sbuf.h"

/*
 * A line that is wanted. `key` is its beginning, including the separator ("VmRSS:", "anon "); NULL
 * for a row that no line belongs to. The value is the number after the first `skip` numbers; with
 * `kb` the unit "kB" must follow, and the value is converted to bytes.
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
/* Sets the next line, [*ret_line, *ret_end). Returns false after the last one. */
bool lines_next(struct lines *l, const char **ret_line, const char **ret_end);

/*
 * Reads the values of n rows from one text into values[0..n); "unlimited" and "max" are UINT64_MAX.
 * A value without a line is not changed; one that is not valid becomes absent. Returns the number
 * of lines that belonged to a row.
 */
size_t keyfile_parse(const struct sbuf *text, const struct keyfile_row *rows, size_t n,
		     struct amount *values);
/*
 * Reads one value, [p, end), which may begin with blanks, as keyfile_parse does; does not check the
 * row's key.
 */
struct amount keyfile_value(const struct keyfile_row *row, const char *p, const char *end);

#endif
