/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Converts text to numbers with integers only: no locale, no rounding, no silent overflow. */
#include "base/num.h"

#include <errno.h>

#define DECIMAL_DIGITS "0123456789"

enum {
	SAFE_DECIMAL = 19, /* this number of digits always fits 64 bits */
	HEX_GROUP = 8,     /* hexadecimal digits that are read at once */
};

struct unit {
	const char *name; /* lower case */
	uint64_t scale;
};

/* The value of a hexadecimal digit plus 1; 0 for all other bytes. */
static const unsigned char hex_digit[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
	['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

static inline unsigned int decimal_digit(char c)
{
	return (unsigned int)(unsigned char)c - '0'; /* above 9 for all other bytes */
}

bool num_scan_u64(const char **p, const char *end, uint64_t *ret_value)
{
	const char *s = *p, *safe = end - s > SAFE_DECIMAL ? s + SAFE_DECIMAL : end;
	unsigned int digit;
	uint64_t v = 0;

	for (; s < safe && (digit = decimal_digit(*s)) <= 9; s++)
		v = v * 10 + digit;
	if (s == *p)
		return false;
	for (; s < end && (digit = decimal_digit(*s)) <= 9; s++) {
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, digit, &v))
			return false;
	}
	*p = s;
	*ret_value = v;
	return true;
}

/*
 * Reads eight hexadecimal digits in lower case at once. Returns false if one of them is none. Each
 * step joins neighbours: bytes to pairs of digits, pairs to fours, fours to eight.
 */
static inline bool scan_hex_group(const char *s, uint64_t *ret_value)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	const uint64_t ones = UINT64_MAX / 255;
	uint64_t word, letters, tens;

	memcpy(&word, s, sizeof(word));
	letters = word >> 6 & ones;
	word -= ones * '0' + letters * ('a' - '0' - 10);
	tens = (word + ones * 6) >> 4 & ones; /* the bytes of 10 to 15 must be the letters */
	if ((word & ones * 0xf0) || tens != letters)
		return false;
	word = __builtin_bswap64(word);
	word = (word | word >> 4) & UINT64_C(0x00ff00ff00ff00ff);
	word = (word | word >> 8) & UINT64_C(0x0000ffff0000ffff);
	*ret_value = (word | word >> 16) & UINT32_MAX;
	return true;
#else
	(void)s;
	(void)ret_value;
	return false;
#endif
}

bool num_scan_hex(const char **p, const char *end, uint64_t *ret_value)
{
	const char *s = *p;
	unsigned int digit;
	uint64_t v = 0;

	if (end - s >= HEX_GROUP && scan_hex_group(s, &v))
		s += HEX_GROUP;
	for (; s < end && (digit = hex_digit[(unsigned char)*s]) != 0; s++) {
		if (v >> 60)
			return false;
		v = v << 4 | (digit - 1);
	}
	if (s == *p)
		return false;
	*p = s;
	*ret_value = v;
	return true;
}

/* Each step adds neighbours in one multiplication: bytes to pairs, pairs to fours, fours to eight. */
bool num_parse_padded(const char p[NUM_PADDED], uint64_t *ret_value)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	const uint64_t zeros = UINT64_C(0x3030303030303030);
	uint64_t word, blanks, mask;

	memcpy(&word, p, sizeof(word));
	/* A blank is 0x20, digits are 0x30 to 0x39. The mask has 0xff for each blank. */
	blanks = ~word & UINT64_C(0x1010101010101010);
	mask = (blanks << 4) - (blanks >> 4);
	if ((mask & (mask + 1)) || !~mask || (word & mask & UINT64_C(0x0f0f0f0f0f0f0f0f)))
		return false;
	word |= blanks;
	if (((word & UINT64_C(0xf0f0f0f0f0f0f0f0)) ^ zeros) |
	    ((word + UINT64_C(0x0606060606060606)) & UINT64_C(0x4040404040404040)))
		return false;
	word -= zeros;
	word = word * 10 + (word >> 8);
	word = (word & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064) +
	       (word >> 16 & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001);
	*ret_value = word >> 32;
	return true;
#else
	const char *digits = p, *end = p + NUM_PADDED;
	uint64_t value;

	while (digits < end && *digits == ' ')
		digits++;
	if (!num_scan_u64(&digits, end, &value) || digits != end)
		return false;
	*ret_value = value;
	return true;
