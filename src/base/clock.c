/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clocks of the kernel.
 */
#include "base/clock.h"

#include <time.h>

#include "base/util.h"

static int64_t read_ns(clockid_t id)
{
	struct timespec now = { 0 };

	(void)clock_gettime(id, &now); /* both clocks are older than any kernel that we support */
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int64_t system_wall_ns(attr_unused void *arg)
{
	return read_ns(CLOCK_REALTIME);
}

static int64_t system_boot_ns(attr_unused void *arg)
{
	return read_ns(CLOCK_BOOTTIME);
}

const struct clock clock_system = {
	.wall_ns = system_wall_ns,
	.boot_ns = system_boot_ns,
};
