/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions for tests of walkers to check a result. */
#ifndef TESTS_WALK_TEST_H
#define TESTS_WALK_TEST_H

#include "rows.h"
#include "walk/core/runtime_heap.h"

#define auto_walk __attribute__((cleanup(walk_release))) struct walk

/* Returns the bytes that were attributed to a line. */
static inline uint64_t line_sum(const struct walk *walk, enum walk_line line)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < walk->attributions.n; i++)
		sum += walk->attributions.v[i].line == line ? walk->attributions.v[i].bytes : 0;
	return sum;
}

/* Returns the space of that name; fails the test if it does not exist. */
static inline const struct walk_space *space(const struct walk_runtime *r, const char *name)
{
	for (size_t i = 0; i < r->n_spaces; i++) {
		if (streq(r->spaces[i].name, name))
			return &r->spaces[i];
	}
	fail_msg("there is no space '%s'", name);
	return NULL;
}

#endif
