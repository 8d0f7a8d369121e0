/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much time is lost waiting for memory, as the kernel says it (PSI, pressure/memory).
 */
#ifndef PROC_PRESSURE_H
#define PROC_PRESSURE_H

#include "base/amount.h"
#include "proc/procfs.h"

/* Of the last ten seconds, in hundredths of a percent. */
struct pressure {
	struct amount some; /* at least one task waited */
	struct amount full; /* all of them did */
};

/* Never fails as a whole: what is missing is absent with its reason. */
void pressure_read(const struct procfs *fs, struct pressure *ret_pressure);

#endif
