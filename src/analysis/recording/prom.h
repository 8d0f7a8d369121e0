/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads series from the JSON with which Prometheus answers a range query (api/v1/query_range).
 */
#ifndef ANALYSIS_RECORDING_PROM_H
#define ANALYSIS_RECORDING_PROM_H

#include "analysis/recording/recording.h"
#include "base/err.h"

/* Lower than for lines: a JSON tree takes about twelve times the memory of its text. */
enum { RECORDING_PROM_MAX_BYTES = 16 << 20 };

/*
 * Reads n bytes of the file called `file` and adds a recording for each series, named as Prometheus
 * does: metric{label="value",...}. Returns 0, or -EINVAL with err set to "file: what" or
 * "file:line:column: what".
 */
int recording_prom_parse(const char *file, const char *bytes, size_t n, struct recordings *ret,
			 struct err *err);

#endif
