/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/render/writer.h"

#include "base/alloc.h"
#include "base/text.h"

enum {
	MS_PER_S = 1000,
	ESCAPE_MAX = 4, /* bytes that one byte becomes: \xff */
};

#define NOT_KNOWN "n/a" /* the longest word for a value that is absent */

size_t writer_width(const struct writer *p)
{
	return p->opts->width ? p->opts->width : SIZE_MAX;
}

const char *writer_bold(const struct writer *p)
{
	return p->opts->color ? "\033[1m" : "";
}

const char *writer_reverse(const struct writer *p)
{
	return p->opts->color ? "\033[7m" : "";
}

const char *writer_reset(const struct writer *p)
{
	return p->opts->color ? "\033[0m" : "";
}

const char *writer_tone(const struct writer *p, enum tone tone)
{
	static const char *const sequences[] = {
		[TONE_PLAIN] = "",        [TONE_DIM] = "\033[2m",  [TONE_GOOD] = "\033[32m",
		[TONE_WARN] = "\033[33m", [TONE_BAD] = "\033[31m",
	};

	return p->opts->color ? sequences[tone] : "";
}

void writer_begin(struct writer *p, enum writer_part part)
{
	bool joins = p->last == WRITER_LINES && part == WRITER_LINES;

	if (p->last != WRITER_NOTHING && !joins)
		sbuf_addch(&p->sink.buf, '\n');
	p->last = part;
}

void writer_spaces(struct writer *p, size_t n)
{
	static const char spaces[] = "                                ";

	for (size_t len; n > 0; n -= len) {
		len = MIN(n, sizeof(spaces) - 1);
		sbuf_add(&p->sink.buf, spaces, len);
	}
}

static void add_toned(struct writer *p, enum tone tone, const char *s, size_t n)
{
	const char *sequence = n > 0 ? writer_tone(p, tone) : "";

	sbuf_adds(&p->sink.buf, sequence);
	sbuf_add(&p->sink.buf, s, n);
	if (*sequence)
		sbuf_adds(&p->sink.buf, writer_reset(p));
}

void writer_add(struct writer *p, enum tone tone, const char *s)
{
	add_toned(p, tone, s, strlen(s));
}

static bool is_ascii(const char *s, size_t n)
{
	uint64_t seen = 0, word;

	for (; n >= sizeof(word); n -= sizeof(word), s += sizeof(word)) {
		memcpy(&word, s, sizeof(word));
		seen |= word;
	}
	for (; n > 0; n--)
		seen |= (unsigned char)*s++;
	return !(seen & UINT64_C(0x8080808080808080));
}

size_t writer_columns(const struct sbuf *text)
{
	return is_ascii(sbuf_str(text), text->len) ? text->len : text_width(sbuf_str(text));
}

/* The first character of clean text that is not empty. */
static size_t rune_columns(const char *s, size_t *ret_len)
{
	char rune[5] = "";
	uint32_t value;

	*ret_len = MAX(text_decode(s, strnlen(s, sizeof(rune) - 1), &value), 1);
	memcpy(rune, s, *ret_len);
	return text_width(rune);
}

/* The bytes of clean text that fit so many columns. */
static size_t fitting_bytes(const char *s, size_t columns)
{
	size_t n = strnlen(s, columns), used = 0, i = 0, len;

	if (is_ascii(s, n))
		return n;
	for (; s[i]; i += len) {
		used += rune_columns(s + i, &len);
		if (used > columns)
			break;
	}
	return i;
}

void writer_cut(const struct writer *p, struct sbuf *text, size_t columns)
{
	const char *ellipsis = p->opts->ascii ? "..." : "…";
	size_t wide = p->opts->ascii ? 3 : 1;

	if (writer_columns(text) <= columns)
		return;
	text->len = fitting_bytes(text->data, columns > wide ? columns - wide : columns);
	text->data[text->len] = '\0';
	if (columns > wide)
		sbuf_adds(text, ellipsis);
}

