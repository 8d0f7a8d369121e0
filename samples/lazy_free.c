/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks like a leak: RSS rises, since what was freed with MADV_FREE (as Go, jemalloc and others can
 * do) stays resident until the kernel needs it. It counts as LazyFree, which is no growth.
 *
 * memspect: stable, since LazyFree is subtracted first.
 *
 *     cc -O1 -o lazy_free lazy_free.c && ./lazy_free 1 60
 */
#include <string.h>
#include <sys/mman.h>

#include "pace.h"

enum { MAPPING = 64 << 10 };

static void map_and_give_back(void)
{
	void *memory = mmap(NULL, MAPPING, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	memset(memory, 1, MAPPING);
	/* Twice, since the kernel counts pages as LazyFree in batches, which the next call ends. */
	if (madvise(memory, MAPPING, MADV_FREE) || madvise(memory, MAPPING, MADV_FREE)) {
		perror("madvise");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	return pace(argc, argv, MAPPING, map_and_give_back);
}
