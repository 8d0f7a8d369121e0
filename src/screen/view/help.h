/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The help of a view, made from the table of keys.
 */
#ifndef SCREEN_VIEW_HELP_H
#define SCREEN_VIEW_HELP_H

#include "screen/screen.h"

/* Pushes the help of the view on top. */
void help_open(struct screen *s);
/* Draws the footer of the view on top: the keys that have a word, as many as fit. */
void help_draw_footer(const struct screen *s, struct canvas *c, size_t y);

#endif
