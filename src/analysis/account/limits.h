/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The limits of a process, how much of each is used, and whether an allocation would fit.
 */
#ifndef ANALYSIS_ACCOUNT_LIMITS_H
#define ANALYSIS_ACCOUNT_LIMITS_H

#include "analysis/account/accounting.h"

enum limit_id {
	LIMIT_CGROUP_MAX,
	LIMIT_CGROUP_HIGH,
	LIMIT_CGROUP_SWAP_MAX,
	LIMIT_CGROUP_MEMSW_MAX, /* version 1: memory and swap together */
	LIMIT_RLIMIT_AS,
	LIMIT_RLIMIT_DATA,
	LIMIT_RLIMIT_STACK,
	LIMIT_MAP_COUNT, /* a number of mappings, not bytes */
	LIMIT_OVERCOMMIT,
	LIMIT_LARGEST_GAP,
	LIMIT_SYSTEM_AVAILABLE,
	LIMIT_COUNT
};

struct limit_desc {
	const char *id;
	const char *title;
	const char *help;
	bool is_count; /* a number of mappings; else bytes */
	bool decides;  /* an allocation beyond it fails, or a process is killed */
};

extern const struct limit_desc limit_descs[];

struct limit_row {
	enum limit_id id;
	const char *path;    /* of a cgroup level, owned by the snapshot; else NULL */
	struct amount limit; /* UINT64_MAX: unlimited */
	struct amount used;
	struct amount headroom; /* UINT64_MAX: unlimited */
	/*
	 * What an allocation can use beyond the headroom: the part of `used` that the kernel
	 * reclaims first (inactive page cache of the group), and free swap of the group.
	 */
	uint64_t reclaimable_bytes;
	uint64_t swap_room_bytes;
};

struct limits {
	struct limit_row *rows; /* with rows for each cgroup level */
	size_t n;
};

/* Finds the limits of a process. The snapshot must outlive *ret; the caller releases *ret. */
void limits_init(struct limits *ret, const struct snapshot *s, const struct accounting *a);
void limits_release(struct limits *l);

enum fit { FIT_YES, FIT_NO, FIT_UNKNOWN };

struct would_fit {
	uint64_t bytes;
	enum fit fits;
	/*
	 * FIT_NO: the tightest limit that refuses. FIT_UNKNOWN: the unreadable one. Otherwise NULL.
	 */
	const struct limit_row *row;
};

/* Returns whether an anonymous allocation of this many bytes would succeed if all are touched. */
struct would_fit limits_would_fit(const struct limits *l, uint64_t bytes);

/*
 * Returns the limit in bytes that growing memory reaches first, or NULL if nothing limits it.
 * *ret_room is what is left until then, including page cache that can be dropped.
 */
const struct limit_row *limits_nearest(const struct limits *l, uint64_t *ret_room);

#endif
