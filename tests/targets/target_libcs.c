/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process with a second C library besides its own (dlmopen), and blocks of both. Prints the
 * values of mallinfo2(3) of each, a line of JSON each, then "ready PID".
 */
#include <dlfcn.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void fill(void *(*allocate)(size_t), size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!allocate(1 + i % 700))
			abort();
	}
	if (!allocate(300000))
		abort();
}

static void print_info(struct mallinfo2 info)
{
	printf("{\"arena\":%zu,\"fordblks\":%zu,\"hblks\":%zu,\"hblkhd\":%zu}\n", info.arena,
	       info.fordblks, info.hblks, info.hblkhd);
}

int main(void)
{
	static char output[1 << 16];
	void *other = dlmopen(LM_ID_NEWLM, "libc.so.6", RTLD_NOW);
	void *(*allocate)(size_t);
	struct mallinfo2 (*info)(void);
	char byte;

	setvbuf(stdout, output, _IOFBF, sizeof(output));
	if (!other)
		return 1;
	allocate = (void *(*)(size_t))dlsym(other, "malloc");
	info = (struct mallinfo2(*)(void))dlsym(other, "mallinfo2");
	if (!allocate || !info)
		return 1;
	fill(malloc, 5000);
	fill(allocate, 3000);
	print_info(mallinfo2());
	print_info(info());
	printf("ready %d\n", (int)getpid());
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) == 1)
		;
	return 0;
}
