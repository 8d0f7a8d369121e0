/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/pagemap.h"

#include "base/io.h"

enum { BLOCK_ENTRIES = 4096 };

#define ENTRY_PRESENT (UINT64_C(1) << 63) /* not so a page in swap, which has bit 62 */

int pagemap_present(int dirfd, uint64_t start, uint64_t end, uint64_t *ret_bytes)
{
	uint64_t entries[BLOCK_ENTRIES];
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), pages = 0;
	auto_close int fd = io_open_at(dirfd, "pagemap");

	if (fd < 0)
		return fd;
	for (uint64_t at = start / page, last = end / page; at < last;) {
		size_t n = (size_t)MIN(last - at, (uint64_t)BLOCK_ENTRIES);
		int ret = io_pread_full(fd, entries, n * sizeof(*entries), at * sizeof(*entries));

		if (ret < 0)
			return ret;
		for (size_t i = 0; i < n; i++)
			pages += (entries[i] & ENTRY_PRESENT) != 0;
		at += n;
	}
	*ret_bytes = pages * page;
	return 0;
}
