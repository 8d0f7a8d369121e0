/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/pagemap.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "base/io.h"

enum {
	BLOCK_ENTRIES = 4096,
	COUNTED_MAX = 1 << 20, /* pages: one call for each takes half a second */
};

#define ENTRY_PRESENT (UINT64_C(1) << 63) /* not set for a page in swap, which has bit 62 */
#define ENTRY_SWAPPED (UINT64_C(1) << 62)
#define ENTRY_GUARD (UINT64_C(1) << 58)     /* set together with the bit of a swapped page */
#define ENTRY_EXCLUSIVE (UINT64_C(1) << 56) /* of a page that no other mapping has */
#define ENTRY_PFN ((UINT64_C(1) << 55) - 1) /* of a present page; 0 without CAP_SYS_ADMIN */

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

/*
 * PAGEMAP_SCAN, which headers of the C library and the kernel may not have yet. It reports runs of
 * pages, and distinguishes the zero page. Source: include/uapi/linux/fs.h.
 */
enum pagemap_scan { SCAN_WITH_GUARDS, SCAN_PLAIN, SCAN_NONE };

enum {
	SCAN_PRESENT = 1 << 3,
	SCAN_SWAPPED = 1 << 4,
	SCAN_ZERO = 1 << 5,
	SCAN_GUARD = 1 << 8,
	SCAN_RUNS = 64,
};

struct scan_run {
	uint64_t start, end, categories;
};

