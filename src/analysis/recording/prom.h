/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answer of Prometheus to a range query (api/v1/query_range), as JSON.
 */
#ifndef ANALYSIS_RECORDING_PROM_H
#define ANALYSIS_RECORDING_PROM_H

#include "analysis/recording/recording.h"
#include "base/err.h"

/* A tree of JSON takes a dozen times the room of its text. */
enum { RECORDING_PROM_MAX_BYTES = 16 << 20 };

/*
 * Reads n bytes as the file called `file`: one recording for each series, named as Prometheus would,
 * metric{label="value",...}. 0, or -EINVAL with err set to "file: what" or "file:line:column: what".
 */
int recording_prom_parse(const char *file, const char *bytes, size_t n, struct recordings *ret,
			 struct err *err);

#endif
