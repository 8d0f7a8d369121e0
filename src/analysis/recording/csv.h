/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a series from lines of text: each has a time and a number of bytes with a comma, a
 * semicolon or a tab between them.
 */
#ifndef ANALYSIS_RECORDING_CSV_H
#define ANALYSIS_RECORDING_CSV_H

#include "analysis/recording/recording.h"
#include "base/err.h"

/*
 * Reads n bytes of the file called `file` and adds one recording to *ret. Times are seconds, with
 * or without a fraction, or as in base/stamp.h, and must not go back. Blank lines and lines that
 * begin with # are skipped; the first other line may be headings. Fields may be in quotes.
 *
 * Returns 0, or -EINVAL with err set to "file:line: what".
 */
int recording_csv_parse(const char *file, const char *bytes, size_t n, struct recordings *ret,
			struct err *err);

#endif
