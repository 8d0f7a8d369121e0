/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What changed between two snapshots: of one process at two moments, or of two processes. Pure
 * functions. Every mapping is counted once in each list, so that the changes of the categories add
 * up to that of RSS, and so do those of the mappings.
 */
#ifndef ANALYSIS_DIFF_DIFF_H
#define ANALYSIS_DIFF_DIFF_H

#include "analysis/account/accounting.h"
#include "analysis/account/tally.h"
#include "analysis/delta.h"

/* One of the two; what it points to must outlive the diff. */
struct diff_side {
	const struct snapshot *snapshot;
	const struct accounting *accounting;
	const char *file;      /* the snapshot file it is from; NULL: read from /proc */
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

/* What a reader has to know before he trusts the numbers. */
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
	bool in_data_only; /* a detail, or told by another row */
};

enum { DIFF_TOTALS = 14 };

extern const struct diff_total_desc diff_total_descs[];

/*
 * What a thing was on one side that does not exist there is 0, and not unknown: it is then added or
 * removed. It changed if any of its numbers did.
 */
enum diff_status { DIFF_STAYED, DIFF_CHANGED, DIFF_ADDED, DIFF_REMOVED, DIFF_STATUS_COUNT };

extern const char *const diff_status_ids[];

/* A line of the balance sheet on both sides. Strings belong to the snapshots. */
struct diff_row {
	const char *name;    /* of an owner, package or file; "" */
	const char *runtime; /* of a package */
	uint8_t kind;        /* of an owner: enum owner_kind */
	uint8_t category;    /* of a category, and of a file as the newer side that has it says */
	uint8_t perms;
	bool deleted;        /* of a file, likewise */
	bool is_old, is_new; /* there is one on this side; else its line is 0 */
	enum diff_status status;
	struct line old_line, new_line;
};

/* By growth of RSS: what grew most comes first, what shrank most comes last. */
struct diff_list {
	struct diff_row *rows;
	size_t n, cap;
	uint64_t grown_bytes; /* RSS that those which grew have gained */
};

enum { DIFF_NO_REGION = UINT32_MAX };

/* The mappings of a group (see match.h) on one side. */
struct diff_regions {
	struct tally sum;
	uint64_t start, end; /* from the first to the last, gaps included */
	uint32_t largest;    /* the region with most RSS; DIFF_NO_REGION: there is none */
};

struct diff_group {
	struct diff_regions old_regions, new_regions;
	enum diff_status status;
};

/*
 * What memory holds on both sides, of one kind, owner and name; the strings are the snapshots'. A
 * side that listed only the largest may have some all the same: that is not known then, unless it
 * would make no difference.
 */
struct diff_heap_stat {
	const char *owner, *name;
	enum diff_status status;
	struct amount old_count, new_count; /* absent where they are not counted, too */
	struct amount old_bytes, new_bytes;
};

/* By growth of bytes, as rows are. */
struct diff_heap_stats {
	enum reason why; /* why they are not compared; REASON_BY_DESIGN: neither side has any */
	bool new_lacks;  /* it is the new side that lacks them, not the old one */
	struct diff_heap_stat *rows;
	size_t n;
	uint64_t grown_bytes;
};

/* Sums over the lines that were walked. */
enum diff_held {
	DIFF_HELD_OBJECTS,
	DIFF_HELD_NATIVE,
	DIFF_HELD_FREE,
	DIFF_HELD_OVERHEAD,
	DIFF_HELD_BEYOND, /* what objects are not, of RSS */
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
	double elapsed_seconds; /* from old to new; meaningful only while elapsed_why is REASON_NONE */
	enum reason elapsed_why;
	enum reason rate_why;  /* why there is no growth an hour */
	enum reason lists_why; /* why all below is empty */
	struct diff_list categories;
	struct diff_list owners[CAT_COUNT]; /* by category; by kind and name */
	uint64_t owners_grown_bytes;        /* of all of them */
	struct diff_list perms, files, packages;
	struct diff_group *groups; /* by growth of RSS, as rows are */
	size_t n_groups;
	size_t n_with_status[DIFF_STATUS_COUNT]; /* groups */
	uint64_t groups_grown_bytes;
	struct diff_heap_stats heap_stats[HEAP_STAT_KIND_COUNT];
};

/* The caller releases *ret. */
void diff_init(struct diff *ret, const struct diff_side *old_side,
	       const struct diff_side *new_side);
void diff_release(struct diff *d);

/* Of a field of the regions of a group; 0 of none. */
struct amount diff_regions_amount(const struct diff_regions *r, enum tally_field field);

/* A sum of one side; absent where the memory was not walked for it. */
struct amount diff_held(const struct diff_side *side, enum diff_held held);
/*
 * Why the memory of a side was not walked, if it is worth a word: that failed, or the other one's
 * was. Else NULL.
 */
enum reason diff_why_unwalked(const struct diff *d, bool is_new);

/* What a difference makes in an hour; absent where d->rate_why says so. */
struct delta diff_rate(const struct diff *d, struct delta delta);
/* Returns whether the note applies; *ret_why is the reason that goes with it, or REASON_NONE. */
bool diff_note(const struct diff *d, enum diff_note note, enum reason *ret_why);

/* The parts of diff_init: who is compared, and how far apart (diff_identity.c); what memory holds
 * (diff_holdings.c). */
void diff_identify(struct diff *d);
void diff_compare_heap_stats(struct diff *d);

#endif
