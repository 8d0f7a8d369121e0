/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the screen: takes keys and draws into a canvas. Does not know the terminal (term.h);
 * app/cmd_top.c joins the two.
 */
#ifndef SCREEN_SHELL_H
#define SCREEN_SHELL_H

#include "screen/view/list.h"

/* Opens the list of processes on a new screen, and returns it. */
struct list_view *shell_start(struct screen *s);
/* Handles a key. May set s->is_over and s->wants_repaint. */
void shell_key(struct screen *s, const struct key *key);
/*
 * Takes what jobs have read. To be called when a job has ended, and when *ret_wait_ns have passed
 * since the last call. Returns true if the screen has to be drawn again.
 */
bool shell_update(struct screen *s, int64_t *ret_wait_ns);
/* Draws into an empty canvas. The cursor is outside of it unless the prompt is open. */
void shell_draw(struct screen *s, struct canvas *c, size_t *ret_cursor_x, size_t *ret_cursor_y);

#endif
