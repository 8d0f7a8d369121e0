/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options whose argument is more than a text: functions that parse the argument and that show the
 * value.
 */
#ifndef APP_OPTION_SET_H
#define APP_OPTION_SET_H

#include "app/options.h"
#include "base/err.h"

/* Parses the argument and sets the option. Returns 0, or -EINVAL with err set. */
typedef int option_set_fn(struct options *o, const char *arg, struct err *err);
/* Returns the value of the option as text, or NULL if it is not set. */
typedef const char *option_show_fn(const struct options *o);

option_set_fn option_set_bytes, option_set_cgroup, option_set_color, option_set_count,
	option_set_deep, option_set_delay, option_set_format, option_set_json, option_set_judge,
	option_set_keep, option_set_large, option_set_limit, option_set_name, option_set_output,
	option_set_pid, option_set_proc_root, option_set_si, option_set_snapshot, option_set_watch,
	option_set_would_fit;
option_show_fn option_show_bytes, option_show_color, option_show_delay, option_show_format,
	option_show_keep, option_show_si;

/* Sets a limit from "512M", or "40M/h" for growth, or "50" for a percentage. */
int option_set_ceiling(struct options *o, enum ceiling id, const char *arg, struct err *err);
/* Adds the PID in the first `len` bytes of text, unless it was added before. */
int option_add_pid(struct options *o, const char *text, size_t len, struct err *err);

#endif
