/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/term.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <sys/ioctl.h>

#include "base/alloc.h"

enum {
	ESCAPE_MS = 25, /* the longest wait for the rest of a key sequence */
	TONES = TONE_BAD + 1,
};

struct term {
	SCREEN *screen;
	bool has_color;
	bool is_utf8;
	attr_t attrs[TONES]; /* attributes and colours of the tones */
	struct canvas shown; /* the last painted canvas; of size 0 if unknown */
	struct term_rescue rescue;
};

/*
 * Colours that can be told apart with any kind of colour vision (after Okabe and Ito): blue for
 * good, orange for a warning, and vermilion, bold, for bad. -1 is the terminal's own colour.
 */
static const struct {
	int colors; /* that the terminal must have */
	short foreground[TONES];
} palettes[] = {
	{ 256,
	  { [TONE_PLAIN] = -1,
	    [TONE_DIM] = 245,
	    [TONE_GOOD] = 75,
	    [TONE_WARN] = 214,
	    [TONE_BAD] = 202 } },
	{ 16,
	  { [TONE_PLAIN] = -1,
	    [TONE_DIM] = 8,
	    [TONE_GOOD] = 14,
	    [TONE_WARN] = 11,
	    [TONE_BAD] = 9 } },
	{ 8,
	  { [TONE_PLAIN] = -1,
	    [TONE_DIM] = -1,
	    [TONE_GOOD] = 6,
	    [TONE_WARN] = 3,
	    [TONE_BAD] = 1 } },
};

/* Sets the attributes of tones, which are used with colours and without. */
static void set_attributes(struct term *t)
{
	size_t p = 0;

	t->attrs[TONE_DIM] = A_DIM;
	t->attrs[TONE_WARN] = t->attrs[TONE_BAD] = A_BOLD;
	if (!t->has_color || start_color() == ERR || use_default_colors() == ERR)
		return;
	while (p < ARRAY_SIZE(palettes) && COLORS < palettes[p].colors)
		p++;
	if (p == ARRAY_SIZE(palettes))
		return;
	for (short tone = 0; tone < TONES; tone++) {
		short color = palettes[p].foreground[tone];

		if (color < 0 || init_pair((short)(tone + 1), color, -1) == ERR)
			continue;
		t->attrs[tone] = (attr_t)COLOR_PAIR(tone + 1) | (tone == TONE_BAD ? A_BOLD : 0);
	}
}

/* Appends a capability, without the padding that old terminals need. */
static void add_capability(struct term_rescue *r, const char *text)
{
	while (text && text != (const char *)-1 && *text && r->n < sizeof(r->bytes)) {
		const char *end = starts_with(text, "$<") ? strchr(text, '>') : NULL;

		if (end)
			text = end + 1;
		else
			r->bytes[r->n++] = *text++;
	}
}

static void prepare_rescue(struct term *t, bool has_mouse)
{
	struct term_rescue *r = &t->rescue;

	add_capability(r, has_mouse ? "\033[?1000l\033[?1002l\033[?1006l" : NULL);
	add_capability(r, tigetstr("rmkx"));
	add_capability(r, tigetstr("sgr0"));
	add_capability(r, tigetstr("op"));
	add_capability(r, tigetstr("cnorm"));
	add_capability(r, tigetstr("rmcup"));
}

static bool has_capability(const char *name)
{
	const char *text = tigetstr(name);

	return text && text != (const char *)-1;
}

static int check_terminal(struct err *err)
{
	if (!isatty(STDIN_FILENO))
		return err_set(err, EINVAL, "standard input is not a terminal");
	if (!isatty(STDOUT_FILENO))
		return err_set(err, EINVAL, "standard output is not a terminal");
	if (!getenv("TERM") || !*getenv("TERM"))
		return err_set(err, EINVAL, "TERM is not set");
	return 0;
}

int term_open(bool color, struct term **ret_term, struct err *err)
{
	struct term *t;
	mmask_t mouse;
	int ret = check_terminal(err);

	if (ret < 0)
		return ret;
	t = xcalloc(1, sizeof(*t));
	t->rescue.fd = STDOUT_FILENO;
	(void)tcgetattr(STDOUT_FILENO, &t->rescue.modes);
	t->screen = newterm(NULL, stdout, stdin);
	if (!t->screen || !has_capability("cup")) {
		ret = err_set(err, EINVAL, "a terminal of type '%.60s' has no full screen",
			      getenv("TERM"));
		term_close(t);
		return ret;
	}
	t->has_color = color && has_colors();
	t->is_utf8 = streq(nl_langinfo(CODESET), "UTF-8");
	set_attributes(t);
	(void)cbreak();
	(void)noecho();
	(void)nonl();
	(void)keypad(stdscr, TRUE);
	(void)nodelay(stdscr, TRUE);
	(void)set_escdelay(ESCAPE_MS);
	(void)mouseinterval(0);
	mouse = mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	prepare_rescue(t, mouse != 0);
	*ret_term = t;
	return 0;
}

void term_close(struct term *t)
{
	if (!t)
		return;
	if (t->screen) {
		(void)endwin();
		delscreen(t->screen);
	}
	canvas_release(&t->shown);
	free(t);
}

void term_size(const struct term *t attr_unused, size_t *ret_width, size_t *ret_height)
{
	*ret_width = (size_t)MAX(COLS, 1);
	*ret_height = (size_t)MAX(LINES, 1);
}

