/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/diff/diff.h"

#include <math.h>

#include "base/clock.h"

enum { RATE_LEAST_SECONDS = 1, SECONDS_PER_HOUR = 3600 };

static const double age_resolution = 0.01; /* starts are in clock ticks */

const struct diff_text diff_identity_texts[] = {
	[DIFF_SAME] = { "same", "The same process" },
	[DIFF_EXEC] = { "exec", "The same process, with another program since (exec)" },
	[DIFF_OTHER_PROCESS] = { "other_process", "Two different processes" },
	[DIFF_OTHER_BOOT] = { "other_boot", "Two different processes, of different boots" },
	[DIFF_OTHER_HOST] = { "other_host", "Two different processes, of different hosts" },
};

_Static_assert(ARRAY_SIZE(diff_identity_texts) == DIFF_IDENTITY_COUNT, "a row for each");

const struct diff_text diff_note_texts[] = {
	[DIFF_OTHER_PROGRAM] = { "other_program", "They run different programs" },
	[DIFF_REVERSED] = { "reversed", "OLD was taken after NEW" },
	[DIFF_WALL_CLOCK] = { "wall_clock", "The time between them is by the wall clock, which may "
					    "have been set" },
	[DIFF_BOOT_UNKNOWN] = { "boot_unknown", "They may be of different boots" },
	[DIFF_OLD_UNREAD] = { "old_unread", "OLD has no memory map" },
	[DIFF_NEW_UNREAD] = { "new_unread", "NEW has no memory map" },
	[DIFF_OLD_PARTIAL] = { "old_partial", "OLD is incomplete" },
	[DIFF_NEW_PARTIAL] = { "new_partial", "NEW is incomplete" },
	[DIFF_OLD_INCONSISTENT] = { "old_inconsistent", "Mappings of OLD changed while they were "
							"read: some memory is counted twice" },
	[DIFF_NEW_INCONSISTENT] = { "new_inconsistent", "Mappings of NEW changed while they were "
							"read: some memory is counted twice" },
	[DIFF_OLD_UNWALKED] = { "old_unwalked", "OLD does not say what its memory holds" },
	[DIFF_NEW_UNWALKED] = { "new_unwalked", "NEW does not say what its memory holds" },
	[DIFF_OLD_WALK_PARTIAL] = { "old_walk_partial", "The memory of OLD was not walked to the "
							"end" },
	[DIFF_NEW_WALK_PARTIAL] = { "new_walk_partial", "The memory of NEW was not walked to the "
							"end" },
};

_Static_assert(ARRAY_SIZE(diff_note_texts) == DIFF_NOTE_COUNT, "a row for each");

static bool both_differ(const char *a, const char *b)
{
	return *a && *b && !streq(a, b);
}

/* Returns the length of exe's link without the suffix that it gets when the file is replaced. */
static size_t exe_len(const char *exe)
{
	static const char deleted[] = " (deleted)";

	return strlen(exe) - (ends_with(exe, deleted) ? sizeof(deleted) - 1 : 0);
}

static bool same_program(const struct snapshot *a, const struct snapshot *b)
{
	if (!a->exe || !b->exe)
		return streq(a->stat.comm, b->stat.comm);
	return exe_len(a->exe) == exe_len(b->exe) && memcmp(a->exe, b->exe, exe_len(a->exe)) == 0;
}

/*
 * Returns whether both have the same address space, by the random address of the program; 0 and 1
 * mean that the address was denied.
 */
static bool same_space(const struct snapshot *a, const struct snapshot *b)
{
	if (a->stat.start_code > 1 && b->stat.start_code > 1 &&
	    a->stat.start_code != b->stat.start_code)
		return false;
	return !a->exe || !b->exe || same_program(a, b);
}