void writer_cut_inside(const struct writer *p, struct sbuf *text, size_t columns)
{
	const char *last = strrchr(sbuf_str(text), ' ');
	auto_free char *word = NULL;

	if (writer_columns(text) <= columns)
		return;
	if (!last || 3 * text_width(last) > 2 * columns) {
		writer_cut(p, text, columns);
		return;
	}
	word = xstrdup(last);
	text->len -= strlen(word);
	text->data[text->len] = '\0';
	writer_cut(p, text, columns - text_width(word));
	sbuf_adds(text, word);
}

void writer_title(struct writer *p, const char *title)
{
	auto_sbuf text = SBUF_INIT;

	sbuf_adds(&text, title);
	writer_cut(p, &text, writer_width(p));
	sbuf_adds(&p->sink.buf, writer_bold(p));
	sbuf_add(&p->sink.buf, text.data, text.len);
	sbuf_adds(&p->sink.buf, writer_reset(p));
	sbuf_addch(&p->sink.buf, '\n');
}

/* The bytes of the next line: to the last space that leaves the line short enough, if there is one. */
static size_t line_bytes(const char *s, size_t columns)
{
	size_t n = fitting_bytes(s, columns), len = n;

	if (!s[n])
		return n;
	while (len > 0 && s[len] != ' ')
		len--;
	if (len == 0 && n == 0)
		(void)rune_columns(s, &n); /* not even one fits: go on all the same */
	return len > 0 ? len : n;
}

void writer_wrap(struct writer *p, size_t at, size_t indent, enum tone tone, const char *s)
{
	size_t width = writer_width(p);
	size_t from = at;

	do {
		size_t n = line_bytes(s, width > from ? width - from : 1);

		add_toned(p, tone, s, n);
		sbuf_addch(&p->sink.buf, '\n');
		s += n;
		s += strspn(s, " ");
		from = indent < width ? indent : 0;
		if (*s)
			writer_spaces(p, from);
	} while (*s);
}

/*
 * Where the locale cannot show a name as it is, the rest of its bytes is escaped too: libsmartcols
 * never returns from a string that the locale cannot decode.
 */
static void escape_for_locale(struct sbuf *out, size_t from)
{
	auto_sbuf clean = SBUF_INIT;

	if (is_ascii(out->data + from, out->len - from) ||
	    mbstowcs(NULL, out->data + from, 0) != (size_t)-1)
		return;
	sbuf_add(&clean, out->data + from, out->len - from);
	out->len = from;
	for (size_t i = 0; i < clean.len; i++) {
		unsigned char c = (unsigned char)clean.data[i];

		if (c < 0x80)
			sbuf_addch(out, (char)c);
		else
			sbuf_addf(out, "\\x%02x", c);
	}
}

static void add_escaped(struct sbuf *out, const char *s, size_t n)
{
	size_t from = out->len;

	if (n == 0)
		return;
	text_escape(out, s, n);
	escape_for_locale(out, from);
}

/* The words of a command line. */
static void add_list(struct sbuf *out, const char *s, size_t n)
{
	for (size_t i = 0, len; i < n; i += len + 1) {
		len = strnlen(s + i, n - i);
		if (i > 0)
			sbuf_addch(out, ' ');
		add_escaped(out, s + i, len);
	}
}

static void add_ms(struct sbuf *out, double ms)
{
	char buf[FMT_MAX];
	unsigned int tenths;

	if (ms >= MS_PER_S) {
		sbuf_adds(out, fmt_duration(buf, ms / MS_PER_S));
		return;
	}
	tenths = ms > 0 ? (unsigned int)(ms * 10 + 0.5) : 0; /* a NaN is not above 0 */
	sbuf_addf(out, "%u.%u ms", tenths / 10, tenths % 10);
}

static void add_ratio(struct sbuf *out, double ratio)
{
	unsigned int percent = ratio > 0 ? (unsigned int)(MIN(ratio, 1) * 100 + 0.5) : 0;

	sbuf_addf(out, "%u.%02u", percent / 100, percent % 100);
}

