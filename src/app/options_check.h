/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which mode the options ask for, and whether each of them is obeyed there.
 */
#ifndef APP_OPTIONS_CHECK_H
#define APP_OPTIONS_CHECK_H

#include "app/options.h"
#include "base/err.h"

/*
 * Checks that every option of argv is one of the mode and has what it needs. Returns 0, or -EINVAL
 * with err set.
 */
int options_check(const struct options *o, struct err *err);

/* Returns the mode that the options ask for. */
enum mode options_mode(const struct options *o);
/* Returns true if processes are selected by more than their user, who alone filters a list. */
bool options_select(const struct options *o);

#endif
