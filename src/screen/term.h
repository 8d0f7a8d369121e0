/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal: paints canvases and hands over keys. The only file that knows curses.
 *
 * It takes no signals: who runs it is to block SIGWINCH, SIGTSTP and their kin and to tell it what
 * happened. What a dying program needs to leave the terminal sane is handed out beforehand.
 */
#ifndef SCREEN_TERM_H
#define SCREEN_TERM_H

#include <termios.h>

#include "base/err.h"
#include "present/draw/canvas.h"
#include "screen/keys.h"

struct term;

/*
 * Takes over the terminal of standard input and output. 0, or -EINVAL with err set if they are none,
 * or one that a full screen cannot be shown on. Only one at a time.
 */
int term_open(bool color, struct term **ret_term, struct err *err);
/* Gives it back as it was found. NULL is allowed. */
void term_close(struct term *t);

void term_size(const struct term *t, size_t *ret_width, size_t *ret_height);
/*
 * Shows a canvas of the size of the terminal; only what differs from the last one is sent. The
 * cursor is shown at a cell of it, or hidden where it lies outside.
 */
void term_paint(struct term *t, const struct canvas *c, size_t cursor_x, size_t cursor_y);
/* Forgets what was painted: something else wrote on the terminal. */
void term_repaint(struct term *t);

/* The descriptor that is readable when there are keys. */
int term_fd(const struct term *t);
/* The next key, without waiting for one: 1; 0 if there is none; -EIO if the terminal is gone. */
int term_key(struct term *t, struct key *ret_key);

/* After SIGWINCH: takes the new size. */
void term_resize(struct term *t);
/* Gives the terminal back for a while, and takes it again. */
void term_suspend(struct term *t);
void term_resume(struct term *t);

/*
 * How to restore the terminal with write(2) and tcsetattr(3) alone, from a signal handler: valid as
 * long as the terminal is open.
 */
struct term_rescue {
	int fd;
	struct termios modes;
	char bytes[256];
	size_t n;
};

const struct term_rescue *term_rescue(const struct term *t);

#endif
