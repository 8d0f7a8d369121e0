/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/rule/rules_yaml.h"

#include <errno.h>

#include "proc/smaps.h"

enum { ID_MAX = 40, PERMS = 4 };

/* Keys in the order of the manual. */
enum rule_key {
	KEY_ID,
	KEY_PATH,
	KEY_NAME,
	KEY_PERMISSIONS,
	KEY_FLAGS,
	KEY_SIZE_MIN,
	KEY_SIZE_MAX,
	KEY_CATEGORY,
	KEY_OWNER,
	KEY_PACKAGE,
	KEY_COUNT
};

const char *const rules_yaml_keys[KEY_COUNT + 1] = {
	[KEY_ID] = "id",
	[KEY_PATH] = "path",
	[KEY_NAME] = "name",
	[KEY_PERMISSIONS] = "permissions",
	[KEY_FLAGS] = "flags",
	[KEY_SIZE_MIN] = "size_min",
	[KEY_SIZE_MAX] = "size_max",
	[KEY_CATEGORY] = "category",
	[KEY_OWNER] = "owner",
	[KEY_PACKAGE] = "package",
};

/*
 * Returns whether this has the form of the ids of built-in rules, which the schema of the report
 * requires.
 */
static bool is_id(const char *s)
{
	size_t len = strlen(s);

	return *s >= 'a' && *s <= 'z' && len <= ID_MAX &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-") == len;
}

static int take_id(struct rule *rule, const struct ynode *n, struct err *err)
{
	int ret = ynode_string(n, &rule->id, err);

	if (ret == 0 && !is_id(rule->id))
		return yplace_refuse(n->at, err,
				     "'%.60s': not lower-case letters, digits, - and _, a letter "
				     "first, at most %d",
				     rule->id, ID_MAX);
	return ret;
}

static int take_glob(struct rule *rule, const struct ynode *n, struct err *err)
{
	if (rule->name)
		return yplace_refuse(n->key_at, err, "path and name exclude each other");
	return ynode_string(n, &rule->name, err);
}

static int take_path(struct rule *rule, const struct ynode *n, struct err *err)
{
	rule->marks_on |= MARK_FILE;
	return take_glob(rule, n, err);
}

static int take_name(struct rule *rule, const struct ynode *n, struct err *err)
{
	rule->marks_off |= MARK_FILE;
	return take_glob(rule, n, err);
}

/*
 * Reads permissions as in /proc/PID/maps: a letter must be set, '-' must be clear, and '?' may be
 * either.
 */
static int take_permissions(struct rule *rule, const struct ynode *n, struct err *err)
{
	static const struct {
		char on, off;
		uint8_t bit;
	} places[PERMS] = {
		{ 'r', '-', VMA_READ },
		{ 'w', '-', VMA_WRITE },
		{ 'x', '-', VMA_EXEC },
		{ 's', 'p', VMA_SHARED },
	};
	const char *text;
	int ret = ynode_string(n, &text, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < PERMS && strlen(text) == PERMS; i++) {
		if (text[i] == places[i].on)
			rule->perms_on |= places[i].bit;
		else if (text[i] == places[i].off)
			rule->perms_off |= places[i].bit;
		else if (text[i] != '?')
			break;
		if (i == PERMS - 1)
			return 0;
	}
	return yplace_refuse(n->at, err, "'%.60s': not permissions such as rw-p or r?xs", text);
}

static int take_flags(struct rule *rule, const struct ynode *n, struct err *err)
{
	int ret = ynode_list(n, err);

	for (const struct ynode *item = n->first; ret == 0 && item; item = item->next) {
		uint64_t flag, unknown = 0;
		const char *text;

		ret = ynode_string(item, &text, err);
		if (ret < 0)
			return ret;
		flag = vma_flags_parse(text, strlen(text), &unknown);
		if (unknown || !flag || flag & (flag - 1))
			return yplace_refuse(item->at, err, "'%.60s': not a flag of VmFlags", text);
		rule->flags_on |= flag;
	}
	return ret;
}

static int take_size(const struct ynode *n, uint64_t *ret_bytes, struct err *err)
{
	int ret = ynode_size(n, ret_bytes, err);

	return ret == 0 && *ret_bytes == 0 ? yplace_refuse(n->at, err, "must be above 0") : ret;
}

static int take_size_min(struct rule *rule, const struct ynode *n, struct err *err)
{
	return take_size(n, &rule->size_min, err);
}

static int take_size_max(struct rule *rule, const struct ynode *n, struct err *err)
{
	return take_size(n, &rule->size_max, err);
}

static int take_category(struct rule *rule, const struct ynode *n, struct err *err)
{
	const char *text;
	int ret = ynode_string(n, &text, err);

	if (ret < 0)
		return ret;
	for (int i = 0; i < CAT_COUNT; i++) {
		if (streq(text, category_descs[i].id)) {
			rule->category = (enum category)i;
			return 0;
		}
	}
	return yplace_refuse(n->at, err, "'%.60s': no such category", text);
}

