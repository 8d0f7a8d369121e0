/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decimals are printed as integer tenths, because printf of a double uses the decimal point of the
 * locale. Numbers are written without stdio, two decimal digits at a time: the tables of a large
 * process hold a million of them.
 */
#include "base/fmt.h"

#include <inttypes.h>
#include <math.h>

enum { DIGITS_MAX = 20 }; /* of UINT64_MAX */

#define MAX_PRINTED 1e15 /* larger doubles are cut to this, far from the end of 64 bits */

struct fmt_scale {
	unsigned int base;
	const char *names[7]; /* of base^0 to base^6; 64 bits hold no more */
};

static const struct fmt_scale scales[] = {
	[FMT_IEC] = { 1024, { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" } },
	[FMT_SI] = { 1000, { "B", "kB", "MB", "GB", "TB", "PB", "EB" } },
};
_Static_assert(ARRAY_SIZE(scales) == FMT_EXACT, "one scale for each unit but the exact one");

static size_t decimal_digits(uint64_t v)
{
	static const uint64_t power[DIGITS_MAX] = {
		0, /* not 1: the number 0 has one digit */
		10,
		100,
		1000,
		10000,
		100000,
		1000000,
		10000000,
		100000000,
		1000000000,
		10000000000,
		100000000000,
		1000000000000,
		10000000000000,
		100000000000000,
		1000000000000000,
		10000000000000000,
		100000000000000000,
		1000000000000000000,
		10000000000000000000U,
	};
	/* 1233/4096 is log10(2), close enough for 64 bits: the guess is right or one too low. */
	size_t guess = (size_t)(64 - __builtin_clzll(v | 1)) * 1233 >> 12;

	return guess + (v >= power[guess]);
}

char *fmt_put_u64(char *p, uint64_t v)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	char *end, *at;

	if (v < 10) { /* most numbers of a table are 0 */
		*p = (char)('0' + v);
		return p + 1;
	}
	end = at = p + decimal_digits(v);
	for (; v >= 100; v /= 100) {
		at -= 2;
		memcpy(at, pairs + v % 100 * 2, 2);
	}
	if (v >= 10)
		memcpy(at - 2, pairs + v * 2, 2);
	else
		at[-1] = (char)('0' + v);
	return end;
}

size_t fmt_hex_digits(uint64_t v)
{
	return (size_t)(67 - __builtin_clzll(v | 1)) / 4;
}

char *fmt_put_hex(char *p, uint64_t v)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = fmt_hex_digits(v);

	for (size_t i = n; i-- > 0; v >>= 4)
		p[i] = digits[v & 15];
	return p + n;
}

static char *put_text(char *p, const char *s)
{
	while (*s)
		*p++ = *s++;
	*p = '\0';
	return p;
}

/* Finds the largest power of 1024 that is not more than bytes, and the tenths of it. */
static unsigned int scale_iec(uint64_t bytes, uint64_t *ret_tenths)
{
	unsigned int power = bytes ? (63 - (unsigned int)__builtin_clzll(bytes)) / 10 : 0;
	unsigned int shift = 10 * power;
	uint64_t one = UINT64_C(1) << shift;

	*ret_tenths = (bytes >> shift) * 10 + (((bytes & (one - 1)) * 10 + one / 2) >> shift);
	return power;
}

static unsigned int scale_si(uint64_t bytes, uint64_t *ret_tenths)
{
	unsigned int power = 0;
	uint64_t one = 1;

	while (power + 1 < ARRAY_SIZE(scales->names) && bytes >= one * 1000) {
		one *= 1000;
		power++;
	}
	*ret_tenths = bytes / one * 10 + (bytes % one * 10 + one / 2) / one;
	return power;
}

/* Does without division by what is not known before: long tables hold hundreds of thousands. */
char *fmt_put_bytes(char *p, uint64_t bytes, enum fmt_unit unit)
{
	unsigned int power;
	uint64_t tenths;

	if (unit == FMT_EXACT) {
		p = fmt_put_u64(p, bytes);
		*p = '\0';
		return p;
	}
	power = unit == FMT_IEC ? scale_iec(bytes, &tenths) : scale_si(bytes, &tenths);
	if (tenths == scales[unit].base * 10) { /* rounded up to the next unit */
		tenths = 10;
		power++;
	}
	p = fmt_put_u64(p, tenths / 10);
	if (power > 0) {
		*p++ = '.';
		*p++ = (char)('0' + tenths % 10);
	}
	*p++ = ' ';
	return put_text(p, scales[unit].names[power]);
}

