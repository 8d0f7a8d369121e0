/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decimals are printed as integer tenths, because printf of a double uses the decimal point of the
 * locale.
 */
#include "base/fmt.h"

#include <inttypes.h>
#include <math.h>

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

static char *put_u64(char *p, uint64_t v)
{
	char digits[20];
	size_t n = 0;

	do
		digits[n++] = (char)('0' + v % 10);
	while ((v /= 10) > 0);
	while (n > 0)
		*p++ = digits[--n];
	return p;
}

static char *put_text(char *p, const char *s)
{
	while (*s)
		*p++ = *s++;
	*p = '\0';
	return p;
}

/* Does without stdio, because long tables hold hundreds of thousands of these. */
static void print_bytes(char *buf, const char *sign, uint64_t bytes, enum fmt_unit unit)
{
	const struct fmt_scale *scale;
	uint64_t one = 1, tenths;
	char *p = put_text(buf, sign);
	size_t i = 0;

	if (unit == FMT_EXACT) {
		*put_u64(p, bytes) = '\0';
		return;
	}
	scale = &scales[unit];
	while (i + 1 < ARRAY_SIZE(scale->names) && bytes >= one * scale->base) {
		one *= scale->base;
		i++;
	}
	if (i == 0) {
		p = put_u64(p, bytes);
	} else {
		tenths = bytes / one * 10 + (bytes % one * 10 + one / 2) / one;
		if (tenths == scale->base * 10) { /* rounded up to the next unit */
			tenths = 10;
			i++;
		}
		p = put_u64(p, tenths / 10);
		*p++ = '.';
		*p++ = (char)('0' + tenths % 10);
	}
	*p++ = ' ';
	(void)put_text(p, scale->names[i]);
}

const char *fmt_bytes(char buf[FMT_MAX], uint64_t bytes, enum fmt_unit unit)
{
	print_bytes(buf, "", bytes, unit);
	return buf;
}

const char *fmt_delta(char buf[FMT_MAX], int64_t bytes, enum fmt_unit unit)
{
	if (bytes < 0)
		print_bytes(buf, "-", 0 - (uint64_t)bytes, unit);
	else
		print_bytes(buf, bytes > 0 ? "+" : "", (uint64_t)bytes, unit);
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
	p = put_u64(buf, scaled / tens[decimals]);
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
