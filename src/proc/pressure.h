/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The time that is lost waiting for memory, as the kernel reports it (PSI, pressure/memory). */
#ifndef PROC_PRESSURE_H
#define PROC_PRESSURE_H

#include "base/amount.h"
#include "proc/procfs.h"

/* Averages over ten seconds, in hundredths of a percent. */
struct pressure {
	struct amount some; /* at least one task waited */
	struct amount full; /* all tasks waited */
};

/* Reads the averages. Never fails as a whole: a missing value is absent with its reason. */
void pressure_read(const struct procfs *fs, struct pressure *ret_pressure);

#endif
