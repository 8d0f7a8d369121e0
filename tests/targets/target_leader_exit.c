/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process whose first thread has exited: /proc/PID shows a zombie, while another thread with 8
 * MiB still runs. Then prints "ready PID".
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { SIZE = 8 << 20 };

static void *live_on(void *leader)
{
	(void)pthread_join(*(pthread_t *)leader, NULL);
	printf("ready %d\n", (int)getpid());
	(void)fflush(stdout);
	for (;;)
		(void)pause();
	return NULL;
}

int main(void)
{
	static pthread_t leader;
	pthread_t thread;
	void *memory;

	leader = pthread_self();
	memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return 1;
	memset(memory, 0x5a, SIZE);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (pthread_create(&thread, NULL, live_on, &leader))
		return 1;
	pthread_exit(NULL);
}
