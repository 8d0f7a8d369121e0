/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads that pile up: each waits for what never comes, and its stack stays resident. Of the 1 MB
 * of a stack only what was used counts: 64 kB here.
 *
 * memspect: growing; by category stack.
 *
 *     cc -O1 -pthread -o leak_threads leak_threads.c && ./leak_threads 1 60
 */
#include <pthread.h>

#include "pace.h"

/* TOP: what the C library and the outer frames use at the top of a stack. */
enum { PAGE = 4096, STACK = 1 << 20, USED = 64 << 10, TOP = 8 << 10 };

static void *wait_for_ever(void *arg)
{
	volatile char frame[USED]; /* volatile: else the compiler sees that no one reads it */

	for (size_t i = 0; i < sizeof(frame); i += PAGE)
		frame[i] = 1;
	for (;;)
		pause();
	return arg;
}

static void leak(void)
{
	pthread_attr_t attr;
	pthread_t thread;

	if (pthread_attr_init(&attr) || pthread_attr_setstacksize(&attr, STACK) ||
	    pthread_create(&thread, &attr, wait_for_ever, NULL)) {
		fprintf(stderr, "leak_threads: no more threads\n");
		exit(1);
	}
	pthread_attr_destroy(&attr);
}

int main(int argc, char **argv)
{
	return pace(argc, argv, USED + TOP, leak);
}
