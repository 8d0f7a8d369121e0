/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process of a known number of mappings and resident bytes, to be measured on.
 *
 *   farm MAPPINGS PAGES   maps so many mappings of so many touched pages each
 *
 * Prints "ready PID" and waits for a signal.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void wait_for_signal(void)
{
	(void)printf("ready %d\n", getpid());
	(void)fflush(stdout);
	(void)pause();
}

/* Neighbours differ in protection, so that the kernel cannot merge them. */
static int map_farm(long mappings, long pages)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = (size_t)pages * page;
	char *base = mmap(NULL, (size_t)mappings * size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED)
		return 1;
	(void)madvise(base, (size_t)mappings * size, MADV_NOHUGEPAGE);
	for (long i = 0; i < mappings; i++) {
		memset(base + (size_t)i * size, 1, size);
		if (i % 2 && mprotect(base + (size_t)i * size, size, PROT_READ) != 0)
			return 1;
	}
	wait_for_signal();
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3)
		return map_farm(atol(argv[1]), atol(argv[2]));
	(void)fprintf(stderr, "usage: farm MAPPINGS PAGES\n");
	return 2;
}