static int set_owner(struct rule *rule, enum owner_kind kind, const struct ynode *name,
		     struct err *err)
{
	if (rule->source != OWN_NONE)
		return yplace_refuse(name->at, err, "owner and package exclude each other");
	rule->source = OWN_LITERAL;
	rule->owner_kind = kind;
	return ynode_string(name, &rule->owner, err);
}

static int find_kind(const struct ynode *n, enum owner_kind *ret_kind, struct err *err)
{
	const char *text;
	int ret = ynode_string(n, &text, err);

	if (ret < 0)
		return ret;
	for (int i = OWNER_NONE + 1; i < OWNER_KIND_COUNT; i++) {
		if (streq(text, owner_kind_ids[i])) {
			*ret_kind = (enum owner_kind)i;
			return 0;
		}
	}
	return yplace_refuse(n->at, err, "'%.60s': no such kind of owner", text);
}

static int take_owner(struct rule *rule, const struct ynode *n, struct err *err)
{
	const struct ynode *kind = ynode_find(n, "kind"), *name = ynode_find(n, "name");
	enum owner_kind value = OWNER_NONE;
	int ret = ynode_mapping(n, err);

	if (ret < 0)
		return ret;
	for (const struct ynode *e = n->first; e; e = e->next) {
		if (e != kind && e != name)
			return yplace_refuse(e->key_at, err, "'%.60s': unknown key", e->key);
	}
	if (!kind || !name)
		return yplace_refuse(n->at, err, "an owner has a kind and a name");
	ret = find_kind(kind, &value, err);
	return ret < 0 ? ret : set_owner(rule, value, name, err);
}

static int take_package(struct rule *rule, const struct ynode *n, struct err *err)
{
	return set_owner(rule, OWNER_PACKAGE, n, err);
}

/* Reads a value into the rule. Returns 0, or -EINVAL with err set. */
typedef int take_fn(struct rule *rule, const struct ynode *n, struct err *err);

static take_fn *const takers[] = {
	[KEY_ID] = take_id,
	[KEY_PATH] = take_path,
	[KEY_NAME] = take_name,
	[KEY_PERMISSIONS] = take_permissions,
	[KEY_FLAGS] = take_flags,
	[KEY_SIZE_MIN] = take_size_min,
	[KEY_SIZE_MAX] = take_size_max,
	[KEY_CATEGORY] = take_category,
	[KEY_OWNER] = take_owner,
	[KEY_PACKAGE] = take_package,
};

_Static_assert(ARRAY_SIZE(takers) == KEY_COUNT, "every key of a rule is read");

static int take_key(struct rule *rule, const struct ynode *n, struct err *err)
{
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (streq(n->key, rules_yaml_keys[i]))
			return takers[i](rule, n, err);
	}
	return yplace_refuse(n->key_at, err, "'%.60s': unknown key", n->key);
}

static bool is_conditional(const struct rule *rule)
{
	return rule->name || rule->perms_on || rule->perms_off || rule->flags_on ||
	       rule->size_min || rule->size_max;
}

static int read_rule(const struct ynode *n, struct rule *rule, struct err *err)
{
	int ret = ynode_mapping(n, err);

	*rule = (struct rule){ .evidence = EV_INFERRED };
	for (const struct ynode *e = n->first; ret == 0 && e; e = e->next)
		ret = take_key(rule, e, err);
	if (ret < 0)
		return ret;
	if (!ynode_find(n, rules_yaml_keys[KEY_CATEGORY]))
		return yplace_refuse(n->at, err, "a rule without a category");
	if (!is_conditional(rule))
		return yplace_refuse(n->at, err, "a rule without a condition");
	if (rule->size_max && rule->size_min > rule->size_max)
		return yplace_refuse(n->at, err, "size_min is above size_max");
	return 0;
}

static bool has_id(const struct rule *rules, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++) {
		if (streq(rules[i].id, id))
			return true;
	}
	return false;
}

int rules_yaml_read(const struct ynode *list, struct arena *arena, struct ruleset *ret_rules,
		    struct err *err)
{
	struct rule *rules;
	bool by_size = false;
	size_t n = 0, i = 0;
	int ret = ynode_list(list, err);

	if (ret < 0)
		return ret;
	for (const struct ynode *item = list->first; item; item = item->next) {
		if (n++ == RULES_YAML_MAX)
			return yplace_refuse(item->at, err, "more than %d rules", RULES_YAML_MAX);
	}
	rules = arena_array(arena, n + rules_std.n, struct rule);
	for (const struct ynode *item = list->first; item; item = item->next, i++) {
		ret = read_rule(item, &rules[i], err);
		if (ret < 0)
			return ret;
		if (!rules[i].id)
			rules[i].id = arena_printf(arena, "user:%zu", i + 1);
		if (has_id(rules, i, rules[i].id) ||
		    has_id(rules_std.rules, rules_std.n, rules[i].id))
			return yplace_refuse(item->at, err, "'%s': another rule has this id",
					     rules[i].id);
		by_size |= rules[i].size_min || rules[i].size_max;
	}
	memcpy(rules + n, rules_std.rules, rules_std.n * sizeof(*rules));
	*ret_rules = (struct ruleset){ rules, n + rules_std.n, by_size };
	return 0;
}
