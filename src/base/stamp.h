/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Points in time as text.
 */
#ifndef BASE_STAMP_H
#define BASE_STAMP_H

#include <stdint.h>

#include "base/util.h"

/*
 * Reads n bytes as a time of RFC 3339, such as "2024-05-01T12:00:00.25+02:00", or with Z at the
 * end; the T may be a blank, and letters may be of either case. Sets nanoseconds since 1970,
 * rounded down. Returns 0, -EINVAL (not such a time), or -ERANGE (before 1970 or after 2261).
 */
int stamp_parse(const char *s, size_t n, int64_t *ret_ns);

#endif
