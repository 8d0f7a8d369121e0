/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of rules, which say what a mapping is. The first match wins. A new kind of mapping is
 * one row of rules_std; all conditions of a row must hold. Marks are set by model/rule/shapes.c
 * before the rules are tried.
 */
#ifndef MODEL_RULE_RULE_H
#define MODEL_RULE_RULE_H

#include <stdint.h>

#include "model/region.h"

/* Where the name of the owner comes from. */
enum owner_source {
	OWN_NONE,     /* no owner: kind and name are null */
	OWN_LITERAL,  /* rule.owner */
	OWN_NAME,     /* the name of the mapping, without brackets and decoration */
	OWN_BASENAME, /* last component of the file's path */
	OWN_PATH,     /* the file's path */
	OWN_PACKAGE,  /* the extension package of the file */
	OWN_IMAGE,    /* category and owner of the image in front of it (MARK_BSS) */
};

struct rule {
	const char *id;
	const char *name;            /* glob on the mapping's name; NULL: any name */
	uint8_t perms_on, perms_off; /* enum vma_perm bits that must be set, and clear */
	uint64_t flags_on, flags_off;
	uint16_t marks_on, marks_off;
	uint64_t size_min, size_max; /* bytes of address space; size_max 0: no maximum */

	enum category category;
	enum evidence evidence;
	enum owner_source source;
	enum owner_kind owner_kind;
	const char *owner;
};

struct ruleset {
	const struct rule *rules;
	size_t n;
	bool by_size; /* at least one rule has a condition on the size */
};

extern const struct ruleset rules_std;

/*
 * Returns the index of the first rule that matches; the last rule of a set matches every mapping.
 */
size_t ruleset_match(const struct ruleset *set, const char *name, const struct region *r);

#endif
