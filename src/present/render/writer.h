/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes text for people: values as words, tones, and lines of limited width. Bytes of processes
 * are escaped before they are added; after that all text is clean UTF-8.
 */
#ifndef PRESENT_RENDER_WRITER_H
#define PRESENT_RENDER_WRITER_H

#include "present/render/render.h"
#include "present/render/sink.h"

/* What the text ends with, which decides whether an empty line comes before the next part. */
enum writer_part {
	WRITER_NOTHING,
	WRITER_LINES, /* lines that more lines may join */
	WRITER_BLOCK, /* a part with an empty line after it */
};

struct writer {
	const struct render_opts *opts;
	struct sink sink;
	enum writer_part last;
};

/* Returns the columns of a line, or SIZE_MAX without a limit. */
size_t writer_width(const struct writer *p);

/* Begins a part, after an empty line unless it may join the last one. */
void writer_begin(struct writer *p, enum writer_part part);
/* Adds a bold line, cut to the width. */
void writer_title(struct writer *p, const char *title);
void writer_spaces(struct writer *p, size_t n);
/* Adds clean text in a tone to the current line. */
void writer_add(struct writer *p, enum tone tone, const char *s);
/*
 * Adds clean text to the current line, which is at column `at`, broken at spaces into lines that
 * begin at column `indent`. Ends the last line.
 */
void writer_wrap(struct writer *p, size_t at, size_t indent, enum tone tone, const char *s);

/* Appends a value as words: "827.0 MiB", "n/a", "-" for what is absent by design. */
void writer_words(const struct writer *p, struct sbuf *out, const struct column *column,
		  const struct cell *cell);
/*
 * Writes the words of a cell that has a value, if it is a plain number: bytes, a count, an address.
 * Returns their length, or 0 if it is not.
 */
size_t writer_number(const struct writer *p, char buf[FMT_MAX], const struct column *column,
		     const struct cell *cell);
/* Returns true if bytes of a process are plain ASCII, written as they are. */
bool writer_is_plain(const char *s, size_t n);
/*
 * Returns a number of bytes that the words of a cell do not exceed, without writing them. SIZE_MAX
 * if only writing tells; 0 for no column.
 */
size_t writer_most(const struct writer *p, const struct column *column, const struct cell *cell);
/* Returns true if the values of a column are flush right: numbers without COL_LEFT. */
bool writer_is_right(const struct column *column);
/* Appends `percent` of a bar of `cells` columns. */
void writer_bar(const struct writer *p, struct sbuf *out, double percent, unsigned int cells);

/* Returns the columns of the terminal that clean text needs. */
size_t writer_columns(const struct sbuf *text);
/* Cuts clean text to `columns` columns, the last one an ellipsis. */
void writer_cut(const struct writer *p, struct sbuf *text, size_t columns);
/*
 * Cuts out text before the last word, if at least a third of the columns remain for the beginning.
 */
void writer_cut_inside(const struct writer *p, struct sbuf *text, size_t columns);

/* Return terminal sequences, or "" without colour. */
const char *writer_bold(const struct writer *p);
const char *writer_reverse(const struct writer *p);
const char *writer_tone(const struct writer *p, enum tone tone);
const char *writer_reset(const struct writer *p);

#endif
