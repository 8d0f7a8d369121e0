/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A leak in C: blocks from malloc that nobody frees. They are small, so the heap grows for them.
 *
 * memspect: growing; by category heap, by owner brk.
 *
 *     cc -O1 -o leak_malloc leak_malloc.c && ./leak_malloc 1 60
 */
#include <string.h>

#include "pace.h"

enum { BLOCK = 1000, BLOCK_WITH_HEADER = 1008 };

static void *volatile lost; /* volatile: else the compiler sees that no one uses the block */

static void leak(void)
{
	lost = malloc(BLOCK);
	if (!lost) {
		perror("malloc");
		exit(1);
	}
	memset(lost, 1, BLOCK);
}

int main(int argc, char **argv)
{
	return pace(argc, argv, BLOCK_WITH_HEADER, leak);
}