bool writer_is_right(const struct column *column)
{
	static const bool is_number[] = {
		[CELL_BYTES] = true,   [CELL_DELTA] = true, [CELL_COUNT] = true,
		[CELL_RATE] = true,    [CELL_RATIO] = true, [CELL_PERCENT] = true,
		[CELL_SECONDS] = true, [CELL_MS] = true,    [CELL_HEX] = true,
		[CELL_TABLE] = false,
	};

	return is_number[column->type] && !(column->flags & COL_LEFT);
}

size_t writer_number(const struct writer *p, char buf[FMT_MAX], const struct column *column,
		     const struct cell *cell)
{
	const char *end = buf;

	if (column->type == CELL_BYTES)
		end = fmt_put_bytes(buf, cell->u, cell->plain ? FMT_EXACT : p->opts->unit);
	else if (column->type == CELL_COUNT)
		end = fmt_put_u64(buf, cell->u);
	else if (column->type == CELL_HEX)
		end = fmt_put_hex(buf, cell->u);
	return (size_t)(end - buf);
}

bool writer_is_plain(const char *s, size_t n)
{
	return is_ascii(s, n) && text_is_clean(s, n);
}

size_t writer_most(const struct writer *p, const struct column *column, const struct cell *cell)
{
	if (!column)
		return 0;
	if (cell->why)
		return strlen(NOT_KNOWN);
	switch (column->type) {
	case CELL_BYTES:
		return fmt_most_bytes(cell->u, cell->plain ? FMT_EXACT : p->opts->unit);
	case CELL_HEX:
		return fmt_hex_digits(cell->u);
	case CELL_ID:
		return strlen(cell->s);
	case CELL_TEXT:
		return writer_is_plain(cell->s, cell->n) ? cell->n : cell->n * ESCAPE_MAX;
	default:
		return SIZE_MAX;
	}
}

void writer_words(const struct writer *p, struct sbuf *out, const struct column *column,
		  const struct cell *cell)
{
	char buf[FMT_MAX];

	if (cell->why) {
		sbuf_adds(out, cell_lacks(cell) ? NOT_KNOWN : "-");
		return;
	}
	switch (column->type) {
	case CELL_BYTES:
	case CELL_COUNT:
	case CELL_HEX:
		sbuf_add(out, buf, writer_number(p, buf, column, cell));
		break;
	case CELL_DELTA:
		sbuf_adds(out, fmt_delta(buf, cell->i, cell->plain ? FMT_EXACT : p->opts->unit));
		break;
	case CELL_RATE:
		sbuf_addf(out, "%s/h", fmt_delta(buf, cell->i, p->opts->unit));
		break;
	case CELL_PERCENT:
		sbuf_adds(out, fmt_percent(buf, cell->d));
		break;
	case CELL_RATIO:
		add_ratio(out, cell->d);
		break;
	case CELL_SECONDS:
		sbuf_adds(out, fmt_duration(buf, cell->d));
		break;
	case CELL_MS:
		add_ms(out, cell->d);
		break;
	case CELL_TIME:
		sbuf_adds(out, cell_time_text(buf, cell->i));
		break;
	case CELL_BOOL:
		sbuf_adds(out, cell->b ? "yes" : "no");
		break;
	case CELL_ID:
		sbuf_adds(out, cell->s);
		break;
	case CELL_TEXT:
		add_escaped(out, cell->s, cell->n);
		break;
	case CELL_LIST:
		add_list(out, cell->s, cell->n);
		break;
	case CELL_TABLE: /* has a layout of its own */
		break;
	}
}

void writer_bar(const struct writer *p, struct sbuf *out, double percent, unsigned int cells)
{
	double share = percent > 0 ? MIN(percent, 100) / 100 : 0; /* a NaN is not above 0 */
	unsigned int filled = (unsigned int)(share * cells + 0.5);

	for (unsigned int i = 0; i < cells; i++) {
		if (p->opts->ascii)
			sbuf_addch(out, i < filled ? '#' : '.');
		else
			sbuf_adds(out, i < filled ? "█" : "░");
	}
}
