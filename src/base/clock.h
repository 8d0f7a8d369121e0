/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time as a dependency: code that needs the time is passed a clock, so that tests can pass a fake
 * one.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

struct clock {
	int64_t (*wall_ns)(void *arg); /* CLOCK_REALTIME */
	int64_t (*boot_ns)(void *arg); /* CLOCK_BOOTTIME, which goes on during suspend */
	void *arg;
};

extern const struct clock clock_system;

#endif
