/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of a configuration file: what its author knows of his programs' memory.
 */
#ifndef MODEL_RULE_RULES_YAML_H
#define MODEL_RULE_RULES_YAML_H

#include "base/ytree.h"
#include "model/rule/rule.h"

enum { RULES_YAML_MAX = 256 };

/* What may stand in a rule; NULL ends it. */
extern const char *const rules_yaml_keys[];

/*
 * The rules of a list, in front of all of rules_std. Each names one category, wants at least one
 * condition, and its evidence is EV_INFERRED: a glob tells memory by how it looks. One without an
 * id is called user:N, N its place in the list. 0, or -EINVAL with err set to where and why not.
 * What the set points to is in the arena and in the tree.
 */
int rules_yaml_read(const struct ynode *list, struct arena *arena, struct ruleset *ret_rules,
		    struct err *err);

#endif
