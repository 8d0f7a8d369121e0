/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data of a report besides the mappings, as tables of fields. Snapshot files have them in
 * `sources`; present/build/sources.c writes them and model/snapfile/process.c reads them: a new
 * number of struct snapshot is one row here.
 */
#ifndef MODEL_SNAPSHOT_SOURCES_H
#define MODEL_SNAPSHOT_SOURCES_H

#include "model/snapshot/snapshot.h"

enum source_type {
	SOURCE_BYTES,       /* struct amount */
	SOURCE_BYTES_LIMIT, /* the same; UINT64_MAX, which is no limit, is written as null */
	SOURCE_COUNT,       /* struct amount that is not bytes */
	SOURCE_COUNT_LIMIT,
	SOURCE_NUMBER,  /* an unsigned integer of `size` bytes, always present */
	SOURCE_ADDRESS, /* uint64_t */
	SOURCE_FLAG,    /* bool */
};

struct source {
	const char *id;
	enum source_type type;
	size_t at, size; /* of the member in its struct */
	const char *help;
};

enum { N_SNAPSHOT_SOURCES = 60, N_LEVEL_SOURCES = 23 };

extern const struct source snapshot_sources[]; /* of struct snapshot */
extern const struct source level_sources[];    /* of struct cgroup_level */

static inline bool source_is_amount(const struct source *s)
{
	return s->type <= SOURCE_COUNT_LIMIT;
}

static inline bool source_is_limit(const struct source *s)
{
	return s->type == SOURCE_BYTES_LIMIT || s->type == SOURCE_COUNT_LIMIT;
}

#endif
