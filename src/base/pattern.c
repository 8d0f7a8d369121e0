/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/pattern.h"

bool pattern_compile(regex_t *ret, const char *text, int flags, char why[PATTERN_WHY_MAX])
{
	size_t groups = 0, len = strlen(text);
	int code;

	for (size_t i = 0; i < len; i++)
		groups += text[i] == '(';
	if (len > PATTERN_MAX || groups > PATTERN_GROUPS_MAX) {
		(void)snprintf(why, PATTERN_WHY_MAX, "the expression is too long");
		return false;
	}
	code = regcomp(ret, text, REG_EXTENDED | REG_NOSUB | flags);
	if (code != 0)
		(void)regerror(code, ret, why, PATTERN_WHY_MAX);
	return code == 0;
}
