/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the C samples share: PROGRAM [MB_PER_SECOND [SECONDS]], 1 and 60 unless given. A sample
 * prints "ready PID", takes memory at that pace, says every second how much it holds, and ends
 * after SECONDS, at 256 MB, or on SIGTERM: nothing that it does outlives it.
 */
#ifndef SAMPLES_PACE_H
#define SAMPLES_PACE_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { PACE_MAX_BYTES = 256 << 20, PACE_TICKS = 50 };

static double pace_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static double pace_number(int argc, char **argv, int i, double otherwise)
{
	char *end = NULL;
	double number = argc > i ? strtod(argv[i], &end) : otherwise;

	if (number > 0 && (!end || (end != argv[i] && !*end)))
		return number;
	fprintf(stderr, "usage: %s [MB_PER_SECOND [SECONDS]]\n", argv[0]);
	exit(2);
}

/* Calls take() for each unit of `unit` resident bytes; take() ends the program if it fails. */
static inline int pace(int argc, char **argv, size_t unit, void (*take)(void))
{
	double rate = pace_number(argc, argv, 1, 1) * (1 << 20);
	double seconds = pace_number(argc, argv, 2, 60);
	struct timespec tick = { .tv_nsec = 1000000000 / PACE_TICKS };
	double start = pace_now(), told = 0, passed = 0;
	size_t held = 0;

	printf("ready %d\n", (int)getpid());
	fflush(stdout);
	while (passed < seconds && held < PACE_MAX_BYTES) {
		for (; held < rate * passed && held < PACE_MAX_BYTES; held += unit)
			take();
		if (passed - told >= 1) {
			printf("%.2f s: %zu bytes\n", passed, held);
			fflush(stdout);
			told = passed;
		}
		nanosleep(&tick, NULL);
		passed = pace_now() - start;
	}
	return 0;
}

#endif
