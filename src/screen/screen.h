/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all views share: the processes and the system, how numbers look, the stack of views, the
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

/* As answer() in view.h. */
typedef void prompt_answer_fn(struct view *v, enum action asked, const char *text, bool is_final);

/* A line that is being typed. */
struct prompt {
	enum action action; /* ACT_NONE: there is none */
	struct view *view;  /* that asked */
	prompt_answer_fn *answer;
	char question[48];
	struct sbuf text; /* valid UTF-8 */
	size_t cursor;    /* byte in it */
};

struct screen {
	const struct screen_env *env;
	struct number_format format;
	struct procs procs;
	struct host host;
	struct sampler *sampler; /* NULL in tests: procs and host are filled by hand */
	struct saver *saver;     /* what is being written; NULL in tests */
	int64_t interval_ns;
	int64_t now_ns; /* boot time, as of the last update: views take theirs from here */
	bool paused;
	struct view *top;
	struct prompt prompt;
	struct sbuf message; /* clean text; empty: none */
	enum tone message_tone;
	int64_t message_until_ns;
	size_t click_x, click_y; /* the last one, and when it was */
	int64_t click_ns;
	bool wants_repaint; /* of the whole terminal */
	bool is_over;       /* the user has quit */
};

/* The screen owns its sampler and views from then on. */
void screen_init(struct screen *s, const struct screen_env *env);
void screen_release(struct screen *s);

/* Puts a view on top, which the screen owns; takes the one on top away, the last one never. */
void screen_push(struct screen *s, struct view *v);
void screen_pop(struct screen *s);

/* Says something for some seconds, in place of the footer. The text is escaped. */
void screen_say(struct screen *s, enum tone tone, const char *fmt, ...) attr_printf(3, 4);
/* Opens the prompt for the view on top, whose answer() then hears of it. `preset` may be NULL. */
void screen_ask(struct screen *s, enum action action, const char *question, const char *preset);
/* The same for what is answered elsewhere than in answer(). */
void screen_ask_for(struct screen *s, enum action action, const char *question, const char *preset,
		    prompt_answer_fn *answer);

/* Time from reading to reading. */
void screen_set_interval(struct screen *s, int64_t interval_ns);

/* Snapshot of a process into the store, in the background; what became of it is said. */
void screen_snapshot(struct screen *s, pid_t pid, uint64_t start_ticks);

/*
 * Drawing: puts clean text in at most `width` columns, cut with an ellipsis, flush right if asked;
 * returns the column behind it. Bytes of a target go through screen_put_raw, which escapes them.
 */
size_t screen_put(const struct screen *s, struct canvas *c, size_t x, size_t y, size_t width,
		  struct style style, const char *text);
/* The same, but it is the beginning that is cut off: for paths. */
size_t screen_put_tail(const struct screen *s, struct canvas *c, size_t x, size_t y, size_t width,
		       struct style style, const char *text);
size_t screen_put_right(const struct screen *s, struct canvas *c, size_t x, size_t y, size_t width,
			struct style style, const char *text);
size_t screen_put_raw(const struct screen *s, struct canvas *c, size_t x, size_t y, size_t width,
		      struct style style, const char *bytes);
/* The line at the top, of n lines of which `page` fit, so that the one under the cursor is seen. */
size_t screen_scroll(size_t top, size_t cursor, size_t n, size_t page);
/* Makes a row the bar of the cursor: reverse, as wide as the canvas. */
void screen_highlight(struct canvas *c, size_t y);

#endif
