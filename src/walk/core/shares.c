/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/core/shares.h"

#include "base/alloc.h"
#include "proc/procinfo.h"

#define NO_SHARES UINT32_MAX
#define LOOKED_MAX (UINT64_C(16) << 30) /* bytes of pages: 32 MiB of entries */

enum { RUNS_MAX = 1 << 20 }; /* 24 MiB */

void shares_init(struct shares *s, const struct snapshot *snap, const struct procfs *fs, int dirfd)
{
	*s = (struct shares){ .snap = snap, .fs = fs, .dirfd = dirfd };
}

void shares_release(struct shares *s)
{
	if (s->opened)
		page_users_release(&s->users);
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i].runs);
	free(s->v);
	free(s->of_region);
	*s = (struct shares){ 0 };
}

/* Opens the pagemap through any thread, as the first may have exited. */
static bool open_users(struct shares *s)
{
	auto_close int taskfd = -1;

	if (s->opened || s->failed)
		return s->opened;
	taskfd = s->fs ? proc_live_task_open(s->dirfd) : -1;
	s->opened = taskfd >= 0 && page_users_open(s->fs->rootfd, taskfd, &s->users) == 0;
	s->failed = !s->opened;
	return s->opened;
}

static void add_page(struct region_shares *rs, uint64_t start, uint64_t bytes, uint32_t users)
{
	struct share_run *last = rs->n ? &rs->runs[rs->n - 1] : NULL;

	parts_add_page(&rs->sum, users, bytes, rs->shared_rate);
	if (last && last->users == users && last->end == start) {
		last->end += bytes;
		return;
	}
	rs->runs = xgrow(rs->runs, rs->n, &rs->cap, sizeof(*rs->runs));
	rs->runs[rs->n++] = (struct share_run){ start, start + bytes, users };
}

/* Reads the pages of a region. Returns false if they cannot be read, or are too many. */
static bool read_pages(struct shares *s, const struct region *r, struct region_shares *rs)
{
	uint32_t users[PAGE_USERS_BLOCK];
	uint64_t page = s->users.pagemap.page_bytes;

	for (uint64_t at = r->start; (at = pagemap_next(&s->users.pagemap, at, r->end)) < r->end;) {
		size_t n = (size_t)MIN((r->end - at) / page, (uint64_t)PAGE_USERS_BLOCK);

		s->looked += n * page;
		if (n == 0 || s->looked > LOOKED_MAX ||
		    page_users_read(&s->users, at, n, users) < 0)
			return false;
		for (size_t i = 0; i < n; i++, at += page) {
			if (users[i] != PAGE_USERS_NONE)
				add_page(rs, at, page, users[i]);
		}
		if (s->n_runs + rs->n > RUNS_MAX)
			return false;
	}
	return true;
}

static bool is_shared(const struct mem_counts *c)
{
	return c->v[MC_SHARED_CLEAN] + c->v[MC_SHARED_DIRTY] > 0;
}

static uint32_t read_region(struct shares *s, uint32_t region)
{
	struct region_shares rs = { 0 };
	struct mem_counts counts;

	snapshot_counts(s->snap, &s->snap->regions[region], &counts);
	if (!is_shared(&counts) || !open_users(s))
		return NO_SHARES;
	rs.shared_rate = parts_shared_rate(&counts);
	if (!read_pages(s, &s->snap->regions[region], &rs)) {
		free(rs.runs);
		return NO_SHARES;
	}
	s->n_runs += rs.n;
	s->v = xgrow(s->v, s->n, &s->cap, sizeof(*s->v));
	s->v[s->n++] = rs;
	return (uint32_t)s->n;
}

struct region_shares *shares_region(struct shares *s, uint32_t region)
{
	if (!s || region >= s->snap->n_regions)
		return NULL;
	if (!s->of_region)
		s->of_region = xcalloc(s->snap->n_regions, sizeof(*s->of_region));
	if (!s->of_region[region])
		s->of_region[region] = read_region(s, region);
	return s->of_region[region] == NO_SHARES ? NULL : &s->v[s->of_region[region] - 1];
}

/* Returns the index of the first run that ends behind addr. */
static size_t first_from(struct region_shares *rs, uint64_t addr)
{
	size_t lo = 0, hi = rs->n;

	if (rs->hot < rs->n && rs->runs[rs->hot].end > addr &&
	    (rs->hot == 0 || rs->runs[rs->hot - 1].end <= addr))
		return rs->hot;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (rs->runs[mid].end <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	rs->hot = lo;
	return lo;
}

struct part_pages shares_rate(struct region_shares *rs, uint64_t start, uint64_t end)
{
	struct part_pages sum = { 0, 0 };
	uint64_t resident = 0;

	for (size_t i = first_from(rs, start); i < rs->n && rs->runs[i].start < end; i++) {
		const struct share_run *run = &rs->runs[i];
		uint64_t bytes = MIN(end, run->end) - MAX(start, run->start);

		parts_add_page(&sum, run->users, bytes, rs->shared_rate);
		resident += bytes;
	}
	if (resident) {
		sum.private_bytes /= (double)resident;
		sum.shared_bytes /= (double)resident;
	}
	return sum;
}

void shares_narrow(struct region_shares *rs, uint64_t addr, uint64_t *start, uint64_t *end)
{
	size_t i = first_from(rs, addr);

	if (i < rs->n && rs->runs[i].start <= addr) {
		*start = MAX(*start, rs->runs[i].start);
		*end = MIN(*end, rs->runs[i].end);
		return;
	}
	/* Between two runs. */
	if (i > 0)
		*start = MAX(*start, rs->runs[i - 1].end);
	if (i < rs->n)
		*end = MIN(*end, rs->runs[i].start);
}
