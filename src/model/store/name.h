/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of snapshots: memory_snapshot_YYYYMMDD_HHMMSS.yaml, in UTC, because local times can repeat.
 */
#ifndef MODEL_STORE_NAME_H
#define MODEL_STORE_NAME_H

#include <stdint.h>

#include "base/util.h"

enum { STORE_NAME_MAX = 64 }; /* including the NUL */

/* The parts of a name, which also give the order of names. */
struct store_stamp {
	int64_t seconds;     /* since 1970 */
	unsigned int suffix; /* _2, _3 and so on if the second had one before; otherwise 0 */
};

void store_name_format(struct store_stamp stamp, char ret_name[STORE_NAME_MAX]);
/* Returns false for all names that store_name_format does not write. */
bool store_name_parse(const char *name, struct store_stamp *ret_stamp);
/* Returns a value below, equal to or above 0 if a is before, at or after b. */
int store_stamp_compare(struct store_stamp a, struct store_stamp b);

#endif
