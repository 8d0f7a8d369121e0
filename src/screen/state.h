/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the user has set and wants to find again: a small file of ours, which never is the
 * configuration.
 */
#ifndef SCREEN_STATE_H
#define SCREEN_STATE_H

#include "screen/view/list.h"

/* Appends the file. */
void state_show(const struct list_view *v, struct sbuf *out);
/*
 * Sets what a file says: 0, -ENOENT if there is none, or -errno with err set, which names the place;
 * what came before that place is set.
 */
int state_load(const char *path, struct list_view *v, struct err *err);

#endif
