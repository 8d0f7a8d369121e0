/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nearly all names are plain ASCII, so they are checked eight bytes at a time; all others are
 * decoded.
 */
#include "base/text.h"

#include <errno.h>
#include <wchar.h>

struct rune_range {
	uint32_t first;
	uint32_t last;
};

/* Beyond ASCII: C1 controls, line separators and characters that reorder text. */
static const struct rune_range unsafe_runes[] = {
	{ 0x80, 0x9f },     { 0x61c, 0x61c },   { 0x200e, 0x200f },
	{ 0x2028, 0x202e }, { 0x2066, 0x2069 },
};

static bool rune_is_unsafe(uint32_t rune)
{
	for (size_t i = 0; i < ARRAY_SIZE(unsafe_runes); i++) {
		if (rune >= unsafe_runes[i].first && rune <= unsafe_runes[i].last)
			return true;
	}
	return false;
}

static bool ascii_is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '\\';
}

/*
 * Returns whether all eight bytes are plain, by the usual bit operations for "no byte is less than
 * / equal to".
 */
static bool word_is_plain(const char *s)
{
	const uint64_t ones = UINT64_MAX / 255, tops = ones * 0x80;
	uint64_t w, del, backslash, suspect;

	memcpy(&w, s, sizeof(w));
	del = w ^ ones * 0x7f;
	backslash = w ^ ones * '\\';
	suspect = w | (w - ones * 0x20) | ((del - ones) & ~del) | ((backslash - ones) & ~backslash);
	return !(suspect & tops);
}

size_t text_decode(const char *s, size_t n, uint32_t *ret_rune)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 }; /* by length */
	unsigned char c = (unsigned char)s[0];
	uint32_t rune;
	size_t len;

	if (c < 0x80) {
		*ret_rune = c;
		return 1;
	}
	if (c < 0xc0 || c > 0xf7)
		return 0;
	len = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (len > n)
		return 0;
	rune = c & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		c = (unsigned char)s[i];
		if ((c & 0xc0) != 0x80)
			return 0;
		rune = rune << 6 | (c & 0x3f);
	}
	if (rune < least[len] || rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff))
		return 0;
	*ret_rune = rune;
	return len;
}

/* Returns the number of bytes at the start that need no escape. */
static size_t clean_prefix(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n) {
		uint32_t rune;
		size_t len;

		if (n - i >= sizeof(uint64_t) && word_is_plain(s + i)) {
			i += sizeof(uint64_t);
			continue;
		}
		len = text_decode(s + i, n - i, &rune);
		if (len == 0 ||
		    (len == 1 ? !ascii_is_plain((unsigned char)rune) : rune_is_unsafe(rune)))
			break;
		i += len;
	}
	return i;
}

bool text_is_clean(const char *bytes, size_t n)
{
	return clean_prefix(bytes, n) == n;
}

static void add_hex_escape(struct sbuf *out, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	const char escape[] = { '\\', 'x', digits[c >> 4], digits[c & 15] };

	sbuf_add(out, escape, sizeof(escape));
}

void text_escape(struct sbuf *out, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t len = clean_prefix(bytes + i, n - i);
		uint32_t rune;

		sbuf_add(out, bytes + i, len);
		i += len;
		if (i == n)
			break;
		if (bytes[i] == '\\') {
			sbuf_adds(out, "\\\\");
			i++;
			continue;
		}
		/* A valid sequence is escaped as a whole; of invalid bytes only the first is. */
		len = text_decode(bytes + i, n - i, &rune);
		for (len = MAX(len, 1); len > 0; len--)
			add_hex_escape(out, (unsigned char)bytes[i++]);
	}
}

static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes the escape at the backslash s. Returns its length, or 0 if it is not an escape. */
static size_t unescape_one(const char *s, size_t n, char *ret_byte)
{
	int high, low;

	if (n >= 2 && s[1] == '\\') {
		*ret_byte = '\\';
		return 2;
	}
	if (n < 4 || s[1] != 'x')
		return 0;
	high = hex_value(s[2]);
	low = hex_value(s[3]);
	if (high < 0 || low < 0)
		return 0;
	*ret_byte = (char)(high << 4 | low);
	return 4;
}

int text_unescape(struct sbuf *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t len = clean_prefix(text + i, n - i);
		char byte;

		sbuf_add(out, text + i, len);
		i += len;
		if (i == n)
			break;
		len = text[i] == '\\' ? unescape_one(text + i, n - i, &byte) : 0;
		if (len == 0)
			return -EINVAL;
		sbuf_addch(out, byte);
		i += len;
	}
	return 0;
}

void text_join_arguments(char *args, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++) {
		if (!args[i])
			args[i] = ' ';
	}
}

size_t text_width(const char *s)
{
	size_t n = strlen(s), width = 0;

	while (n > 0) {
		uint32_t rune;
		size_t len = text_decode(s, n, &rune);
		int columns = len > 1 ? wcwidth((wchar_t)rune) : 1;

		width += columns < 0 ? 1 : (size_t)columns;
		len = MAX(len, 1);
		s += len;
		n -= len;
	}
	return width;
}

/*
 * Matches c against the set whose "[" is before *p, and moves *p behind its "]". A set without an
 * end is a plain "[": then *p is not moved.
 */
static bool set_matches(const char **p, unsigned char c)
{
	const char *s = *p;
	bool negated = *s == '!' || *s == '^';
	const char *first = s + negated;
	bool found = false;

	for (s = first; *s && (*s != ']' || s == first); s++) {
		unsigned char low = (unsigned char)s[0], high = low;

		if (s[1] == '-' && s[2] && s[2] != ']') {
			high = (unsigned char)s[2];
			s += 2;
		}
		found |= c >= low && c <= high;
	}
	if (!*s)
		return c == '[';
	*p = s + 1;
	return found != negated;
}

/* Matches one byte against one element of the pattern at *p, and moves *p behind the element. */
static bool element_matches(const char **p, char c)
{
	char element = *(*p)++;

	if (element == '?')
		return true;
	if (element == '[')
		return set_matches(p, (unsigned char)c);
	return element == c;
}

bool text_glob(const char *pattern, const char *s)
{
	const char *star = NULL; /* behind the last star */
	const char *retry = s;   /* the text behind what that star matches so far */

	/*
	 * Only the last star can need another try: any text that an earlier star could match, the
	 * last one can match too.
	 */
	while (*s) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = s;
		} else if (*pattern && element_matches(&pattern, *s)) {
			s++;
		} else if (star) {
			pattern = star;
			s = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
