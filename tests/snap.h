/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshots built by hand, region by region. Sizes are in KiB so that sums can be done in the head.
 */
#ifndef TESTS_SNAP_H
#define TESTS_SNAP_H

#include "model/parts.h"
#include "model/snapshot/snapshot.h"
#include "proc/smaps.h"
#include "rows.h"

#define auto_snapshot __attribute__((cleanup(snapshot_release))) struct snapshot
#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)

enum { SNAP_RW = VMA_READ | VMA_WRITE, SNAP_RX = VMA_READ | VMA_EXEC };

/* The counters of a mapping; clean and dirty pages are shared or private. */
#define SNAP_KIB(rss, pss, shared_clean, shared_dirty, private_clean, private_dirty, anonymous)    \
	[MC_RSS] = rss, [MC_PSS] = pss, [MC_SHARED_CLEAN] = shared_clean,                          \
	[MC_SHARED_DIRTY] = shared_dirty, [MC_PRIVATE_CLEAN] = private_clean,                      \
	[MC_PRIVATE_DIRTY] = private_dirty, [MC_ANONYMOUS] = anonymous

struct snap_region {
	uint64_t start;
	uint64_t size_kib;
	uint8_t perms;
	const char *name; /* NULL: unnamed; with an inode, the path */
	uint64_t inode;   /* of device 8:1, or of 0:1 with tmpfs */
	bool tmpfs;
	uint16_t marks;
	enum category category;
	enum evidence evidence;
	enum owner_kind owner_kind;
	const char *owner;
	const char *package;    /* of the file */
	uint64_t kib[MC_COUNT]; /* the Size is added */
	uint32_t absent;        /* counters that the kernel does not state, a bit each */
};

/* A whole and consistent snapshot without regions; every amount that capture fills is unread. */
static inline void snap_init(struct snapshot *s)
{
	snapshot_init(s);
	s->consistent = true;
	s->rss_after = AMOUNT_UNREAD;
	for (int i = 0; i < PS_COUNT; i++)
		s->status.v[i] = AMOUNT_UNREAD;
	for (int i = 0; i < PL_COUNT; i++)
		s->limits.soft[i] = AMOUNT_UNREAD;
	for (int i = 0; i < SM_COUNT; i++)
		s->sys.v[i] = AMOUNT_UNREAD;
	s->sys.overcommit = s->sys.max_map_count = AMOUNT_UNREAD;
	s->fds.descriptors = s->fds.file_bytes = s->fds.drm_bytes = s->fds.dmabuf_bytes =
		AMOUNT_UNREAD;
	s->fds.bpf_bytes = s->fds.pipe_bytes = s->fds.pipe_capacity = AMOUNT_UNREAD;
	s->sockets.unix_bytes = s->sockets.inet_bytes = s->sysv.unattached_bytes = AMOUNT_UNREAD;
	s->cgroup.why = REASON_NO_CGROUP;
}

/* Adds a region and returns its index. */
static inline uint32_t snap_add(struct snapshot *s, const struct snap_region *spec)
{
	struct mem_counts c = { .present = ((UINT32_C(1) << MC_COUNT) - 1) & ~spec->absent };
	const char *name = spec->name ? spec->name : "";
	struct region r = {
		.start = spec->start,
		.end = spec->start + KIB(spec->size_kib),
		.perms = spec->perms,
		.marks = spec->marks,
		.category = (uint8_t)spec->category,
		.evidence = (uint8_t)spec->evidence,
		.name = snapshot_name(s, name, strlen(name)),
		.owner = snapshot_owner(s, spec->owner_kind, spec->owner ? spec->owner : ""),
	};

	if (spec->inode) {
		struct file *f;

		r.file = snapshot_file(s, spec->tmpfs ? 0 : 8, 1, spec->inode, name, strlen(name));
		f = &s->files[r.file];
		f->on_tmpfs = spec->tmpfs;
		f->has_exec |= (spec->perms & VMA_EXEC) != 0;
		f->category = r.category;
		if (spec->package)
			f->package = snapshot_package(s, "cpython", spec->package,
						      strlen(spec->package));
	}
	for (int i = 0; i < MC_COUNT; i++)
		c.v[i] = c.present >> i & 1 ? KIB(spec->kib[i]) : 0;
	c.v[MC_SIZE] = KIB(spec->size_kib);
	snapshot_add_region(s, &r, &c);
	return (uint32_t)s->n_regions - 1;
}

/* Adds a part of the region that was added last, and divides its PSS without a look at pages. */
static inline void snap_add_part(struct snapshot *s, uint64_t size_kib, uint64_t rss_kib,
				 enum category category, enum evidence evidence,
				 enum owner_kind kind, const char *owner)
{
	struct mem_counts c;
	size_t n = 0;

	s->regions[s->n_regions - 1].split = true;
	s->parts = xgrow(s->parts, s->n_parts, &s->cap_parts, sizeof(*s->parts));
	s->parts[s->n_parts++] = (struct part){
		.region = (uint32_t)s->n_regions - 1,
		.owner = snapshot_owner(s, kind, owner),
		.category = (uint8_t)category,
		.evidence = (uint8_t)evidence,
		.rss_bytes = KIB(rss_kib),
		.size_bytes = KIB(size_kib),
	};
	while (n < s->n_parts && s->parts[s->n_parts - 1 - n].region == s->n_regions - 1)
		n++;
	snapshot_counts(s, &s->regions[s->n_regions - 1], &c);
	parts_divide(&s->parts[s->n_parts - n], n, &c, NULL);
}

/* Adds private anonymous memory, all of it dirty. */
static inline void snap_add_anonymous(struct snapshot *s, uint64_t start, uint64_t size_kib,
				      uint64_t rss_kib)
{
	(void)snap_add(s, &(struct snap_region){
				  .start = start,
				  .size_kib = size_kib,
				  .perms = SNAP_RW,
				  .marks = MARK_UNNAMED | MARK_ALL_PRIVATE,
				  .category = CAT_ANONYMOUS,
				  .evidence = EV_UNKNOWN,
				  .kib = { [MC_RSS] = rss_kib,
					   [MC_PSS] = rss_kib,
					   [MC_PRIVATE_DIRTY] = rss_kib,
					   [MC_ANONYMOUS] = rss_kib },
			  });
}

/* Adds a row of heap statistics; UINT64_MAX is no count. */
static inline void snap_hold(struct snapshot *s, enum heap_stat_kind kind, const char *owner,
			     const char *name, uint64_t count, uint64_t bytes)
{
	struct amount n = count == UINT64_MAX ? amount_absent(REASON_NOT_COUNTED)
					      : amount_of(count);

	s->heap_stats.read |= 1U << kind;
	heap_stats_add(&s->heap_stats, &s->arena,
		       &(struct heap_stat){ kind, owner, name, n, bytes });
}

static inline void assert_amount_at(struct amount a, uint64_t want, const char *file, int line)
{
	if (a.why)
		print_error("absent: %s\n", amount_why(a));
	_assert_true(!a.why, "amount is there", file, line);
	_assert_int_equal(a.value, want, file, line);
}

static inline void assert_absent_at(struct amount a, enum reason why, const char *file, int line)
{
	_assert_true(a.why != REASON_NONE, "amount is absent", file, line);
	_assert_string_equal(amount_why(a), reason_text(why), file, line);
}

#define assert_amount(a, want) assert_amount_at(a, want, __FILE__, __LINE__)
#define assert_kib(a, kib) assert_amount_at(a, KIB(kib), __FILE__, __LINE__)
#define assert_absent(a, why) assert_absent_at(a, why, __FILE__, __LINE__)

#endif