size_t fmt_most_bytes(uint64_t bytes, enum fmt_unit unit)
{
	unsigned int power = (63 - (unsigned int)__builtin_clzll(bytes | 1)) / 10;

	if (unit == FMT_EXACT)
		return DIGITS_MAX;
	if (unit == FMT_SI)
		return sizeof("999.9 kB") - 1;
	if (power == 0)
		return sizeof("1023 B") - 1;
	/* Rounding may add one to the whole part. */
	return decimal_digits((bytes >> (10 * power)) + 1) + sizeof(".0 KiB") - 1;
}

const char *fmt_bytes(char buf[FMT_MAX], uint64_t bytes, enum fmt_unit unit)
{
	(void)fmt_put_bytes(buf, bytes, unit);
	return buf;
}

const char *fmt_delta(char buf[FMT_MAX], int64_t bytes, enum fmt_unit unit)
{
	char *p = buf;

	if (bytes != 0)
		*p++ = bytes < 0 ? '-' : '+';
	(void)fmt_put_bytes(p, bytes < 0 ? 0 - (uint64_t)bytes : (uint64_t)bytes, unit);
	return buf;
}

unsigned int fmt_power(double bytes, enum fmt_unit unit, double *ret_one)
{
	unsigned int power = 0;
	double one = 1;

	while (unit != FMT_EXACT && power + 1 < ARRAY_SIZE(scales[unit].names) &&
	       bytes >= one * scales[unit].base) {
		one *= scales[unit].base;
		power++;
	}
	*ret_one = one;
	return power;
}

const char *fmt_bytes_in(char buf[FMT_MAX], double bytes, enum fmt_unit unit, unsigned int power,
			 unsigned int decimals)
{
	static const unsigned int tens[] = { 1, 10, 100, 1000 };
	double one = 1;
	uint64_t scaled;
	char *p;

	for (unsigned int i = 0; i < power; i++)
		one *= scales[unit].base;
	scaled = (uint64_t)(MIN(MAX(bytes, 0) / one, MAX_PRINTED) * tens[decimals] + 0.5);
	p = fmt_put_u64(buf, scaled / tens[decimals]);
	for (unsigned int i = decimals; i > 0; i--) {
		if (i == decimals)
			*p++ = '.';
		*p++ = (char)('0' + scaled / tens[i - 1] % 10);
	}
	*p = '\0';
	if (unit != FMT_EXACT) {
		*p++ = ' ';
		(void)put_text(p, scales[unit].names[power]);
	}
	return buf;
}

const char *fmt_duration(char buf[FMT_MAX], double seconds)
{
	double held = seconds > 0 ? MIN(seconds, MAX_PRINTED) : 0; /* a NaN is not greater than 0 */
	uint64_t tenths = (uint64_t)(held * 10 + 0.5);
	uint64_t s = (uint64_t)(held + 0.5);
	uint64_t min = (s + 30) / 60;
	uint64_t h = (s + 1800) / 3600;

	/*
	 * Each unit is rounded before it is compared, so 59.6 s is shown as 1 min and never as 60
	 * s.
	 */
	if (tenths < 100)
		(void)snprintf(buf, FMT_MAX, "%" PRIu64 ".%" PRIu64 " s", tenths / 10, tenths % 10);
	else if (s < 60)
		(void)snprintf(buf, FMT_MAX, "%" PRIu64 " s", s);
	else if (min < 60)
		(void)snprintf(buf, FMT_MAX, "%" PRIu64 " min", min);
	else if (min < 24 * 60)
		(void)snprintf(buf, FMT_MAX, "%" PRIu64 " h %02" PRIu64 " min", min / 60, min % 60);
	else
		(void)snprintf(buf, FMT_MAX, "%" PRIu64 " d %02" PRIu64 " h", h / 24, h % 24);
	return buf;
}

const char *fmt_percent(char buf[FMT_MAX], double percent)
{
	uint64_t tenths;

	if (isnan(percent)) {
		(void)snprintf(buf, FMT_MAX, "n/a");
		return buf;
	}
	tenths = (uint64_t)(MIN(fabs(percent), MAX_PRINTED) * 10 + 0.5);
	if (tenths == 0)
		(void)snprintf(buf, FMT_MAX, "%s", percent > 0 ? "<0.1 %" : "0.0 %");
	else
		(void)snprintf(buf, FMT_MAX, "%s%" PRIu64 ".%" PRIu64 " %%", percent < 0 ? "-" : "",
			       tenths / 10, tenths % 10);
	return buf;
}
