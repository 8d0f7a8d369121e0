/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page of text for a person: values as words, tones, and lines no longer than the page is wide.
 * What comes from the target is escaped on its way in; after that all text is clean UTF-8.
 */
#ifndef PRESENT_RENDER_TEXT_WRITER_H
#define PRESENT_RENDER_TEXT_WRITER_H

#include "present/render/render.h"
#include "present/render/sink.h"

/* What the page ends with, which decides whether an empty line goes before the next part. */
enum page_part {
	PAGE_NOTHING,
	PAGE_LINES, /* lines that more lines may join */
	PAGE_BLOCK, /* a part that stands by itself */
};

struct page {
	const struct render_opts *opts;
	struct sink sink;
	enum page_part last;
};

/* Columns of a line; SIZE_MAX if there is no limit. */
size_t page_width(const struct page *p);

/* Begins a part, behind an empty line if the last one does not join it. */
void page_begin(struct page *p, enum page_part part);
/* A line of its own, bold, cut to the page. */
void page_title(struct page *p, const char *title);
void page_spaces(struct page *p, size_t n);
/* Adds clean text in a tone, where the line stands. */
void page_add(struct page *p, enum tone tone, const char *s);
/*
 * Adds clean text from column `at` on, where the line stands, broken at spaces into lines that
 * begin at column `indent`; and ends the line.
 */
void page_wrap(struct page *p, size_t at, size_t indent, enum tone tone, const char *s);

/* Appends a value as words: "827.0 MiB", "n/a", "-" for what is absent by design. */
void page_words(const struct page *p, struct sbuf *out, const struct column *column,
		const struct cell *cell);
/* True if the values of a column are flush right: numbers, unless it says otherwise. */
bool page_is_right(const struct column *column);
/* Appends `percent` of a bar of `cells` columns. */
void page_bar(const struct page *p, struct sbuf *out, double percent, unsigned int cells);

/* Columns that clean text takes on the terminal. */
size_t page_columns(const struct sbuf *text);
/* Cuts clean text to so many columns, with an ellipsis as the last of them. */
void page_cut(const struct page *p, struct sbuf *text, size_t columns);
/* The same in front of the last word, if that leaves at least a third to what is before it. */
void page_cut_inside(const struct page *p, struct sbuf *text, size_t columns);

/* Terminal sequences; "" without colour. */
const char *page_bold(const struct page *p);
const char *page_reverse(const struct page *p);
const char *page_tone(const struct page *p, enum tone tone);
const char *page_reset(const struct page *p);

#endif
