/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What changed between two snapshots: of one process at two moments, or of two processes. Pure
 * functions. Every mapping is counted once in each list, so the changes of all categories add up to
 * the change of RSS, and so do the changes of all mappings.
 */
#ifndef ANALYSIS_DIFF_DIFF_H
#define ANALYSIS_DIFF_DIFF_H

#include "analysis/account/accounting.h"
#include "analysis/account/tally.h"
#include "analysis/delta.h"

/* One of the two snapshots. What this points to must outlive the diff. */
struct diff_side {
	const struct snapshot *snapshot;
	const struct accounting *accounting;
	const char *file;      /* snapshot file that it was read from; NULL: from /proc */
	const char *host;      /* "" if unknown */
	int64_t taken_wall_ns; /* wall clock of the capture */
};

enum diff_identity {
	DIFF_SAME,
	DIFF_EXEC, /* the same process, but not the same address space */
	DIFF_OTHER_PROCESS,
	DIFF_OTHER_BOOT,
	DIFF_OTHER_HOST,
	DIFF_IDENTITY_COUNT
};

/* Facts that decide how far the numbers can be trusted. */
enum diff_note {
	DIFF_OTHER_PROGRAM,
	DIFF_REVERSED,
	DIFF_WALL_CLOCK,
	DIFF_BOOT_UNKNOWN,
	DIFF_OLD_UNREAD,
	DIFF_NEW_UNREAD,
	DIFF_OLD_PARTIAL,
	DIFF_NEW_PARTIAL,
	DIFF_OLD_INCONSISTENT,
	DIFF_NEW_INCONSISTENT,
	DIFF_OLD_UNWALKED,
	DIFF_NEW_UNWALKED,
	DIFF_OLD_WALK_PARTIAL,
	DIFF_NEW_WALK_PARTIAL,
	DIFF_NOTE_COUNT
};

struct diff_text {
	const char *id; /* stable */
	const char *text;
};

extern const struct diff_text diff_identity_texts[];
extern const struct diff_text diff_note_texts[];

/* A total that is compared. */
struct diff_total_desc {
	enum metric metric;
	bool in_data_only; /* not shown as text: a detail, or shown in a different row */
};

enum { DIFF_TOTALS = 14 };

extern const struct diff_total_desc diff_total_descs[];

/*
 * Whether a line was added, removed or changed. On a side where it does not exist its numbers are
 * 0, not unknown. It is changed if any of its numbers is.
 */
enum diff_status { DIFF_STAYED, DIFF_CHANGED, DIFF_ADDED, DIFF_REMOVED, DIFF_STATUS_COUNT };

extern const char *const diff_status_ids[];

/* A line of the accounting on both sides. Strings are owned by the snapshots. */
struct diff_row {
	const char *name;    /* of an owner, package or file; "" */
	const char *runtime; /* of a package */
	uint8_t kind;        /* of an owner: enum owner_kind */
	uint8_t category;    /* of a category or a file */
	uint8_t perms;
	bool deleted; /* of a file; the new side decides this and category if it has the file */
	bool is_old, is_new; /* the line exists on this side; else its numbers are 0 */
	enum diff_status status;
	struct line old_line, new_line;
};

/* Rows by growth of RSS: the one that grew most comes first, the one that shrank most last. */
struct diff_list {
	struct diff_row *rows;
	size_t n, cap;
	uint64_t grown_bytes; /* RSS gained by all rows that grew */
};

enum { DIFF_NO_REGION = UINT32_MAX };

/* The mappings that one group (see match.h) has on one side. */
struct diff_regions {
	struct tally sum;
	uint64_t start, end; /* from the first mapping to the last, gaps included */
	uint32_t largest;    /* index of the region with most RSS, or DIFF_NO_REGION */
};

struct diff_group {
	struct diff_regions old_regions, new_regions;
	enum diff_status status;
};

/*
 * A row of heap statistics on both sides, paired by kind, owner and name; strings are owned by the
 * snapshots. If a side listed only its largest rows and this row is not among them, its numbers are
 * absent, unless they can only be negligible.
 */
struct diff_heap_stat {
	const char *owner, *name;
	enum diff_status status;
	struct amount old_count, new_count; /* absent also where nothing is counted */
	struct amount old_bytes, new_bytes;
};

/* Heap statistics of one kind, by growth of bytes, largest first. */
struct diff_heap_stats {
	enum reason why; /* why they are not compared; REASON_BY_DESIGN: neither side has them */
	bool new_lacks;  /* they are missing on the new side, not on the old one */
	struct diff_heap_stat *rows;
	size_t n;
	uint64_t grown_bytes;
};

/* Sums over what a walk found. */
enum diff_held {
	DIFF_HELD_OBJECTS,
	DIFF_HELD_NATIVE,
	DIFF_HELD_FREE,
	DIFF_HELD_OVERHEAD,
	DIFF_HELD_BEYOND, /* non-object memory: RSS less objects */
	DIFF_HELD_COUNT
};

struct diff_held_desc {
	const char *id; /* stable */
	const char *title, *help;
};

extern const struct diff_held_desc diff_held_descs[];

struct diff {
	struct diff_side old_side, new_side;
	enum diff_identity identity;
	double elapsed_seconds; /* from old to new; valid only if elapsed_why is REASON_NONE */
	enum reason elapsed_why;
	enum reason rate_why;  /* why growth an hour is not known */
	enum reason lists_why; /* why the lists below are empty */
	struct diff_list categories;
	struct diff_list owners[CAT_COUNT]; /* by category; paired by kind and name */
	uint64_t owners_grown_bytes;        /* of all of them */
	struct diff_list perms, files, packages;
	struct diff_group *groups; /* by growth of RSS, largest first */
	size_t n_groups;
	size_t n_with_status[DIFF_STATUS_COUNT]; /* groups */
	uint64_t groups_grown_bytes;
	struct diff_heap_stats heap_stats[HEAP_STAT_KIND_COUNT];
};

/* Compares two sides. The caller releases *ret. */
void diff_init(struct diff *ret, const struct diff_side *old_side,
	       const struct diff_side *new_side);
void diff_release(struct diff *d);

/* Returns the sum of a field over the regions of a group on one side; 0 if it has none there. */
struct amount diff_regions_amount(const struct diff_regions *r, enum tally_field field);

/* Returns a sum of what the walk of one side found; absent if it was not walked for that. */
struct amount diff_held(const struct diff_side *side, enum diff_held held);
/*
 * Returns why the memory of a side was not walked, if the user should be told: the walk failed, or
 * only the other side was walked. Else REASON_NONE.
 */
enum reason diff_why_unwalked(const struct diff *d, bool is_new);

/* Returns a difference as change an hour; absent for d->rate_why. */
struct delta diff_rate(const struct diff *d, struct delta delta);
/* Returns whether a note applies to this diff. *ret_why is the reason to show, or REASON_NONE. */
bool diff_note(const struct diff *d, enum diff_note note, enum reason *ret_why);

/*
 * The parts of diff_init. The first finds whether both sides are one process, and the time between.
 */
void diff_identify(struct diff *d);
void diff_compare_heap_stats(struct diff *d);

#endif
