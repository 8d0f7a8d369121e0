/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The signals of the full-screen view: those that are waited for, and those that end the program at
 * once, before which the terminal is restored.
 */
#ifndef APP_TOP_SIGNALS_H
#define APP_TOP_SIGNALS_H

#include "base/err.h"
#include "screen/term.h"

/*
 * Blocks the signals that are waited for and returns a descriptor that tells of them, or -errno with
 * err set: SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH.
 */
int top_signals_open(struct err *err);
/* The next one, 0 if there is none. */
int top_signals_next(int fd);
/* From now on a crash, and running out of memory, restore the terminal first. NULL: no more. */
void top_signals_rescue(const struct term_rescue *rescue);
/* Stops this process as Ctrl-Z does. Returns when it goes on. */
void top_signals_stop(void);
/* Ends it as the signal does that it was sent. */
void top_signals_die(int signal);

#endif
