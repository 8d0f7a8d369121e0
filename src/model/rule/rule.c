/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/rule/rule.h"

#include "base/text.h"

static bool rule_matches(const struct rule *rule, const char *name, const struct region *r)
{
	uint64_t size = r->end - r->start;

	if ((r->marks & rule->marks_on) != rule->marks_on || (r->marks & rule->marks_off) ||
	    (r->flags & rule->flags_on) != rule->flags_on || (r->flags & rule->flags_off) ||
	    (r->perms & rule->perms_on) != rule->perms_on || (r->perms & rule->perms_off) ||
	    size < rule->size_min || (rule->size_max && size > rule->size_max))
		return false;
	return !rule->name || (*name && text_glob(rule->name, name));
}

size_t ruleset_match(const struct ruleset *set, const char *name, const struct region *r)
{
	size_t i = 0;

	while (i + 1 < set->n && !rule_matches(&set->rules[i], name, r))
		i++;
	return i;
}
