/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/keyfile.h"

#include <errno.h>

#include "base/num.h"

struct lines lines_of(const struct sbuf *text)
{
	const char *s = sbuf_str(text);

	return (struct lines){ s, s + text->len };
}

bool lines_next(struct lines *l, const char **ret_line, const char **ret_end)
{
	const char *newline = memchr(l->p, '\n', (size_t)(l->end - l->p));

	if (!newline)
		return false;
	*ret_line = l->p;
	*ret_end = newline;
	l->p = newline + 1;
	return true;
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

static bool is_word(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - p) >= n && memcmp(p, word, n) == 0 &&
	       (p + n == end || p[n] == ' ' || p[n] == '\t');
}

struct amount keyfile_value(const struct keyfile_row *row, const char *p, const char *end)
{
	const struct amount malformed = amount_absent(REASON_BAD_FORMAT);
	uint64_t v;

	p = skip_blanks(p, end);
	if (is_word(p, end, "unlimited") || is_word(p, end, "max"))
		return amount_of(UINT64_MAX);
	for (unsigned int i = 0; i <= row->skip; i++) {
		p = skip_blanks(p, end);
		if (!num_scan_u64(&p, end, &v) || (p < end && *p != ' ' && *p != '\t'))
			return malformed;
	}
	if (!row->kb)
		return amount_of(v);
	return is_word(skip_blanks(p, end), end, "kB") ? amount_of(num_mul_sat(v, 1024))
						       : malformed;
}

/*
 * Returns the row that a line belongs to, n if there is none. The search starts at the next row:
 * the kernel and our tables mostly have the same order.
 */
static size_t find_row(const struct keyfile_row *rows, size_t n, size_t expected, const char *line,
		       const char *end)
{
	for (size_t k = 0, i = expected; k < n; k++, i++) {
		size_t len;

		if (i >= n)
			i = 0;
		if (!rows[i].key || rows[i].key[0] != *line)
			continue;
		len = strlen(rows[i].key);
		if (len <= (size_t)(end - line) && memcmp(rows[i].key, line, len) == 0)
			return i;
	}
	return n;
}

size_t keyfile_parse(const struct sbuf *text, const struct keyfile_row *rows, size_t n,
		     struct amount *values)
{
	struct lines lines = lines_of(text);
	const char *line, *end;
	size_t found = 0, next = 0;

	while (lines_next(&lines, &line, &end)) {
		size_t i = find_row(rows, n, next, line, end);

		if (i == n)
			continue;
		values[i] = keyfile_value(&rows[i], line + strlen(rows[i].key), end);
		next = i + 1;
		found++;
	}
	return found;
}
