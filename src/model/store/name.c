/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A name is parsed and written again: if the result is the same, it is the name of a snapshot. */
#include "model/store/name.h"

#include <time.h>

#include "base/num.h"

#define NAME_PREFIX "memory_snapshot_"
#define NAME_SUFFIX ".yaml"

enum {
	DAY_MAX = 99991231, /* later years have more than four digits */
	SUFFIX_MAX = 9999,
};

void store_name_format(struct store_stamp stamp, char ret_name[STORE_NAME_MAX])
{
	time_t seconds = stamp.seconds;
	struct tm tm = { 0 };
	size_t len;

	(void)gmtime_r(&seconds, &tm);
	len = strftime(ret_name, STORE_NAME_MAX, NAME_PREFIX "%Y%m%d_%H%M%S", &tm);
	if (stamp.suffix > 1)
		(void)snprintf(ret_name + len, STORE_NAME_MAX - len, "_%u" NAME_SUFFIX,
			       stamp.suffix);
	else
		(void)snprintf(ret_name + len, STORE_NAME_MAX - len, NAME_SUFFIX);
}

/* Parses "_N" and moves *p behind it. */
static bool scan_part(const char **p, const char *end, uint64_t max, uint64_t *ret_value)
{
	if (**p != '_')
		return false;
	(*p)++;
	return num_scan_u64(p, end, ret_value) && *ret_value <= max;
}

static int64_t seconds_of(uint64_t day, uint64_t time)
{
	struct tm tm = {
		.tm_year = (int)(day / 10000) - 1900,
		.tm_mon = (int)(day / 100 % 100) - 1,
		.tm_mday = (int)(day % 100),
		.tm_hour = (int)(time / 10000),
		.tm_min = (int)(time / 100 % 100),
		.tm_sec = (int)(time % 100),
	};

	return timegm(&tm);
}

bool store_name_parse(const char *name, struct store_stamp *ret_stamp)
{
	const char *p = name + strlen(NAME_PREFIX) - 1, *end = name + strlen(name);
	uint64_t day, time, suffix = 0;
	struct store_stamp stamp;
	char again[STORE_NAME_MAX];

	if (!starts_with(name, NAME_PREFIX) || !scan_part(&p, end, DAY_MAX, &day) ||
	    !scan_part(&p, end, 235959, &time))
		return false;
	if (*p == '_' && !scan_part(&p, end, SUFFIX_MAX, &suffix))
		return false;
	stamp = (struct store_stamp){ seconds_of(day, time), (unsigned int)suffix };
	store_name_format(stamp, again);
	if (!streq(again, name))
		return false;
	*ret_stamp = stamp;
	return true;
}

int store_stamp_compare(struct store_stamp a, struct store_stamp b)
{
	if (a.seconds != b.seconds)
		return a.seconds < b.seconds ? -1 : 1;
	return a.suffix < b.suffix ? -1 : a.suffix > b.suffix;
}
