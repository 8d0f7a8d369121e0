/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of inspections as the user set them, and the exit status for a walk.
 */
#ifndef APP_INSPECT_H
#define APP_INSPECT_H

#include "analysis/inspect.h"
#include "app/context.h"

/* Returns the options of inspections from the command line and the configuration. */
struct inspect_opts context_inspect_opts(const struct context *ctx);

/* Makes SIGINT end the walks of inspections with these options instead of the program. */
void inspect_catch_interrupt(struct inspect_opts *opts);

/*
 * Returns the exit status for the walk of a process. Prints an error if memory was to be walked and
 * could not be.
 */
enum status status_of_walk(const struct inspection *in);

#endif
