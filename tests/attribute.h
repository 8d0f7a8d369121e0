/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attributes bytes without addresses, as if a walker had found them. */
#ifndef TESTS_ATTRIBUTE_H
#define TESTS_ATTRIBUTE_H

#include "walk/core/attribution.h"

/* Adds bytes of a region, of whose pages nothing is known, to a line of an owner. */
static inline void attribute(struct attributions *a, uint32_t region, uint16_t owner,
			     enum walk_line line, uint64_t bytes)
{
	const struct attribution_place at = { .region = region };

	attributions_add(a, &at, owner, line, bytes);
}

#endif
