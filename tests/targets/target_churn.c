/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that changes its address space as fast as it can, so that a reader of smaps sees it
 * torn: target_churn split|move|map. 64 MiB stay resident all the time; "split" and "move" change
 * where they are, "map" adds and removes mappings that are not touched.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum {
	SIZE = 64 << 20,
	PIECE = 16 << 10, /* so that smaps takes many reads */
	PIECES = SIZE / PIECE,
};

static char *map(size_t bytes, int prot)
{
	void *p = mmap(NULL, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("target_churn: mmap");
		_exit(1);
	}
	return p;
}

/* Makes every second piece read-only, piece by piece, then writable again. */
static void split(char **memory)
{
	for (size_t i = 0; i < PIECES; i += 2)
		(void)mprotect(*memory + i * PIECE, PIECE, PROT_READ);
	for (size_t i = 0; i < PIECES; i += 2)
		(void)mprotect(*memory + i * PIECE, PIECE, PROT_READ | PROT_WRITE);
}

/* Moves the memory down and up again: a reader that reads upwards sees it twice, or not at all. */
static void move(char **memory)
{
	void *p = mremap(*memory, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, *memory - 3UL * SIZE);

	if (p == MAP_FAILED)
		return;
	p = mremap(p, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, *memory);
	if (p != MAP_FAILED)
		*memory = p;
}

static void map_and_unmap(char **memory)
{
	char *pieces[32];

	(void)memory;
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
		pieces[i] = map(PIECE, i % 2 ? PROT_READ : PROT_READ | PROT_WRITE);
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
		(void)munmap(pieces[i], PIECE);
}

static const struct mode {
	const char *name;
	void (*run)(char **memory);
} modes[] = {
	{ "split", split },
	{ "move", move },
	{ "map", map_and_unmap },
};

int main(int argc, char **argv)
{
	const struct mode *mode = NULL;
	char *memory;

	for (size_t i = 0; argc == 2 && i < ARRAY_SIZE(modes); i++)
		if (strcmp(argv[1], modes[i].name) == 0)
			mode = &modes[i];
	if (!mode) {
		fprintf(stderr, "Usage: target_churn split|move|map\n");
		return 2;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* "move" uses the space below the memory. */
	memory = map(8UL * SIZE, PROT_NONE);
	(void)munmap(memory, 8UL * SIZE);
	memory = mmap(memory + 6UL * SIZE, SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (memory == MAP_FAILED) {
		perror("target_churn: mmap");
		return 1;
	}
	memset(memory, 0x5a, SIZE);
	printf("ready %d\n", (int)getpid());
	(void)fflush(stdout);
	for (;;)
		mode->run(&memory);
}
