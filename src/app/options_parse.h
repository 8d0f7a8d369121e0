/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads options from the command line, and sets and shows options by name.
 */
#ifndef APP_OPTIONS_PARSE_H
#define APP_OPTIONS_PARSE_H

#include "app/options.h"
#include "base/err.h"
#include "base/sbuf.h"

/*
 * Reads and checks argv. Returns 0, or -EINVAL with err set for a usage error. The caller releases
 * *ret in either case.
 */
int options_parse(int argc, char **argv, struct options *ret, struct err *err);
void options_release(struct options *o);

/*
 * Sets an option by its long name. Does not copy arg, which must outlive *o; arg is NULL for an
 * option without an argument. Returns 0, or -EINVAL with err set.
 */
int options_set(struct options *o, const char *name, const char *arg, struct err *err);
/* Returns true if argv had this option, or a different one that sets the same field. */
bool options_given(const struct options *o, const char *name);
/* Appends the value of an option: true or false, or its text, which is empty if it is not set. */
void options_show(const struct options *o, const char *name, struct sbuf *out);

#endif
