/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Removes old snapshots. The directory may hold anything, so a file is removed only if three things
 * show that it is a snapshot of ours: its name, its owner and its first line.
 */
#include "model/store/store.h"

#include <errno.h>
#include <fcntl.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/dir.h"
#include "base/io.h"
#include "base/num.h"
#include "model/snapfile/snapfile.h"

enum {
	MAX_LOOKED_AT = 1 << 16, /* names in one pass; the others are for the next pass */
	SECONDS_A_DAY = 86400,
	PATH_SHOWN = 300, /* bytes of a directory in an error message */
};

struct found {
	struct store_stamp *stamps;
	size_t n, cap;
};

/* What is kept so far, starting with the newest. */
struct kept {
	uint64_t snapshots, bytes;
};

static void find_one(const char *name, void *arg)
{
	struct found *found = arg;
	struct store_stamp stamp;

	if (found->n == MAX_LOOKED_AT || !store_name_parse(name, &stamp))
		return;
	found->stamps = xgrow(found->stamps, found->n, &found->cap, sizeof(*found->stamps));
	found->stamps[found->n++] = stamp;
}

static int newer_first(const void *a, const void *b)
{
	return store_stamp_compare(*(const struct store_stamp *)b, *(const struct store_stamp *)a);
}

/*
 * Returns whether this is a regular file of ours whose first line begins as that of a snapshot of
 * any version.
 */
static bool is_snapshot(int dirfd, const char *name, uint64_t *ret_bytes)
{
	struct stat st;
	auto_close int fd = dir_open_own(dirfd, name, &st);
	char start[sizeof(SNAPFILE_MAGIC) - 1];

	if (fd < 0 || io_pread_full(fd, start, sizeof(start), 0) < 0 ||
	    memcmp(start, SNAPFILE_MAGIC, sizeof(start)) != 0)
		return false;
	*ret_bytes = (uint64_t)st.st_size;
	return true;
}

static bool is_beyond(const struct store_policy *p, const struct kept *kept, int64_t age_seconds)
{
	return (p->keep && kept->snapshots > p->keep) ||
	       (p->keep_bytes && kept->bytes > p->keep_bytes) ||
	       (p->keep_days && age_seconds >= 0 &&
		(uint64_t)age_seconds / SECONDS_A_DAY >= p->keep_days);
}

/* Counts a snapshot as kept, and removes it if that exceeds the policy. Returns 0 or -errno. */
static int judge(const struct store *s, const struct store_policy *policy, struct store_stamp stamp,
		 int64_t now, struct kept *kept, size_t *removed)
{
	char name[STORE_NAME_MAX];
	uint64_t bytes;

	store_name_format(stamp, name);
	if (!is_snapshot(s->dirfd, name, &bytes))
		return 0;
	kept->snapshots++;
	kept->bytes = num_add_sat(kept->bytes, bytes);
	if (!is_beyond(policy, kept, now - stamp.seconds))
		return 0;
	if (unlinkat(s->dirfd, name, 0) != 0)
		return errno == ENOENT ? 0 : -errno;
	(*removed)++;
	return 0;
}

int store_prune(struct store *s, const struct store_policy *policy, int64_t wall_ns,
		const char *newest, size_t *ret_removed, struct err *err)
{
	struct found found = { 0 };
	struct kept kept = { 0 };
	struct store_stamp spared;
	bool spares = newest && store_name_parse(newest, &spared) &&
		      is_snapshot(s->dirfd, newest, &kept.bytes);
	size_t removed = 0;
	int ret = dir_each(s->dirfd, find_one, &found);

	kept.snapshots = spares;
	if (found.n > 0)
		qsort(found.stamps, found.n, sizeof(*found.stamps), newer_first);
	for (size_t i = 0; i < found.n; i++) {
		int judged = 0;

		if (!spares || store_stamp_compare(found.stamps[i], spared) != 0)
			judged = judge(s, policy, found.stamps[i], wall_ns / NS_PER_S, &kept,
				       &removed);
		ret = ret < 0 ? ret : judged;
	}
	free(found.stamps);
	if (ret < 0)
		return err_set_errno(err, -ret, "%.*s: removing old snapshots", PATH_SHOWN,
				     s->path);
	*ret_removed = removed;
	return 0;
}
