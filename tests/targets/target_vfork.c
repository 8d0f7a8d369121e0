/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two processes with one address space, as between vfork and exec: both show the same 16 MiB.
 * Prints "twin PID" for the child, then "ready PID" for the parent.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { SIZE = 16 << 20 };

int main(void)
{
	char *memory = malloc(SIZE);
	pid_t child;

	if (!memory)
		return 1;
	memset(memory, 0x5a, SIZE);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	child = vfork();
	if (child < 0)
		return 1;
	if (child == 0) {
		/* The parent waits in the kernel until the child exits, so the child prints. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)dprintf(STDOUT_FILENO, "twin %d\nready %d\n", (int)getpid(), (int)getppid());
		for (;;)
			(void)pause();
	}
	free(memory);
	return 0;
}
