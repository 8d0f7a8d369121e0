/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The signals of the full-screen view: those that it waits for, and those that end the program at
 * once, before which the terminal is restored.
 */
#ifndef APP_TOP_SIGNALS_H
#define APP_TOP_SIGNALS_H

#include "base/err.h"
#include "screen/term.h"

/*
 * Blocks SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT and SIGWINCH, and returns a descriptor that is
 * readable when one of them is pending, or -errno with err set.
 */
int top_signals_open(struct err *err);
/* Returns the number of the next pending signal, or 0 if no signal is pending. */
int top_signals_next(int fd);
/* Makes a crash and running out of memory restore the terminal first; NULL ends this. */
void top_signals_rescue(const struct term_rescue *rescue);
/* Stops this process as Ctrl-Z does. Returns when it is continued. */
void top_signals_stop(void);
/* Ends this process by the signal, as if it were not handled. */
void top_signals_die(int signal);

#endif
