/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a report goes, and how it is fitted to that place.
 */
#ifndef APP_OUTPUT_H
#define APP_OUTPUT_H

#include "app/context.h"

/*
 * Renders to standard output, or to the file of -o, which is replaced only when complete.
 * wide: rows may be as long as the terminal is, or as they take when there is none.
 */
enum status output_report(const struct context *ctx, const struct report *report, bool wide);
/*
 * For reports that follow one another: the stream that output_record writes to, standard output or
 * the file of -o, which is made anew. NULL after a complaint. The caller closes it.
 */
FILE *output_open(const struct context *ctx);
enum status output_record(const struct context *ctx, const struct report *report, FILE *out);
enum status output_close(const struct context *ctx, FILE *out);

#endif
