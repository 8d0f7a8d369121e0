/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The number of goroutines. The runtime keeps all that it ever made in one list, whose first member
 * is that of main, with the number 1.
 *
 * Source: Go runtime/runtime2.go (g, _Gidle and its neighbours), runtime/proc.go (allgs).
 */
#include "walk/runtime/go/golang.h"

enum {
	GOROUTINES_TRIED = 8,
	STACK_MAX = 1 << 30, /* bytes; the runtime ends programs with longer ones */
	SCANNED = 0x1000,    /* _Gscan, beside a status */
};

/* The fields of a g that are read, in their order in memory. */
enum { G_GUARD, G_STATUS, G_ID, G_FIELDS };

/* Statuses of a g. Ended ones are kept and used again. */
enum { G_IDLE, G_WAITING = 4, G_DEAD = 6, G_LEAKED = 10, G_DEAD_EXTRA, G_STATUSES };

static bool read_status(struct memsrc *m, const uint16_t *at, uint64_t g, uint32_t *ret)
{
	uint32_t status;

	if (g % 8 != 0 || !memsrc_copy(m, g + at[G_STATUS], &status, sizeof(status)))
		return false;
	status &= ~(uint32_t)SCANNED;
	*ret = status;
	return status < G_STATUSES;
}

/* Tells whether a g holds: its stack is first, and is empty or not too long. */
static bool is_goroutine(struct memsrc *m, const uint16_t *at, uint64_t g, uint64_t *ret_id)
{
	uint64_t stack[2];
	uint32_t status;

	return read_status(m, at, g, &status) && memsrc_u64(m, g + at[G_ID], ret_id) &&
	       *ret_id >> 48 == 0 && memsrc_copy(m, g, stack, sizeof(stack)) &&
	       stack[0] <= stack[1] && stack[1] - stack[0] <= STACK_MAX;
}

static bool is_goroutine_list(struct memsrc *m, const void *at, uint64_t list, uint64_t n)
{
	for (uint64_t i = 0; i < MIN(n, (uint64_t)GOROUTINES_TRIED); i++) {
		uint64_t g, id;

		if (!memsrc_u64(m, list + 8 * i, &g) || !is_goroutine(m, at, g, &id) ||
		    (i == 0) != (id == 1))
			return false;
	}
	return true;
}

static bool count_all(struct memsrc *m, const uint16_t *at, uint64_t list, uint64_t n,
		      struct walk_tasks *sums)
{
	for (uint64_t i = 0; i < n; i++) {
		uint32_t status;
		uint64_t g;

		if (!memsrc_u64(m, list + 8 * i, &g) || !read_status(m, at, g, &status))
			return false;
		if (status == G_IDLE || status == G_DEAD || status == G_DEAD_EXTRA)
			sums->ended.value++;
		else
			sums->live.value++;
		sums->waiting.value += status == G_WAITING || status == G_LEAKED;
	}
	return true;
}

void golang_count(struct images *im, uint32_t file, struct walk_tasks *ret)
{
	static const char *const fields[G_FIELDS] = { "stackguard0", "atomicstatus", "goid" };
	static const struct go_struct what = { "\vstackguard0", 16, fields, G_FIELDS };
	const struct amount absent = amount_absent(REASON_GO_NO_GOROUTINES), none = amount_of(0);
	struct walk_tasks sums = { none, none, none };
	uint16_t at[G_FIELDS];
	uint64_t list, n;

	*ret = (struct walk_tasks){ absent, absent, absent };
	if (golang_find_struct(im, file, &what, at) &&
	    golang_find_list(im->walk, file, is_goroutine_list, at, &list, &n) &&
	    count_all(im->walk->mem, at, list, n, &sums))
		*ret = sums;
}
