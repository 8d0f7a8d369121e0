/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of a configuration file, which describe the memory of the user's own programs. */
#ifndef MODEL_RULE_RULES_YAML_H
#define MODEL_RULE_RULES_YAML_H

#include "base/ytree.h"
#include "model/rule/rule.h"

enum { RULES_YAML_MAX = 256 };

/* The keys of a rule; NULL ends the list. */
extern const char *const rules_yaml_keys[];

/*
 * Reads the rules of a list and puts them before all of rules_std. Each rule has one category and
 * at least one condition. Its evidence is EV_INFERRED, because a glob matches only what memory
 * looks like. A rule without an id is called user:N, where N is its position in the list. Returns
 * 0, or -EINVAL with err set to the position and the cause. The arena and the tree own what the set
 * points to.
 */
int rules_yaml_read(const struct ynode *list, struct arena *arena, struct ruleset *ret_rules,
		    struct err *err);

#endif