static enum diff_identity identify(const struct diff_side *old_side,
				   const struct diff_side *new_side)
{
	const struct snapshot *a = old_side->snapshot, *b = new_side->snapshot;

	/* One kernel can have several host names, but two kernels never have the same boot id. */
	if (both_differ(a->sys.boot_id, b->sys.boot_id) || !*a->sys.boot_id || !*b->sys.boot_id) {
		if (both_differ(old_side->host, new_side->host))
			return DIFF_OTHER_HOST;
		if (both_differ(a->sys.boot_id, b->sys.boot_id))
			return DIFF_OTHER_BOOT;
	}
	if (a->pid != b->pid || a->stat.start_ticks != b->stat.start_ticks)
		return DIFF_OTHER_PROCESS;
	return same_space(a, b) ? DIFF_SAME : DIFF_EXEC;
}

bool diff_note(const struct diff *d, enum diff_note note, enum reason *ret_why)
{
	const struct snapshot *a = d->old_side.snapshot, *b = d->new_side.snapshot;
	bool one = d->identity <= DIFF_EXEC;

	*ret_why = REASON_NONE;
	switch (note) {
	case DIFF_OTHER_PROGRAM:
		return !one && !same_program(a, b);
	case DIFF_REVERSED:
		return one && d->elapsed_seconds < 0;
	case DIFF_WALL_CLOCK:
		return one && (a->age_seconds < 0 || b->age_seconds < 0);
	case DIFF_BOOT_UNKNOWN:
		return one && (!*a->sys.boot_id || !*b->sys.boot_id);
	case DIFF_OLD_UNREAD:
		return (*ret_why = a->regions_why) != REASON_NONE;
	case DIFF_NEW_UNREAD:
		return (*ret_why = b->regions_why) != REASON_NONE;
	case DIFF_OLD_PARTIAL:
		return !a->regions_why && (*ret_why = a->partial) != REASON_NONE;
	case DIFF_NEW_PARTIAL:
		return !b->regions_why && (*ret_why = b->partial) != REASON_NONE;
	case DIFF_OLD_INCONSISTENT:
		return !a->regions_why && !a->consistent;
	case DIFF_NEW_INCONSISTENT:
		return !b->regions_why && !b->consistent;
	case DIFF_OLD_UNWALKED:
		return (*ret_why = diff_why_unwalked(d, false)) != REASON_NONE;
	case DIFF_NEW_UNWALKED:
		return (*ret_why = diff_why_unwalked(d, true)) != REASON_NONE;
	case DIFF_OLD_WALK_PARTIAL:
		return (*ret_why = a->heap_stats.partial) != REASON_NONE;
	case DIFF_NEW_WALK_PARTIAL:
		return (*ret_why = b->heap_stats.partial) != REASON_NONE;
	default:
		return false;
	}
}

/* Ages are by a clock that runs during suspend and cannot be set. */
static double elapsed_seconds(const struct diff_side *old_side, const struct diff_side *new_side)
{
	double a = old_side->snapshot->age_seconds, b = new_side->snapshot->age_seconds;

	if (a >= 0 && b >= 0)
		return fabs(b - a) < age_resolution ? 0 : b - a;
	return ((double)new_side->taken_wall_ns - (double)old_side->taken_wall_ns) /
	       (double)NS_PER_S;
}

void diff_identify(struct diff *d)
{
	double elapsed = elapsed_seconds(&d->old_side, &d->new_side);

	d->identity = identify(&d->old_side, &d->new_side);
	d->elapsed_seconds = elapsed;
	d->elapsed_why = d->identity > DIFF_EXEC ? REASON_NOT_SAME_PROCESS : REASON_NONE;
	d->rate_why = d->elapsed_why                 ? d->elapsed_why
		      : d->identity == DIFF_EXEC     ? REASON_NOT_SAME_PROGRAM
		      : elapsed < 0                  ? REASON_REVERSED
		      : elapsed < RATE_LEAST_SECONDS ? REASON_TOO_CLOSE
						     : REASON_NONE;
}

struct delta diff_rate(const struct diff *d, struct delta delta)
{
	const double limit = 9e18; /* fits in an int64_t */
	double rate;

	if (delta.why)
		return delta;
	if (d->rate_why)
		return (struct delta){ .why = d->rate_why };
	rate = (double)delta.bytes / d->elapsed_seconds * SECONDS_PER_HOUR;
	return (struct delta){ .bytes = llround(fmax(fmin(rate, limit), -limit)) };
}
