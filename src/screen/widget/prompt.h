/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The line that is being typed at the prompt of a screen.
 */
#ifndef SCREEN_WIDGET_PROMPT_H
#define SCREEN_WIDGET_PROMPT_H

#include "screen/screen.h"

/* A key for the prompt, which is open: the view that asked hears of the change. */
void prompt_key(struct screen *s, uint32_t code);
/* Draws it. Returns the column of the cursor. */
size_t prompt_draw(const struct screen *s, struct canvas *c, size_t y);

#endif
