/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/metrics.h"

#define TEXT_(name_, column_, title_, heading_, help_, column_help_)                               \
	.name = name_, .column = column_, .title = title_, .heading = heading_, .help = help_
#define TEXT(...) TEXT_(__VA_ARGS__)
#define ROW(metric, ...) [METRIC_##metric] = { TEXT(METRIC_##metric##_TEXT), __VA_ARGS__ }
#define COUNTER(counter) (UINT32_C(1) << MC_##counter)

const struct metric_desc metric_descs[] = {
	ROW(RSS, .counters = COUNTER(RSS), .status = PS_VM_RSS),
	ROW(PSS, .counters = COUNTER(PSS)),
	ROW(USS, .counters = COUNTER(PRIVATE_CLEAN) | COUNTER(PRIVATE_DIRTY)),
	ROW(SWAP, .counters = COUNTER(SWAP), .status = PS_VM_SWAP),
	ROW(SWAP_PSS, .counters = COUNTER(SWAP_PSS)),
	ROW(ANONYMOUS, .counters = COUNTER(ANONYMOUS), .status = PS_RSS_ANON, .status_first = true),
	ROW(FILE, .status = PS_RSS_FILE),
	ROW(SHMEM, .status = PS_RSS_SHMEM),
	ROW(SHARED, ),
	ROW(PSS_ANONYMOUS, .counters = COUNTER(PSS_ANON)),
	ROW(PSS_FILE, .counters = COUNTER(PSS_FILE)),
	ROW(PSS_SHMEM, .counters = COUNTER(PSS_SHMEM)),
	ROW(HUGETLB, .counters = COUNTER(SHARED_HUGETLB) | COUNTER(PRIVATE_HUGETLB),
	    .status = PS_HUGETLB, .status_first = true),
	ROW(LAZYFREE, .counters = COUNTER(LAZYFREE)),
	ROW(RECLAIMABLE, ),
	ROW(PEAK_RSS, .status = PS_VM_HWM),
	ROW(STATUS_RSS, .status = PS_VM_RSS),
	ROW(VIRTUAL, .status = PS_VM_SIZE),
	ROW(THP, .counters = COUNTER(ANON_HUGE)),
	ROW(LOCKED, .status = PS_VM_LCK),
	ROW(PAGE_TABLES, .status = PS_VM_PTE),
};

_Static_assert(ARRAY_SIZE(metric_descs) == METRIC_COUNT, "a row for each metric");

struct amount metric_of_counts(enum metric metric, const struct mem_counts *counts)
{
	uint32_t left = metric_descs[metric].counters;
	struct amount sum = amount_absent(REASON_NOT_READ);

	if (!left)
		return sum;
	sum = mem_counts_get(counts, (enum mem_count)__builtin_ctz(left));
	for (left &= left - 1; left; left &= left - 1)
		sum = amount_add(sum, mem_counts_get(counts, (enum mem_count)__builtin_ctz(left)));
	return sum;
}

struct amount metric_of_status(enum metric metric, const struct proc_status *status)
{
	uint8_t field = metric_descs[metric].status;

	return field == PS_TGID ? amount_absent(REASON_NOT_READ) : status->v[field];
}
