/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inspections as the user asked for them, and what they make of the exit status.
 */
#ifndef APP_INSPECT_H
#define APP_INSPECT_H

#include "analysis/inspect.h"
#include "app/context.h"

/* Returns how the options and the configuration want processes inspected. */
struct inspect_opts context_inspect_opts(const struct context *ctx);

/* From now on SIGINT ends walks of inspections with these options, instead of the program. */
void inspect_catch_interrupt(struct inspect_opts *opts);

/*
 * Returns what the memory of a process makes of the exit status. Complains if it was to be walked
 * and could not be.
 */
enum status status_of_walk(const struct inspection *in);

#endif
