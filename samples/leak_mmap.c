/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A leak without malloc: anonymous mappings that nobody unmaps. The kernel merges neighbours, so
 * what grows is one mapping whose start moves down.
 *
 * memspect: growing; by category anonymous, with no owner.
 *
 *     cc -O1 -o leak_mmap leak_mmap.c && ./leak_mmap 1 60
 */
#include <string.h>
#include <sys/mman.h>

#include "pace.h"

enum { MAPPING = 64 << 10 };

static void leak(void)
{
	void *memory = mmap(NULL, MAPPING, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	memset(memory, 1, MAPPING);
}

int main(int argc, char **argv)
{
	return pace(argc, argv, MAPPING, leak);
}
