/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page of text for a person: values as words, tones, and lines no longer than the page is wide.
 * What comes from the target is escaped on its way in; after that all text is clean UTF-8.
 */
#ifndef PRESENT_RENDER_WRITER_H
#define PRESENT_RENDER_WRITER_H

#include "present/render/render.h"
#include "present/render/sink.h"

/* What the page ends with, which decides whether an empty line goes before the next part. */
enum writer_part {
	WRITER_NOTHING,
	WRITER_LINES, /* lines that more lines may join */
	WRITER_BLOCK, /* a part that stands by itself */
};

struct writer {
	const struct render_opts *opts;
	struct sink sink;
	enum writer_part last;
};

/* Columns of a line; SIZE_MAX if there is no limit. */
size_t writer_width(const struct writer *p);

/* Begins a part, behind an empty line if the last one does not join it. */
void writer_begin(struct writer *p, enum writer_part part);
/* A line of its own, bold, cut to the page. */
void writer_title(struct writer *p, const char *title);
void writer_spaces(struct writer *p, size_t n);
/* Adds clean text in a tone, where the line stands. */
void writer_add(struct writer *p, enum tone tone, const char *s);
/*
 * Adds clean text from column `at` on, where the line stands, broken at spaces into lines that
 * begin at column `indent`; and ends the line.
 */
void writer_wrap(struct writer *p, size_t at, size_t indent, enum tone tone, const char *s);

/* Appends a value as words: "827.0 MiB", "n/a", "-" for what is absent by design. */
void writer_words(const struct writer *p, struct sbuf *out, const struct column *column,
		  const struct cell *cell);
/* True if the values of a column are flush right: numbers, unless it says otherwise. */
bool writer_is_right(const struct column *column);
/* Appends `percent` of a bar of `cells` columns. */
void writer_bar(const struct writer *p, struct sbuf *out, double percent, unsigned int cells);

/* Columns that clean text takes on the terminal. */
size_t writer_columns(const struct sbuf *text);
/* Cuts clean text to so many columns, with an ellipsis as the last of them. */
void writer_cut(const struct writer *p, struct sbuf *text, size_t columns);
/* The same in front of the last word, if that leaves at least a third to what is before it. */
void writer_cut_inside(const struct writer *p, struct sbuf *text, size_t columns);

/* Terminal sequences; "" without colour. */
const char *writer_bold(const struct writer *p);
const char *writer_reverse(const struct writer *p);
const char *writer_tone(const struct writer *p, enum tone tone);
const char *writer_reset(const struct writer *p);

#endif
