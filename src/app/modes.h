/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of modes.
 */
#ifndef APP_MODES_H
#define APP_MODES_H

#include "app/context.h"

/* Runs the mode that the options ask for and returns its status. */
enum status mode_run(const struct context *ctx);

#endif
