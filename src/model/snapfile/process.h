/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the parts of the reader of snapshot files: one process while it is read. */
#ifndef MODEL_SNAPFILE_PROCESS_H
#define MODEL_SNAPFILE_PROCESS_H

#include "base/index.h"
#include "model/rule/rule.h"
#include "model/snapfile/snapread.h"
#include "model/snapshot/snapshot.h"

enum { SNAPFILE_RULES_MAX = 1024 };

/* The ids of rules by their number, the same for all processes of a file. */
struct rule_ids {
	struct arena *arena;
	struct rule *rules;
	size_t n, cap;
};

/* An owner, before the snapshot has numbered it. */
struct owner_text {
	enum owner_kind kind;
	struct sbuf name;
};

/* The owners of parts are numbered after those of all regions, as in a capture. */
struct part_owner {
	enum owner_kind kind;
	const char *name; /* the snapshot's */
};

/* A mapping while it is read. */
struct region_row {
	uint64_t start, end, offset, inode;
	uint32_t major, minor;
	bool has_file;
	uint64_t flags;
	uint8_t perms, category, evidence;
	uint16_t rule, shapes;
	struct mem_counts counts;
	uint64_t part_bytes; /* rss of its parts */
	size_t n_parts;
	bool undivided; /* a part lacks them: it was written before parts had any */
};

/* What the list of files has, and the mappings do not. */
struct file_row {
	uint32_t major, minor;
	uint64_t inode;
	bool program, tmpfs;
	const char *package, *runtime; /* NULL: no package; the snapshot owns them */
};

/* A line of `unavailable`; the snapshot owns its text. */
struct file_reason {
	const char *field, *text;
};

struct process_reader {
	struct snapshot *s;
	struct rule_ids *rules;
	struct snapread_table regions; /* the keys of a mapping */

	struct file_reason *reasons;
	size_t n_reasons, cap_reasons;
	struct index reason_index;
	bool has_reasons;
	struct sbuf path; /* scratch: the name of a field */

	struct file_row file; /* the current one */
	struct file_row *files;
	size_t n_files, cap_files;
	const char *package_runtimes[32]; /* each once */
	size_t n_package_runtimes;
	size_t cap_held; /* of the snapshot's fds.files */

	bool has_regions, has_consistent;
	uint32_t counters; /* bit i: mappings have counter i unless they say otherwise */
	uint64_t counted;  /* for snapshot_counts_fit */
	bool overlaps;
	struct yplace overlap_at;
	struct region_row row;
	struct owner_text owner;
	struct sbuf name;
	struct part_owner *part_owners;
	size_t cap_part_owners;
};

/* Returns a table of the keys of a mapping, which the caller frees. */
struct snapread_key *snapfile_region_keys(size_t *ret_n);
/* Read `counters` and `regions` of a process: obj is its struct process_reader. */
int snapfile_read_counters(struct snapread *r, void *obj, size_t arg);
int snapfile_read_regions(struct snapread *r, void *obj, size_t arg);
/* Numbers the owners of parts after everything was read. */
void snapfile_finish_regions(struct process_reader *p);

/* Reads the heap statistics in `sources`. Reasons why they are absent are those of `deep`. */
int snapfile_read_heap_stats(struct snapread *r, struct snapshot *s);

/* Reads `sources`. The reasons must have been read before. */
int snapfile_read_sources(struct snapread *r, void *obj, size_t arg);
/* Returns the reason why a field is null, NULL if the file gives no reason. */
const char *snapfile_reason(const struct process_reader *p, const char *field);

/* Reads a process of the list. The caller releases *ret_snapshot, also after an error. */
int snapfile_read_process(struct snapread *r, struct rule_ids *rules,
			  struct snapshot *ret_snapshot);

#endif
