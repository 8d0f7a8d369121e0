/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The prompt of a screen: edits and draws the line that is being typed.
 */
#ifndef SCREEN_WIDGET_PROMPT_H
#define SCREEN_WIDGET_PROMPT_H

#include "screen/screen.h"

/* Handles a key while the prompt is open, and calls its answer function with the new text. */
void prompt_key(struct screen *s, uint32_t code);
/* Draws the prompt. Returns the column of the cursor. */
size_t prompt_draw(const struct screen *s, struct canvas *c, size_t y);

#endif
