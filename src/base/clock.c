/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clocks of the kernel.
 */
#include "base/clock.h"

#include <errno.h>
#include <time.h>

#include "base/util.h"

static int64_t read_ns(clockid_t id)
{
	struct timespec now = { 0 };

	(void)clock_gettime(id, &now); /* both clocks are older than any kernel we run on */
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int64_t system_wall_ns(attr_unused void *arg)
{
	return read_ns(CLOCK_REALTIME);
}

static int64_t system_boot_ns(attr_unused void *arg)
{
	return read_ns(CLOCK_BOOTTIME);
}

const struct clock clock_system = {
	.wall_ns = system_wall_ns,
	.boot_ns = system_boot_ns,
};

static int take_digits(const char *text, size_t at, size_t n)
{
	int value = 0;

	for (size_t i = at; i < at + n; i++)
		value = value * 10 + (text[i] - '0');
	return value;
}

int clock_parse_utc(const char *text, int64_t *ret_wall_ns)
{
	static const char pattern[] = "0000-00-00T00:00:00.000Z";
	struct tm tm = { 0 }, again;
	time_t seconds;

	if (strlen(text) != sizeof(pattern) - 1)
		return -EINVAL;
	for (size_t i = 0; pattern[i]; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';

		if (pattern[i] == '0' ? !digit : text[i] != pattern[i])
			return -EINVAL;
	}
	tm.tm_year = take_digits(text, 0, 4) - 1900;
	tm.tm_mon = take_digits(text, 5, 2) - 1;
	tm.tm_mday = take_digits(text, 8, 2);
	tm.tm_hour = take_digits(text, 11, 2);
	tm.tm_min = take_digits(text, 14, 2);
	tm.tm_sec = take_digits(text, 17, 2);
	again = tm;
	seconds = timegm(&again); /* makes the 31st of April the 1st of May */
	if (again.tm_mon != tm.tm_mon || again.tm_mday != tm.tm_mday ||
	    again.tm_hour != tm.tm_hour || again.tm_min != tm.tm_min || again.tm_sec != tm.tm_sec ||
	    seconds > INT64_MAX / NS_PER_S - 1 || seconds < INT64_MIN / NS_PER_S + 1)
		return -EINVAL;
	*ret_wall_ns = (int64_t)seconds * NS_PER_S + take_digits(text, 20, 3) * NS_PER_MS;
	return 0;
}
