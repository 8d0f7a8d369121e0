/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes reports to standard output or to the file of -o.
 */
#ifndef APP_OUTPUT_H
#define APP_OUTPUT_H

#include "app/context.h"

/*
 * Renders a report to standard output, or to the file of -o, which is replaced only when the report
 * is complete. If `wide`, rows may be as long as the terminal is wide, or of any length if the
 * output is not a terminal.
 */
enum status output_report(const struct context *ctx, const struct report *report, bool wide);
/*
 * Opens the stream for a sequence of reports: standard output, or the file of -o, which is
 * overwritten. Returns NULL after printing an error. The caller closes it with output_close.
 */
FILE *output_open(const struct context *ctx);
/* Renders one report of a sequence. Prints an error if that fails. */
enum status output_record(const struct context *ctx, const struct report *report, FILE *out);
/* Closes the stream. Prints an error if not all of it was written. */
enum status output_close(const struct context *ctx, FILE *out);

#endif
