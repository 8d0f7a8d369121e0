/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the screen: keys in, a picture out. It knows no terminal: see term.h, and app/cmd_top.c for
 * the two together.
 */
#ifndef SCREEN_SHELL_H
#define SCREEN_SHELL_H

#include "screen/view/list.h"

/* Opens the list of processes on a new screen, and returns it. */
struct list_view *shell_start(struct screen *s);
/* Obeys a key. What it asks for may be in s->is_over and s->wants_repaint afterwards. */
void shell_key(struct screen *s, const struct key *key);
/*
 * To be called when a job has ended, and when *ret_wait_ns have passed since the last time. True if
 * there is something new to draw.
 */
bool shell_update(struct screen *s, int64_t *ret_wait_ns);
/* Draws into an empty canvas. The cursor is outside of it unless something is being typed. */
void shell_draw(struct screen *s, struct canvas *c, size_t *ret_cursor_x, size_t *ret_cursor_y);

#endif
