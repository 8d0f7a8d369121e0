/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The YAML reader on any bytes, and what reads rules from its trees: an error has a place, and a
 * tree keeps its promises. To fuzz, from the top of the tree:
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined -std=gnu11 -D_GNU_SOURCE -Isrc \
 *		fuzz/fuzz_ytree.c src/model/{rule,rules_std,rules_yaml,region}.c \
 *		src/proc/vmflags.c src/base/[^w]*.c -lyaml -o fuzz_ytree
 *	./fuzz_ytree NEW_INPUTS fuzz/corpus/ytree
 */
#include "fuzz.h"

#include "model/rule/rules_yaml.h"

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void check_place(struct yplace at)
{
	demand(streq(at.file, "f") && at.line >= 1 && at.column >= 1);
}

static void check_node(const struct ynode *n, unsigned int depth)
{
	bool scalar = n->type == YNODE_SCALAR;

	demand(depth <= (unsigned int)YTREE_MAX_DEPTH + scalar);
	demand(scalar == (n->text != NULL) && !(scalar && n->first));
	check_place(n->at);
	if (n->key)
		check_place(n->key_at);
	for (const struct ynode *child = n->first; child; child = child->next) {
		demand((n->type == YNODE_MAPPING) == (child->key != NULL));
		demand(!child->key || ynode_find(n, child->key) == child);
		check_node(child, depth + 1);
	}
}

static void check_rules(const struct ynode *list)
{
	struct arena arena = ARENA_INIT;
	struct ruleset set;
	struct err err = ERR_INIT;

	if (rules_yaml_read(list, &arena, &set, &err) < 0)
		demand(starts_with(err.text, "f:"));
	else
		demand(set.n >= rules_std.n && set.n <= rules_std.n + RULES_YAML_MAX);
	arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct ytree t;
	struct err err = ERR_INIT;

	if (ytree_parse("f", (const char *)bytes, n, &t, &err) < 0) {
		demand(starts_with(err.text, "f:") && !t.root);
	} else if (t.root) {
		check_node(t.root, 1);
		check_rules(t.root);
	}
	ytree_release(&t);
	return 0;
}
