/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that executes itself again and again, so that a reader of smaps is cut short: the end
 * of an address space looks like the end of its mappings. Prints "ready PID" once. After each exec
 * it has 2,000 mappings and a [stack] above them, unless a reader comes to the end too early.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { MAPPINGS = 2000, PAGE = 4096 };

int main(int argc, char **argv)
{
	char again[] = "again", *args[] = { argv[0], again, NULL };
	char *p = mmap(NULL, (size_t)MAPPINGS * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);

	if (p == MAP_FAILED)
		return 1;
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	for (size_t i = 0; i < MAPPINGS; i += 2)
		(void)mprotect(p + i * PAGE, PAGE, PROT_READ | PROT_WRITE);
	if (argc == 1) {
		printf("ready %d\n", (int)getpid());
		(void)fflush(stdout);
	}
	(void)usleep(2000);
	(void)execv("/proc/self/exe", args);
	return 1;
}
