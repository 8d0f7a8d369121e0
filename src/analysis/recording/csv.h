/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A series as lines of text: a time and a number of bytes on each, with a comma, a semicolon or a
 * tab between them.
 */
#ifndef ANALYSIS_RECORDING_CSV_H
#define ANALYSIS_RECORDING_CSV_H

#include "analysis/recording/recording.h"
#include "base/err.h"

/*
 * Reads n bytes as the file called `file`. Times are seconds, maybe with a fraction, or as in
 * base/stamp.h, and do not go back. Blank lines and those that begin with # do not count; the first
 * one that does may be headings. Fields may stand in quotes.
 *
 * 0 with one recording added, or -EINVAL with err set to "file:line: what".
 */
int recording_csv_parse(const char *file, const char *bytes, size_t n, struct recordings *ret,
			struct err *err);

#endif
