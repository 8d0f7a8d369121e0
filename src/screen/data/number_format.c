/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/data/number_format.h"

enum { KIBI = 1, MEBI = 2 };

/* Returns the decimals that give three digits in all; a number in a fixed unit may need more. */
static unsigned int decimals_of(double value, unsigned int power, bool fixed)
{
	if (power == 0 || value == 0 || (power == KIBI && !fixed))
		return 0;
	if (fixed && value < 0.0995)
		return 3;
	return value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
}

size_t number_format_width(const struct number_format *format)
{
	static const unsigned char widths[NUMBER_FORMAT_POWERS] = { 8, 12, 9, 9 };

	return format->unit == FMT_EXACT ? 12 : widths[format->power];
}

const char *number_format_bytes(char buf[FMT_MAX], const struct number_format *format,
				uint64_t bytes)
{
	double one, value = (double)bytes;
	unsigned int power;

	if (format->unit == FMT_EXACT)
		return fmt_bytes(buf, bytes, FMT_EXACT);
	power = fmt_power(value, format->unit, &one);
	if (format->power) {
		for (; power > format->power; power--)
			one /= format->unit == FMT_SI ? 1000 : 1024;
		for (; power < format->power; power++)
			one *= format->unit == FMT_SI ? 1000 : 1024;
	}
	return fmt_bytes_in(buf, value, format->unit, power,
			    decimals_of(value / one, power, format->power != 0));
}

const char *number_format_delta(char buf[FMT_MAX], const struct number_format *format, double bytes)
{
	char magnitude[FMT_MAX];
	double size = bytes < 0 ? -bytes : bytes;

	if (!(size >= 0.5)) {
		(void)snprintf(buf, FMT_MAX, "0");
		return buf;
	}
	(void)number_format_bytes(magnitude, format,
				  size < 1e18 ? (uint64_t)(size + 0.5) : (uint64_t)1e18);
	(void)snprintf(buf, FMT_MAX, "%c%.*s", bytes < 0 ? '-' : '+', FMT_MAX - 2, magnitude);
	return buf;
}

const char *number_format_amount(char buf[FMT_MAX], const struct number_format *format,
				 struct amount amount)
{
	if (amount_ok(amount))
		return number_format_bytes(buf, format, amount.value);
	(void)snprintf(buf, FMT_MAX, "%s",
		       amount.why == REASON_BY_DESIGN || amount.why == REASON_NO_MM ||
				       amount.why == REASON_NOT_READ
			       ? "-"
			       : "n/a");
	return buf;
}

const char *number_format_age(char buf[FMT_MAX], double seconds)
{
	static const struct {
		double least;
		double one;
		const char *unit;
	} units[] = {
		{ 2 * 86400, 86400, "d" }, { 2 * 3600, 3600, "h" }, { 100, 60, "m" }, { 0, 1, "s" }
	};
	size_t i = 0;

	if (!(seconds >= 0))
		seconds = 0;
	while (seconds < units[i].least)
		i++;
	(void)snprintf(buf, FMT_MAX, "%.0f %s", MIN(seconds / units[i].one, 1e9), units[i].unit);
	return buf;
}
