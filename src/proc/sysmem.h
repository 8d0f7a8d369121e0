/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of the whole system: meminfo, the overcommit and map count settings, uptime, boot id. */
#ifndef PROC_SYSMEM_H
#define PROC_SYSMEM_H

#include "base/amount.h"
#include "proc/procfs.h"

enum sysmem_field {
	SM_MEM_TOTAL,
	SM_MEM_FREE,
	SM_MEM_AVAILABLE,
	SM_SWAP_TOTAL,
	SM_SWAP_FREE,
	SM_COMMIT_LIMIT,
	SM_COMMITTED,
	SM_COUNT
};

struct sysmem {
	struct amount v[SM_COUNT]; /* bytes */
	struct amount overcommit;  /* vm.overcommit_memory: 0 heuristic, 1 always, 2 never */
	struct amount max_map_count;
	struct amount uptime_ms; /* of this time namespace */
	char boot_id[40];        /* "" if unknown */
};

/* Reads all values; a missing one is absent with its reason. Never fails as a whole. */
void sysmem_read(const struct procfs *fs, struct sysmem *ret_mem);

#endif
