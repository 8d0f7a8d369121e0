/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extended regular expressions that a user gives.
 */
#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H

#include <regex.h>

#include "base/util.h"

enum { PATTERN_MAX = 4096, PATTERN_GROUPS_MAX = 256, PATTERN_WHY_MAX = 256 };

/*
 * Compiles an expression for tests of whether it matches; flags are added to REG_EXTENDED. One that
 * is longer than PATTERN_MAX bytes or has more than PATTERN_GROUPS_MAX groups is refused, because
 * the C library takes stack for each level of groups. Returns true, and the caller calls
 * regfree(ret); else why says what is wrong.
 */
attr_must_check bool pattern_compile(regex_t *ret, const char *text, int flags,
				     char why[PATTERN_WHY_MAX]);

#endif
