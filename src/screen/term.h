/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal: paints canvases and hands over keys. The only file that knows curses.
 *
 * Handles no signals: the caller blocks SIGWINCH, SIGTSTP and the like and calls the functions for
 * them. term_rescue returns what a crashing program needs to restore the terminal.
 */
#ifndef SCREEN_TERM_H
#define SCREEN_TERM_H

#include <termios.h>

#include "base/err.h"
#include "present/draw/canvas.h"
#include "screen/keys.h"

struct term;

/*
 * Takes over the terminal of standard input and output. Returns 0, or -EINVAL with err set if they
 * are not a terminal, or one without full-screen support. Only one can be open at a time.
 */
int term_open(bool color, struct term **ret_term, struct err *err);
/* Restores the terminal as it was before term_open. NULL is ignored. */
void term_close(struct term *t);

void term_size(const struct term *t, size_t *ret_width, size_t *ret_height);
/*
 * Shows a canvas of the size of the terminal; sends only what differs from the last one. The cursor
 * is hidden if its place is outside of the canvas.
 */
void term_paint(struct term *t, const struct canvas *c, size_t cursor_x, size_t cursor_y);
/* Makes the next term_paint send everything, because something else wrote to the terminal. */
void term_repaint(struct term *t);

/* Returns the descriptor that is readable when a key was pressed. */
int term_fd(const struct term *t);
/*
 * Reads a key without waiting. Returns 1, 0 if no key was pressed, or -EIO if the terminal is gone.
 */
int term_key(struct term *t, struct key *ret_key);

/* Reads the new size of the terminal, after SIGWINCH. */
void term_resize(struct term *t);
/* Restore the terminal while the program is stopped, and take it over again. */
void term_suspend(struct term *t);
void term_resume(struct term *t);

/*
 * What a signal handler needs to restore the terminal, with only write(2) and tcsetattr(3). Valid
 * as long as the terminal is open.
 */
struct term_rescue {
	int fd;
	struct termios modes;
	char bytes[256];
	size_t n;
};

const struct term_rescue *term_rescue(const struct term *t);

#endif
