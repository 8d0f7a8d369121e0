/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by tests of the full-screen view: a screen that is filled by hand, with a clock that does
 * not move, keys for it, and its picture as text, compared with a file.
 *
 * UPDATE_GOLDEN=1 writes the files again, below $srcdir/tests/screens.
 */
#ifndef TESTS_SCREENS_H
#define TESTS_SCREENS_H

#include <locale.h>

#include "rows.h"
#include "screen/shell.h"

/* 2024-05-01 12:04:31 UTC, three hours after boot. */
#define SCREEN_WALL_NS (INT64_C(1714565071) * NS_PER_S)
#define SCREEN_BOOT_NS (INT64_C(10800) * NS_PER_S)

struct fake_screen {
	struct screen screen;
	struct screen_env env;
	struct procfs fs;
	struct clock clock;
	int64_t boot_ns; /* the test may move it */
};

static inline int64_t fake_boot_ns(void *arg)
{
	return ((const struct fake_screen *)arg)->boot_ns;
}

static inline int64_t fake_wall_ns(void *arg)
{
	return SCREEN_WALL_NS + ((const struct fake_screen *)arg)->boot_ns - SCREEN_BOOT_NS;
}

/* Makes an empty screen; the struct must not be moved. */
static inline void fake_screen_init(struct fake_screen *f)
{
	*f = (struct fake_screen){ .fs = PROCFS_INIT, .boot_ns = SCREEN_BOOT_NS };
	f->clock = (struct clock){ fake_wall_ns, fake_boot_ns, f };
	f->env = (struct screen_env){
		.inspect = { .fs = &f->fs,
			     .clock = &f->clock,
			     .with_cmdline = true,
			     .growth_bytes_per_hour = 100000000 },
		.host = "api-7",
		.version = "1.0",
	};
	screen_init(&f->screen, &f->env);
}

static inline void press(struct fake_screen *f, uint32_t code)
{
	struct key key = { .code = code };

	shell_key(&f->screen, &key);
}

/* Types ASCII text, a key for each character. */
static inline void type_keys(struct fake_screen *f, const char *keys)
{
	for (; *keys; keys++)
		press(f, (unsigned char)*keys);
}

static inline void update_screen(struct fake_screen *f)
{
	int64_t wait_ns;

	(void)shell_update(&f->screen, &wait_ns);
}

/* Returns the style of a cell as a letter: of the cursor and headings, of tones, of bold text. */
static inline char style_letter(struct style style)
{
	static const char tones[] = { [TONE_PLAIN] = ' ',
				      [TONE_DIM] = 'd',
				      [TONE_GOOD] = 'g',
				      [TONE_WARN] = 'w',
				      [TONE_BAD] = 'b' };

	return style.reverse              ? 'R'
	       : style.tone != TONE_PLAIN ? tones[style.tone]
	       : style.bold               ? '*'
					  : ' ';
}

/*
 * Draws the picture, one line for each row; with styles, a line of letters follows each row that
 * has any.
 */
static inline void draw_screen(struct fake_screen *f, size_t width, size_t height, bool styles,
			       struct sbuf *out)
{
	auto_canvas c;
	size_t x, y;

	canvas_init(&c, width, height);
	shell_draw(&f->screen, &c, &x, &y);
	for (size_t row = 0; row < height; row++) {
		canvas_row(&c, row, out);
		sbuf_addch(out, '\n');
		if (!styles)
			continue;
		for (size_t i = 0; i < width; i++)
			sbuf_addch(out, style_letter(canvas_at(&c, i, row)->style));
		while (out->data[out->len - 1] == ' ')
			out->data[--out->len] = '\0';
		sbuf_addch(out, '\n');
	}
}

/* Compares a text with the file tests/screens/NAME.txt. */
static inline void assert_golden(const char *name, const struct sbuf *got)
{
	const char *srcdir = getenv("srcdir") ? getenv("srcdir") : ".";
	auto_free char *path = xasprintf("%s/tests/screens/%s.txt", srcdir, name);
	auto_fclose FILE *file = fopen(path, getenv("UPDATE_GOLDEN") ? "we" : "re");
	auto_free char *want = xcalloc(1, got->len + 2);

	if (!file)
		fail_msg("%s: no such file", path);
	if (getenv("UPDATE_GOLDEN")) {
		assert_int_equal(fwrite(got->data, 1, got->len, file), got->len);
		return;
	}
	(void)!fread(want, 1, got->len + 1, file);
	assert_string_equal(got->data, want);
}

/* Compares the picture of this size with the file NAME-WIDTHxHEIGHT.txt. */
static inline void assert_screen(struct fake_screen *f, const char *name, size_t width,
				 size_t height)
{
	auto_free char *full = xasprintf("%s-%zux%zu", name, width, height);
	auto_sbuf got = SBUF_INIT;

	draw_screen(f, width, height, false, &got);
	assert_golden(full, &got);
}

/* The three sizes that every view is drawn at. */
static inline void assert_screens(struct fake_screen *f, const char *name)
{
	assert_screen(f, name, 40, 8);
	assert_screen(f, name, 80, 24);
	assert_screen(f, name, 200, 60);
}

#endif
