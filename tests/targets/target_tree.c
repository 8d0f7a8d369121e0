/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Has words in its .bss that look like the root of jemalloc's radix tree: one leads to a leaf, and
 * an element of that to a record that states the right address. Nothing else of the record is right.
 * With -DNAMED it holds a message of jemalloc's, too, as a release of it that is not known would.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define SLOTS (1 << 18)

static volatile uint64_t root[SLOTS];

#ifdef NAMED
const char message[] = "<jemalloc>: Invalid conf pair\n";
#endif

static uint64_t *map(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);

	if (memory == MAP_FAILED)
		exit(EXIT_FAILURE);
	return memory;
}

int main(void)
{
	uint64_t *leaf = map(SLOTS * sizeof(*leaf)), *record = map(4096);
	uint64_t address = (uintptr_t)map(4096);

	record[0] = UINT64_MAX;
	record[1] = address;
	leaf[(address >> 12) % SLOTS] = (uintptr_t)record;
	root[address >> 30] = (uintptr_t)leaf;
#ifdef NAMED
	printf("ready %d\n%.0s", (int)getpid(), message);
#else
	printf("ready %d\n", (int)getpid());
#endif
	fflush(stdout);
	for (;;)
		pause();
}
