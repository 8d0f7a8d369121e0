/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the mode that the options ask for, and refuses options that do not apply in it.
 */
#ifndef APP_OPTIONS_CHECK_H
#define APP_OPTIONS_CHECK_H

#include "app/options.h"
#include "base/err.h"

/*
 * Checks that every option of argv applies in the mode and comes with the options it needs. Returns
 * 0, or -EINVAL with err set.
 */
int options_check(const struct options *o, struct err *err);

/* Returns the mode that the options ask for. */
enum mode options_mode(const struct options *o);
/* Returns true if options other than -u select processes; -u alone only filters a list. */
bool options_select(const struct options *o);

#endif
