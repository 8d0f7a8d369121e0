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

static bool is_memory_type(const char *p, const char *end)
{
	static const char *const types[] = { "tmpfs ", "ramfs ", "devtmpfs " };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		size_t n = strlen(types[i]);

		if ((size_t)(end - p) >= n && memcmp(p, types[i], n) == 0)
			return true;
	}
	return false;
}

/* id parent major:minor root mountpoint options [optional...] - type source options */
static bool parse_line(const char *line, const char *end, struct mount_dev *ret_dev)
{
	const char *p = skip_fields(line, end, 2);
	const char *dash = p ? memmem(p, (size_t)(end - p), " - ", 3) : NULL;
	uint64_t major, minor;

	if (!dash || !is_memory_type(dash + 3, end) || !num_scan_u64(&p, end, &major) || p == end ||
	    *p++ != ':' || !num_scan_u64(&p, end, &minor))
		return false;
	*ret_dev = (struct mount_dev){ (uint32_t)major, (uint32_t)minor };
	return true;
}

int mounts_memory_devices(int dirfd, struct mount_dev **ret_devs, size_t *ret_n)
{
	auto_sbuf text = SBUF_INIT;
	struct mount_dev *devs = NULL, dev;
	size_t n = 0, cap = 0;
	int ret = io_read_at(dirfd, "mountinfo", MOUNTINFO_MAX, &text);

	if (ret < 0 && ret != -EFBIG)
		return ret;
	for (const char *p = sbuf_str(&text), *end = p + text.len; p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const char *stop = nl ? nl : end;

		if (parse_line(p, stop, &dev)) {
			devs = xgrow(devs, n, &cap, sizeof(*devs));
			devs[n++] = dev;
		}
		p = stop + 1;
	}
	*ret_devs = devs;
	*ret_n = n;
	return 0;
}