static attr_t attributes_of(const struct term *t, struct style style)
{
	return t->attrs[style.tone] | (style.bold ? A_BOLD : 0) | (style.reverse ? A_REVERSE : 0);
}

static bool is_same_cell(const struct canvas_cell *a, const struct canvas_cell *b)
{
	return streq(a->text, b->text) && a->style.tone == b->style.tone &&
	       a->style.bold == b->style.bold && a->style.reverse == b->style.reverse;
}

/*
 * Returns the text to show; if the terminal cannot show characters beyond ASCII, each becomes a
 * question mark.
 */
static const char *shown_text(const struct term *t, const struct canvas_cell *cell)
{
	if (t->is_utf8 || (unsigned char)*cell->text < 0x80)
		return cell->text;
	return "?";
}

static void paint_row(struct term *t, const struct canvas *c, size_t y, bool all)
{
	attr_t now = 0;

	(void)attrset(A_NORMAL);
	for (size_t x = 0; x < c->width; x++) {
		const struct canvas_cell *cell = canvas_at(c, x, y);
		attr_t attrs = attributes_of(t, cell->style);

		/* The right half of a wide character is painted with its left half. */
		if (!*cell->text || (!all && is_same_cell(cell, canvas_at(&t->shown, x, y)) &&
				     (x + 1 >= c->width || *canvas_at(c, x + 1, y)->text)))
			continue;
		if (attrs != now)
			(void)attrset((int)attrs);
		now = attrs;
		(void)mvaddstr((int)y, (int)x, shown_text(t, cell));
	}
}

void term_paint(struct term *t, const struct canvas *c, size_t cursor_x, size_t cursor_y)
{
	bool all = t->shown.width != c->width || t->shown.height != c->height;

	if (all)
		(void)erase();
	for (size_t y = 0; y < c->height; y++)
		paint_row(t, c, y, all);
	if (all) {
		canvas_release(&t->shown);
		canvas_init(&t->shown, c->width, c->height);
	}
	memcpy(t->shown.cells, c->cells, c->width * c->height * sizeof(*c->cells));
	if (cursor_x < c->width && cursor_y < c->height) {
		(void)curs_set(1);
		(void)move((int)cursor_y, (int)cursor_x);
	} else {
		(void)curs_set(0);
	}
	(void)refresh();
}

void term_repaint(struct term *t)
{
	canvas_release(&t->shown);
	(void)clearok(curscr, TRUE);
}

int term_fd(const struct term *t attr_unused)
{
	return STDIN_FILENO;
}

static uint32_t special_key(wint_t code)
{
	static const struct {
		wint_t curses;
		uint32_t code;
	} keys[] = {
		{ KEY_UP, KC_UP },         { KEY_DOWN, KC_DOWN },
		{ KEY_LEFT, KC_LEFT },     { KEY_RIGHT, KC_RIGHT },
		{ KEY_PPAGE, KC_PAGE_UP }, { KEY_NPAGE, KC_PAGE_DOWN },
		{ KEY_HOME, KC_HOME },     { KEY_END, KC_END },
		{ KEY_ENTER, KC_ENTER },   { KEY_BACKSPACE, KC_BACKSPACE },
		{ KEY_DC, KC_DELETE },     { KEY_BTAB, KC_BACK_TAB },
	};

	if (code >= KEY_F(1) && code <= KEY_F(12))
		return KC_F(code - KEY_F(0));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (keys[i].curses == code)
			return keys[i].code;
	}
	return KC_NONE;
}

static struct key mouse_key(void)
{
	struct key key = { .code = KC_NONE };
	MEVENT event;

	if (getmouse(&event) != OK || event.x < 0 || event.y < 0)
		return key;
	key.x = (size_t)event.x;
	key.y = (size_t)event.y;
	key.code = event.bstate & BUTTON4_PRESSED   ? KC_WHEEL_UP
		   : event.bstate & BUTTON5_PRESSED ? KC_WHEEL_DOWN
		   : event.bstate & BUTTON1_PRESSED ? KC_CLICK
						    : KC_NONE;
	return key;
}

static uint32_t plain_key(wint_t code)
{
	if (code == '\r')
		return KC_ENTER;
	return code == 0x7f ? KC_BACKSPACE : (uint32_t)code;
}

/*
 * Returns whether the terminal has hung up: reads then fail at once and forever, which curses
 * reports as no key.
 */
static bool is_gone(void)
{
	struct winsize size;

	return ioctl(STDIN_FILENO, TIOCGWINSZ, &size) != 0;
}

int term_key(struct term *t attr_unused, struct key *ret_key)
{
	wint_t code;
	int ret = get_wch(&code);

	if (ret == ERR)
		return is_gone() ? -EIO : 0;
	if (ret != KEY_CODE_YES)
		*ret_key = (struct key){ .code = plain_key(code) };
	else if (code == KEY_MOUSE)
		*ret_key = mouse_key();
	else
		*ret_key = (struct key){ .code = special_key(code) };
	return 1;
}

void term_resize(struct term *t)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
		return;
	(void)resizeterm(size.ws_row, size.ws_col);
	term_repaint(t);
}

void term_suspend(struct term *t attr_unused)
{
	(void)endwin();
}

void term_resume(struct term *t)
{
	term_resize(t);
	(void)refresh();
}

const struct term_rescue *term_rescue(const struct term *t)
{
	return &t->rescue;
}
