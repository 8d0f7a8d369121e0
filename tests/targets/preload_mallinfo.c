/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A library to preload into any program: on SIGUSR2 it writes the values of mallinfo2(3), a line of
 * JSON, to the file $MALLINFO_OUT. It allocates nothing.
 */
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[4096];

static void write_info(int number)
{
	struct mallinfo2 info = mallinfo2();
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char line[512];
	int n;

	(void)number;
	n = snprintf(line, sizeof(line),
		     "{\"arena\":%zu,\"fsmblks\":%zu,\"fordblks\":%zu,\"uordblks\":%zu,"
		     "\"hblks\":%zu,\"hblkhd\":%zu}\n",
		     info.arena, info.fsmblks, info.fordblks, info.uordblks, info.hblks,
		     info.hblkhd);
	if (write(fd, line, (size_t)n) != n)
		abort();
	(void)close(fd);
}

__attribute__((constructor)) static void install(void)
{
	const char *out = getenv("MALLINFO_OUT");

	if (!out)
		return;
	(void)snprintf(path, sizeof(path), "%s", out);
	(void)signal(SIGUSR2, write_info);
}
