/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saves and loads the settings of the list: in a small file of its own, not in the configuration.
 */
#ifndef SCREEN_STATE_H
#define SCREEN_STATE_H

#include "screen/view/list.h"

/* Appends the contents of the file to out. */
void state_show(const struct list_view *v, struct sbuf *out);
/*
 * Applies the settings of a file. Returns 0, -ENOENT if it does not exist, or -errno with err set
 * to the place of the error; settings before that place are applied.
 */
int state_load(const char *path, struct list_view *v, struct err *err);

#endif
