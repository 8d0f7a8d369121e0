/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/mounts.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/io.h"
#include "base/num.h"

enum { MOUNTINFO_MAX = 4 << 20 };

static const char *skip_fields(const char *p, const char *end, int n)
{
	for (; n > 0 && p; n--) {
		p = memchr(p, ' ', (size_t)(end - p));
		p = p ? p + 1 : NULL;
	}
	return p;
}

static enum mount_kind kind_of(const char *p, const char *end)
{
	static const struct {
		const char *type;
		enum mount_kind kind;
	} kinds[] = {
		{ "tmpfs ", MOUNT_TMPFS },    { "ramfs ", MOUNT_TMPFS },
		{ "devtmpfs ", MOUNT_TMPFS }, { "hugetlbfs ", MOUNT_HUGETLBFS },
		{ "9p ", MOUNT_NETWORK },     { "afs ", MOUNT_NETWORK },
		{ "ceph ", MOUNT_NETWORK },   { "cifs ", MOUNT_NETWORK },
		{ "coda ", MOUNT_NETWORK },   { "lustre ", MOUNT_NETWORK },
		{ "nfs ", MOUNT_NETWORK },    { "nfs4 ", MOUNT_NETWORK },
		{ "smb3 ", MOUNT_NETWORK },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t n = strlen(kinds[i].type);

		if ((size_t)(end - p) >= n && memcmp(p, kinds[i].type, n) == 0)
			return kinds[i].kind;
	}
	return MOUNT_OTHER;
}

/* Parses: id parent major:minor root mountpoint options [optional...] - type source options */
static bool parse_line(const char *line, const char *end, struct mount *ret_mount)
{
	const char *p = skip_fields(line, end, 2);
	const char *dash = p ? memmem(p, (size_t)(end - p), " - ", 3) : NULL;
	uint64_t id, major, minor;

	if (!dash || !num_scan_u64(&line, end, &id) || !num_scan_u64(&p, end, &major) || p == end ||
	    *p++ != ':' || !num_scan_u64(&p, end, &minor))
		return false;
	*ret_mount = (struct mount){
		.id = id,
		.major = (uint32_t)major,
		.minor = (uint32_t)minor,
		.kind = kind_of(dash + 3, end),
	};
	return true;
}

static int compare_mounts(const void *pa, const void *pb)
{
	const struct mount *a = pa, *b = pb;

	return (a->id > b->id) - (a->id < b->id);
}

int mounts_read(int dirfd, struct mount **ret_mounts, size_t *ret_n)
{
	auto_sbuf text = SBUF_INIT;
	struct mount *mounts = NULL, mount;
	size_t n = 0, cap = 0;
	int ret = io_read_at(dirfd, "mountinfo", MOUNTINFO_MAX, &text);

	if (ret < 0 && ret != -EFBIG)
		return ret;
	for (const char *p = sbuf_str(&text), *end = p + text.len; p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const char *stop = nl ? nl : end;

		if (parse_line(p, stop, &mount)) {
			mounts = xgrow(mounts, n, &cap, sizeof(*mounts));
			mounts[n++] = mount;
		}
		p = stop + 1;
	}
	if (n > 1)
		qsort(mounts, n, sizeof(*mounts), compare_mounts);
	*ret_mounts = mounts;
	*ret_n = n;
	return 0;
}

const struct mount *mounts_find(const struct mount *mounts, size_t n, uint64_t id)
{
	const struct mount key = { .id = id };

	return n ? bsearch(&key, mounts, n, sizeof(*mounts), compare_mounts) : NULL;
}

int mounts_memory_devices(int dirfd, struct mount_dev **ret_devs, size_t *ret_n)
{
	auto_free struct mount *mounts = NULL;
	struct mount_dev *devs = NULL;
	size_t n_mounts = 0, n = 0, cap = 0;
	int ret = mounts_read(dirfd, &mounts, &n_mounts);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < n_mounts; i++) {
		if (mounts[i].kind != MOUNT_TMPFS)
			continue;
		devs = xgrow(devs, n, &cap, sizeof(*devs));
		devs[n++] = (struct mount_dev){ mounts[i].major, mounts[i].minor };
	}
	*ret_devs = devs;
	*ret_n = n;
	return 0;
}
