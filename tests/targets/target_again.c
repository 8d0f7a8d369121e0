/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that executes itself each time a byte arrives on standard input: name, PID and start
 * stay the same. Prints "ready PID" after each exec.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char path[4096] = "", byte;

	(void)argc;
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return 1;
	printf("ready %d\n", (int)getpid());
	(void)fflush(stdout);
	if (read(STDIN_FILENO, &byte, 1) == 1)
		(void)execv(path, argv);
	return 1;
}
