/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of recorded series, of either format.
 */
#ifndef ANALYSIS_RECORDING_FILE_H
#define ANALYSIS_RECORDING_FILE_H

#include "analysis/recording/recording.h"
#include "base/err.h"

enum { RECORDING_FILE_MAX_BYTES = 64 << 20 };

/*
 * Reads n bytes as the file called `file`: JSON of Prometheus if the first character that is not
 * blank is "{", else lines. 0 with at least one recording of at least one sample, or -EINVAL with err
 * set. The caller releases *ret in either case.
 */
int recording_parse(const char *file, const char *bytes, size_t n, struct recordings *ret,
		    struct err *err);
/*
 * The same from a file, or from standard input for "-". Never waits for a file: it has to be a
 * regular one. Another -errno if it cannot be opened or read.
 */
int recording_read(const char *path, struct recordings *ret, struct err *err);

#endif
