/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options whose argument is more than a text: what each sets, and how it is shown again.
 */
#ifndef APP_OPTION_SET_H
#define APP_OPTION_SET_H

#include "app/options.h"
#include "base/err.h"

/* Sets what an argument says. Returns 0, or -EINVAL with err set. */
typedef int option_set_fn(struct options *o, const char *arg, struct err *err);
/* Returns what the option is now; NULL: a text that is not set. */
typedef const char *option_show_fn(const struct options *o);

option_set_fn option_set_bytes, option_set_cgroup, option_set_color, option_set_count,
	option_set_deep, option_set_delay, option_set_format, option_set_json, option_set_judge,
	option_set_keep, option_set_large, option_set_limit, option_set_name, option_set_output,
	option_set_pid, option_set_si, option_set_snapshot, option_set_watch, option_set_would_fit;
option_show_fn option_show_bytes, option_show_color, option_show_delay, option_show_format,
	option_show_keep, option_show_si;

/* Sets a limit: "512M", for growth "40M/h" too, and for a share "50". */
int option_set_ceiling(struct options *o, enum ceiling id, const char *arg, struct err *err);
/* Adds the PID that the first `len` bytes of a text are, unless it is there. */
int option_add_pid(struct options *o, const char *text, size_t len, struct err *err);

#endif
