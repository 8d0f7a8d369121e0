/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process of a known number of mappings and resident bytes, to be measured on.
 *
 *   farm MAPPINGS PAGES        maps so many mappings of so many touched pages each
 *   farm MAPPINGS PAGES map    also maps and unmaps all the time
 *   farm MAPPINGS PAGES vary   touches another number of pages of each, on average half of them
 *
 * Prints "ready PID" and waits for a signal; if it maps, it prints twice a second how often.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { WINDOW_US = 500000 };

static long now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void map_for_a_window(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	long end = now_us() + WINDOW_US, count = 0;

	while (now_us() < end) {
		void *p = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED || munmap(p, page) != 0)
			_exit(1);
		count++;
	}
	(void)printf("%ld\n", count);
	(void)fflush(stdout);
}

static void wait_for_signal(int mapping)
{
	(void)printf("ready %d\n", getpid());
	(void)fflush(stdout);
	while (mapping)
		map_for_a_window();
	(void)pause();
}

/* The pages to touch of mapping number i: those of neighbours differ, and do not repeat soon. */
static size_t pages_of(long i, size_t pages, int vary)
{
	return vary ? ((uint32_t)i * 2654435761u >> 16) % (pages + 1) : pages;
}

/* Adjacent mappings differ in protection, so that the kernel cannot merge them. */
static int map_farm(long mappings, size_t pages, int vary)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = pages * page;
	char *base = mmap(NULL, (size_t)mappings * size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED)
		return 1;
	(void)madvise(base, (size_t)mappings * size, MADV_NOHUGEPAGE);
	for (long i = 0; i < mappings; i++) {
		memset(base + (size_t)i * size, 1, pages_of(i, pages, vary) * page);
		if (i % 2 && mprotect(base + (size_t)i * size, size, PROT_READ) != 0)
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int map = argc == 4 && strcmp(argv[3], "map") == 0;
	int vary = argc == 4 && strcmp(argv[3], "vary") == 0;

	if (argc != 3 + (map || vary)) {
		(void)fprintf(stderr, "usage: farm MAPPINGS PAGES [map|vary]\n");
		return 2;
	}
	if (map_farm(atol(argv[1]), (size_t)atol(argv[2]), vary) != 0)
		return 1;
	wait_for_signal(map);
	return 0;
}
