/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads files of recorded series, CSV or JSON of Prometheus.
 */
#ifndef ANALYSIS_RECORDING_FILE_H
#define ANALYSIS_RECORDING_FILE_H

#include "analysis/recording/recording.h"
#include "base/err.h"

enum { RECORDING_FILE_MAX_BYTES = 64 << 20 };

/*
 * Reads n bytes of the file called `file`: JSON of Prometheus if the first character that is not
 * blank is "{", else lines. Returns 0 with at least one recording of at least one sample, or
 * -EINVAL with err set. The caller releases *ret in either case.
 */
int recording_parse(const char *file, const char *bytes, size_t n, struct recordings *ret,
		    struct err *err);
/*
 * Reads a file, or standard input for "-", as recording_parse does. A file must be a regular one,
 * so that opening it never blocks. Returns 0, or -errno with err set, also if the file cannot be
 * opened or read.
 */
int recording_read(const char *path, struct recordings *ret, struct err *err);

#endif