#endif
}

int num_parse_u64(const char *s, uint64_t *ret_value)
{
	const char *p = s, *end = s + strlen(s);
	uint64_t v;

	/* If all bytes are digits, the number is too large; otherwise it is not a number. */
	if (!num_scan_u64(&p, end, &v) || p != end)
		return *s && !s[strspn(s, DECIMAL_DIGITS)] ? -ERANGE : -EINVAL;
	*ret_value = v;
	return 0;
}

/* Compares without regard to case and, unlike strcasecmp, to the locale. */
static bool is_unit(const char *s, const char *name)
{
	for (; *s && *name; s++, name++) {
		char c = *s >= 'A' && *s <= 'Z' ? (char)(*s - 'A' + 'a') : *s;

		if (c != *name)
			return false;
	}
	return *s == *name;
}

static const struct unit sizes[] = {
	{ "", 1 },
	{ "b", 1 },
	{ "k", UINT64_C(1) << 10 },
	{ "m", UINT64_C(1) << 20 },
	{ "g", UINT64_C(1) << 30 },
	{ "t", UINT64_C(1) << 40 },
	{ "p", UINT64_C(1) << 50 },
	{ "kib", UINT64_C(1) << 10 },
	{ "mib", UINT64_C(1) << 20 },
	{ "gib", UINT64_C(1) << 30 },
	{ "tib", UINT64_C(1) << 40 },
	{ "pib", UINT64_C(1) << 50 },
	{ "kb", UINT64_C(1000) },
	{ "mb", UINT64_C(1000000) },
	{ "gb", UINT64_C(1000000000) },
	{ "tb", UINT64_C(1000000000000) },
	{ "pb", UINT64_C(1000000000000000) },
};

static const struct unit durations[] = {
	{ "", UINT64_C(1000000000) },          { "s", UINT64_C(1000000000) },
	{ "m", UINT64_C(60) * 1000000000 },    { "h", UINT64_C(3600) * 1000000000 },
	{ "d", UINT64_C(86400) * 1000000000 },
};

static const struct unit *find_unit(const struct unit *units, size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++) {
		if (is_unit(s, units[i].name))
			return &units[i];
	}
	return NULL;
}

static int parse_scaled(const char *s, const struct unit *units, size_t n, uint64_t *ret_value)
{
	size_t n_whole = strspn(s, DECIMAL_DIGITS);
	bool point = s[n_whole] == '.';
	const char *fraction = s + n_whole + point;
	size_t n_fraction = strspn(fraction, DECIMAL_DIGITS);
	const struct unit *unit = find_unit(units, n, fraction + n_fraction);
	uint64_t whole, part = 0;

	if (n_whole == 0 || !unit || (point && (n_fraction == 0 || unit->scale == 1)))
		return -EINVAL;
	if (!num_scan_u64(&s, s + n_whole, &whole))
		return -ERANGE;
	/*
	 * 0.d1d2d3 * scale is (d1 * scale + (d2 * scale + d3 * scale / 10) / 10) / 10. This is
	 * exact for any number of digits: rounding down inside does not change the result.
	 */
	for (size_t i = n_fraction; i-- > 0;)
		part = (decimal_digit(fraction[i]) * unit->scale + part) / 10;
	if (__builtin_mul_overflow(whole, unit->scale, &whole) ||
	    __builtin_add_overflow(whole, part, &whole))
		return -ERANGE;
	*ret_value = whole;
	return 0;
}

int num_parse_size(const char *s, uint64_t *ret_bytes)
{
	return parse_scaled(s, sizes, ARRAY_SIZE(sizes), ret_bytes);
}

int num_parse_duration(const char *s, int64_t *ret_ns)
{
	uint64_t ns;
	int ret = parse_scaled(s, durations, ARRAY_SIZE(durations), &ns);

	if (ret == 0 && ns > INT64_MAX)
		return -ERANGE;
	if (ret == 0)
		*ret_ns = (int64_t)ns;
	return ret;
}

uint64_t num_add_sat(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

uint64_t num_mul_sat(uint64_t a, uint64_t b)
{
	uint64_t product;

	return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}