struct scan_arg {
	uint64_t size, flags;
	uint64_t start, end, walk_end;
	uint64_t vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

_Static_assert(sizeof(struct scan_arg) == 96, "as the kernel has it");

#define IOCTL_PAGEMAP_SCAN _IOWR('f', 16, struct scan_arg)

void pagemap_init(struct pagemap *pm, int fd)
{
	*pm = (struct pagemap){ .fd = fd, .page_bytes = (uint64_t)sysconf(_SC_PAGESIZE) };
}

static uint8_t state_of_run(uint64_t categories)
{
	if (categories & SCAN_GUARD)
		return PAGE_GUARD;
	if (categories & SCAN_SWAPPED)
		return PAGE_SWAPPED;
	return categories & SCAN_ZERO ? PAGE_ZERO : PAGE_PRESENT;
}

/*
 * Fails if the address space is gone: PAGEMAP_SCAN then reports it as empty, but entries cannot be
 * read.
 */
static int check_there(const struct pagemap *pm, uint64_t start)
{
	uint64_t entry;

	return io_pread_full(pm->fd, &entry, sizeof(entry), start / pm->page_bytes * sizeof(entry));
}

/* Reads states with PAGEMAP_SCAN. Returns 0, -errno, or -ENOTTY if this kernel does not have it. */
static int scan(struct pagemap *pm, uint64_t start, size_t n, uint8_t *states)
{
	uint64_t end = start + n * pm->page_bytes, at = start;
	uint64_t kinds = SCAN_PRESENT | SCAN_SWAPPED | SCAN_ZERO |
			 (pm->scan == SCAN_WITH_GUARDS ? SCAN_GUARD : 0);
	struct scan_run runs[SCAN_RUNS];
	bool any = false;

	memset(states, PAGE_ABSENT, n);
	while (at < end) {
		struct scan_arg arg = {
			.size = sizeof(arg),
			.start = at,
			.end = end,
			.vec = (uintptr_t)runs,
			.vec_len = SCAN_RUNS,
			.category_anyof_mask = kinds & ~(uint64_t)SCAN_ZERO,
			.return_mask = kinds,
		};
		int found = ioctl(pm->fd, IOCTL_PAGEMAP_SCAN, &arg);

		if (found < 0)
			return errno == ESRCH ? -ENODATA : -errno;
		any |= found > 0;
		for (int i = 0; i < found; i++) {
			/* The kernel stays within the range; this makes a kernel bug harmless. */
			uint64_t from = MAX(runs[i].start, at), to = MIN(runs[i].end, end);

			if (from < to)
				memset(states + (from - start) / pm->page_bytes,
				       state_of_run(runs[i].categories),
				       (size_t)((to - from) / pm->page_bytes));
		}
		if (arg.walk_end <= at)
			return -EIO;
		at = arg.walk_end;
	}
	return any ? 0 : check_there(pm, start);
}

static int read_entries(struct pagemap *pm, uint64_t start, size_t n, uint8_t *states)
{
	uint64_t entries[BLOCK_ENTRIES / 8];

	for (size_t done = 0; done < n;) {
		size_t some = MIN(n - done, ARRAY_SIZE(entries));
		int ret = io_pread_full(pm->fd, entries, some * sizeof(*entries),
					(start / pm->page_bytes + done) * sizeof(*entries));

		if (ret < 0)
			return ret;
		for (size_t i = 0; i < some; i++)
			states[done + i] = entries[i] & ENTRY_PRESENT   ? PAGE_PRESENT
					   : entries[i] & ENTRY_GUARD   ? PAGE_GUARD
					   : entries[i] & ENTRY_SWAPPED ? PAGE_SWAPPED
									: PAGE_ABSENT;
		done += some;
	}
	return 0;
}

int pagemap_states(struct pagemap *pm, uint64_t start, size_t n, uint8_t *ret_states)
{
	for (; pm->scan < SCAN_NONE; pm->scan++) {
		int ret = scan(pm, start, n, ret_states);

		/* ENOTTY: the call does not exist; EINVAL: it does not know a category. */
		if (ret != -ENOTTY && ret != -EINVAL)
			return ret;
	}
	return read_entries(pm, start, n, ret_states);
}

uint64_t pagemap_next(struct pagemap *pm, uint64_t start, uint64_t end)
{
	struct scan_run run;
	uint64_t kinds = SCAN_PRESENT | SCAN_SWAPPED |
			 (pm->scan == SCAN_WITH_GUARDS ? SCAN_GUARD : 0);
	struct scan_arg arg = {
		.size = sizeof(arg),
		.start = start,
		.end = end,
		.vec = (uintptr_t)&run,
		.vec_len = 1,
		.max_pages = 1,
		.category_anyof_mask = kinds,
		.return_mask = kinds,
	};
	int found = start < end && pm->scan < SCAN_NONE ? ioctl(pm->fd, IOCTL_PAGEMAP_SCAN, &arg)
							: -1;

	if (found < 0)
		return start;
	return found > 0 && run.start >= start && run.start < end ? run.start
								  : MIN(arg.walk_end, end);
}

int page_users_open(int rootfd, int dirfd, struct page_users *ret)
{
	int fd = io_open_at(dirfd, "pagemap");

	if (fd < 0)
		return fd;
	*ret = (struct page_users){ .left = COUNTED_MAX };
	pagemap_init(&ret->pagemap, fd);
	ret->countfd = io_open_at(rootfd, "kpagecount");
	return 0;
}

void page_users_release(struct page_users *u)
{
	util_cleanup_close(&u->pagemap.fd);
	util_cleanup_close(&u->countfd);
}

/*
 * Looks up how many mappings n pages have whose frames are adjacent. A count of 0 is that of a page
 * which has changed, or that the kernel does not count.
 */
static void count_run(struct page_users *u, uint64_t pfn, size_t n, uint32_t *users)
{
	uint64_t counts[PAGE_USERS_BLOCK];
	bool counted = pfn && u->countfd >= 0 && u->left >= n;

	if (counted) {
		u->left -= n;
		counted = io_pread_full(u->countfd, counts, n * sizeof(*counts),
					pfn * sizeof(*counts)) == 0;
	}
	for (size_t i = 0; i < n; i++)
		users[i] = counted && counts[i] > 0 && counts[i] < PAGE_USERS_MANY
				   ? (uint32_t)counts[i]
				   : PAGE_USERS_MANY;
}

int page_users_read(struct page_users *u, uint64_t start, size_t n, uint32_t *ret_users)
{
	uint64_t entries[PAGE_USERS_BLOCK];
	uint8_t states[PAGE_USERS_BLOCK];
	int ret = io_pread_full(u->pagemap.fd, entries, n * sizeof(*entries),
				start / u->pagemap.page_bytes * sizeof(*entries));

	/* Only the states tell the zero page, which is not resident. */
	if (ret == 0)
		ret = pagemap_states(&u->pagemap, start, n, states);
	if (ret < 0)
		return ret;
	for (size_t i = 0, run; i < n; i += run) {
		uint64_t pfn = entries[i] & ENTRY_PFN;

		run = 1;
		if (!(entries[i] & ENTRY_PRESENT) || states[i] != PAGE_PRESENT) {
			ret_users[i] = PAGE_USERS_NONE;
			continue;
		}
		if (entries[i] & ENTRY_EXCLUSIVE) {
			ret_users[i] = PAGE_USERS_ONE;
			continue;
		}
		while (i + run < n && entries[i + run] == entries[i] + run && pfn &&
		       states[i + run] == PAGE_PRESENT)
			run++;
		count_run(u, pfn, run, ret_users + i);
	}
	return 0;
}
