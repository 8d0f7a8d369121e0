/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/pressure.h"

#include <errno.h>

#include "base/io.h"
#include "base/num.h"
#include "proc/keyfile.h"

enum { PRESSURE_MAX = 4096 };

/* Parses "avg10=INTEGER.HUNDREDTHS " at p. */
static struct amount parse_average(const char *p, const char *end)
{
	static const char key[] = "avg10=";
	uint64_t whole, hundredths;

	if ((size_t)(end - p) < sizeof(key) || memcmp(p, key, sizeof(key) - 1) != 0)
		return amount_absent(REASON_BAD_FORMAT);
	p += sizeof(key) - 1;
	if (!num_scan_u64(&p, end, &whole) || p == end || *p++ != '.' ||
	    !num_scan_u64(&p, end, &hundredths) || p == end || *p != ' ' || hundredths > 99)
		return amount_absent(REASON_BAD_FORMAT);
	return amount_of(num_add_sat(num_mul_sat(whole, 100), hundredths));
}

void pressure_read(const struct procfs *fs, struct pressure *ret_pressure)
{
	auto_sbuf text = SBUF_INIT;
	int ret = io_read_piece_at(fs->rootfd, "pressure/memory", PRESSURE_MAX, &text);
	struct amount none = amount_absent(ret == -ENOENT ? REASON_NOT_REPORTED
							  : reason_of_errno(ret));
	struct lines lines;
	const char *line, *end;

	if (ret == 0)
		none = amount_absent(REASON_BAD_FORMAT);
	*ret_pressure = (struct pressure){ none, none };
	lines = lines_of(&text);
	while (ret == 0 && lines_next(&lines, &line, &end)) {
		size_t n = (size_t)(end - line);

		if (n > 5 && memcmp(line, "some ", 5) == 0)
			ret_pressure->some = parse_average(line + 5, end);
		else if (n > 5 && memcmp(line, "full ", 5) == 0)
			ret_pressure->full = parse_average(line + 5, end);
	}
}
