/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads options from the command line, and from elsewhere by their names.
 */
#ifndef APP_OPTIONS_PARSE_H
#define APP_OPTIONS_PARSE_H

#include "app/options.h"
#include "base/err.h"
#include "base/sbuf.h"

/*
 * Reads and checks argv. Returns 0, or -EINVAL with err set: a usage error. The caller releases *ret
 * in either case.
 */
int options_parse(int argc, char **argv, struct options *ret, struct err *err);
void options_release(struct options *o);

/*
 * Sets an option by its long name. Texts are kept, not copied; arg is NULL for an option without an
 * argument. Returns 0, or -EINVAL with err set, which names what is wrong.
 */
int options_set(struct options *o, const char *name, const char *arg, struct err *err);
/* Returns true if argv had this option, or another that says the same thing. */
bool options_given(const struct options *o, const char *name);
/* Appends what the option is now: true or false, its text, or nothing for a text not set. */
void options_show(const struct options *o, const char *name, struct sbuf *out);

#endif
