/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all views share: the processes and the system, the number format, the stack of views, the
 * message line and the prompt. The shell (shell.h) drives it; views use it.
 */
#ifndef SCREEN_SCREEN_H
#define SCREEN_SCREEN_H

#include "base/sbuf.h"
#include "screen/data/number_format.h"
#include "screen/data/sampler.h"
#include "screen/data/save.h"
#include "screen/env.h"
#include "screen/view.h"

/* Is handed what was typed, as answer() in view.h. */
typedef void prompt_answer_fn(struct view *v, enum action asked, const char *text, bool is_final);

/* A line that is being typed. */
struct prompt {
	enum action action; /* ACT_NONE: the prompt is not open */
	struct view *view;  /* view that opened it */
	prompt_answer_fn *answer;
	char question[48];
	struct sbuf text; /* valid UTF-8 */
	size_t cursor;    /* index of a byte in text */
};

struct screen {
	const struct screen_env *env;
	struct number_format format;
	struct procs procs;
	struct host host;
	struct sampler *sampler; /* NULL in tests: procs and host are filled by hand */
	struct saver *saver;     /* writes files in the background; NULL in tests */
	int64_t interval_ns;
	int64_t now_ns; /* boot time of the last update, which views use too */
	bool paused;
	struct view *top;
	struct prompt prompt;
	struct sbuf message; /* clean text; empty: no message */
	enum tone message_tone;
	int64_t message_until_ns;
	size_t click_x, click_y; /* the last click, and its time */
	int64_t click_ns;
	bool wants_repaint; /* the whole terminal is to be painted again */
	bool is_over;       /* the user has quit */
};

/* Initialises a screen, which owns its sampler and views. The caller releases *s. */
void screen_init(struct screen *s, const struct screen_env *env);
void screen_release(struct screen *s);

/* Puts a view on top. The screen takes ownership. */
void screen_push(struct screen *s, struct view *v);
/* Frees the view on top, unless it is the last one. */
void screen_pop(struct screen *s);

/* Shows a message for some seconds in place of the footer. Escapes the text. */
void screen_say(struct screen *s, enum tone tone, const char *fmt, ...) attr_printf(3, 4);
/* Opens the prompt for the view on top, whose answer() is then called. `preset` may be NULL. */
void screen_ask(struct screen *s, enum action action, const char *question, const char *preset);
/* Opens the prompt as screen_ask does, but calls `answer` instead of the view's. */
void screen_ask_for(struct screen *s, enum action action, const char *question, const char *preset,
		    prompt_answer_fn *answer);

/* Sets the time between two readings. */
void screen_set_interval(struct screen *s, int64_t interval_ns);

/* Writes a snapshot of a process in the background, and shows a message when it is done. */
void screen_snapshot(struct screen *s, pid_t pid, uint64_t start_ticks);

/*
 * Draws clean text in at most `width` columns, cut with an ellipsis. Returns the column behind it.
 */
size_t screen_put(const struct screen *s, struct canvas *c, size_t x, size_t y, size_t width,
		  struct style style, const char *text);
/* Draws as screen_put does, but cuts off the beginning: for paths. */
size_t screen_put_tail(const struct screen *s, struct canvas *c, size_t x, size_t y, size_t width,
		       struct style style, const char *text);
/* Draws as screen_put does, but flush right. */
size_t screen_put_right(const struct screen *s, struct canvas *c, size_t x, size_t y, size_t width,
			struct style style, const char *text);
/* Draws as screen_put does, but escapes the text: for bytes of the inspected processes. */
size_t screen_put_raw(const struct screen *s, struct canvas *c, size_t x, size_t y, size_t width,
		      struct style style, const char *bytes);
/* Returns the new top line such that the cursor is visible, of n lines of which `page` fit. */
size_t screen_scroll(size_t top, size_t cursor, size_t n, size_t page);
/* Draws a row in reverse over the whole width, as the bar of the cursor. */
void screen_highlight(struct canvas *c, size_t y);

#endif
