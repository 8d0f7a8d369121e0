/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What bounds the process, how much is used of it, and whether an allocation would fit.
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
	bool is_count; /* map_count; the others are bytes */
	bool decides;  /* an allocation beyond it fails or kills */
};

extern const struct limit_desc limit_descs[];

struct limit_row {
	enum limit_id id;
	const char *path;    /* of the cgroup level, else NULL; the snapshot's */
	struct amount limit; /* UINT64_MAX: unlimited */
	struct amount used;
	struct amount headroom; /* UINT64_MAX: unlimited */
	/* What an allocation can have beyond the headroom: part of `used` that the kernel gives up
	 * first (inactive page cache of the group), and swap that the group may still fill. */
	uint64_t reclaimable_bytes;
	uint64_t swap_room_bytes;
};

struct limits {
	struct limit_row *rows; /* every cgroup level has rows of its own */
	size_t n;
};

void limits_init(struct limits *ret, const struct snapshot *s, const struct accounting *a);
void limits_release(struct limits *l);

enum fit { FIT_YES, FIT_NO, FIT_UNKNOWN };

struct would_fit {
	uint64_t bytes;
	enum fit fits;
	/* The tightest one that refuses, or the unreadable one; else NULL. */
	const struct limit_row *row;
};

/* Would an anonymous allocation of that many bytes, touched in full, succeed? */
struct would_fit limits_would_fit(const struct limits *l, uint64_t bytes);

/*
 * The limit on bytes that is reached first as memory grows: the least that is left before something
 * fails, page cache that can be dropped counted in. NULL if there is none; *ret_room is what is left.
 */
const struct limit_row *limits_nearest(const struct limits *l, uint64_t *ret_room);

#endif
