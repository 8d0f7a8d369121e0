/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/parts.h"

#include <errno.h>

#include "base/alloc.h"

/* What is to be divided: private pages, and the share that the mapping has of its other pages. */
struct dividend {
	uint64_t private_bytes, shared_bytes;
	bool has_pss, has_uss;
};

static struct dividend dividend_of(const struct mem_counts *c)
{
	struct dividend d = {
		.has_pss = mem_counts_has(c, MC_PSS),
		.has_uss = mem_counts_has(c, MC_PRIVATE_CLEAN) &&
			   mem_counts_has(c, MC_PRIVATE_DIRTY),
	};

	if (d.has_uss)
		d.private_bytes = c->v[MC_PRIVATE_CLEAN] + c->v[MC_PRIVATE_DIRTY];
	if (d.has_pss)
		d.shared_bytes = c->v[MC_PSS] - MIN(d.private_bytes, c->v[MC_PSS]);
	return d;
}

double parts_shared_rate(const struct mem_counts *c)
{
	struct dividend d = dividend_of(c);
	uint64_t pages = c->v[MC_RSS] - MIN(d.private_bytes, c->v[MC_RSS]);

	return pages ? (double)d.shared_bytes / (double)pages : 0;
}

void parts_add_page(struct part_pages *sum, uint32_t users, uint64_t bytes, double shared_rate)
{
	if (users == PAGE_USERS_ONE)
		sum->private_bytes += (double)bytes;
	else if (users == PAGE_USERS_MANY)
		sum->shared_bytes += (double)bytes * shared_rate;
	else if (users != PAGE_USERS_NONE)
		sum->shared_bytes += (double)bytes / users;
}

int parts_sum_pages(struct page_users *u, uint64_t start, uint64_t end, double shared_rate,
		    struct part_pages *ret)
{
	uint32_t users[PAGE_USERS_BLOCK];
	uint64_t page = u->pagemap.page_bytes;

	*ret = (struct part_pages){ 0, 0 };
	for (size_t n; start < end; start += n * page) {
		int status;

		n = (size_t)MIN((end - start) / page, (uint64_t)PAGE_USERS_BLOCK);
		status = n ? page_users_read(u, start, n, users) : -EINVAL;
		if (status < 0)
			return status;
		for (size_t i = 0; i < n; i++)
			parts_add_page(ret, users[i], page, shared_rate);
	}
	return 0;
}

/* The weight and the room of a part, and what it gets. */
struct share {
	double weight;
	uint64_t room, bytes;
};

static double sum_weights(const struct share *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i].weight;
	return sum;
}

/*
 * Divides a total by weight, but to none more than it has room for; the rest goes to those that
 * still have room, and if nobody has, to the last. The shares always add up to the total.
 */
static void share_out(uint64_t total, struct share *v, size_t n)
{
	double sum = sum_weights(v, n), at = 0;
	uint64_t left = total, before = 0;

	for (size_t i = 0; sum > 0 && i < n; i++) {
		uint64_t upto;

		at += v[i].weight;
		upto = (uint64_t)((double)total * (at / sum) + 0.5);
		v[i].bytes = MIN(MIN(upto - before, left), v[i].room);
		left -= v[i].bytes;
		before = upto;
	}
	for (size_t i = 0; i < n && left; i++) {
		uint64_t more = MIN(left, v[i].room - v[i].bytes);

		v[i].bytes += more;
		left -= more;
	}
	v[n - 1].bytes += left;
}

/* Divides private pages, if shares[i].room is still the Rss of each part. */
static void divide_private(struct part *parts, size_t n, const struct dividend *d,
			   const struct part_pages *pages, struct share *shares)
{
	for (size_t i = 0; i < n; i++)
		shares[i].weight = pages ? pages[i].private_bytes : (double)parts[i].rss_bytes;
	share_out(d->private_bytes, shares, n);
	for (size_t i = 0; i < n; i++)
		parts[i].uss = d->has_uss ? amount_of(shares[i].bytes)
					  : amount_absent(REASON_NOT_REPORTED);
}

/*
 * Divides the share of the other pages, for which the private ones have left room. By that room if
 * the pages say nothing: they were shared when smaps was read, and no longer are.
 */
static void divide_shared(struct part *parts, size_t n, const struct dividend *d,
			  const struct part_pages *pages, struct share *shares)
{
	bool by_room = true;

	for (size_t i = 0; pages && i < n; i++)
		by_room &= pages[i].shared_bytes <= 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t room = parts[i].rss_bytes - MIN(shares[i].bytes, parts[i].rss_bytes);

		parts[i].pss = amount_of(shares[i].bytes);
		shares[i] = (struct share){
			.weight = by_room ? (double)room : pages[i].shared_bytes,
			.room = room,
		};
	}
	share_out(d->shared_bytes, shares, n);
	for (size_t i = 0; i < n; i++)
		parts[i].pss = d->has_pss ? amount_of(parts[i].pss.value + shares[i].bytes)
					  : amount_absent(REASON_NOT_REPORTED);
}

/* Returns whether it follows from the Rss of each part what it has of all. */
static bool is_plain(const struct part *parts, size_t n, const struct dividend *d, uint64_t rss)
{
	for (size_t i = 0; i < n; i++) {
		if (parts[i].rss_bytes == rss)
			return true;
	}
	return d->private_bytes >= rss || (d->has_uss && d->private_bytes == 0) ||
	       d->shared_bytes >= rss;
}

/* Returns whether the pages tell which are private; kernels before 4.2 do not say. */
static bool tells_private(const struct part_pages *pages, size_t n, const struct dividend *d)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += pages[i].private_bytes;
	return sum > 0 || d->private_bytes == 0;
}

void parts_divide(struct part *parts, size_t n, const struct mem_counts *c,
		  const struct part_pages *pages)
{
	struct dividend d = dividend_of(c);
	auto_free struct share *shares = xcalloc(n, sizeof(*shares));

	if (pages && (!d.has_uss || !tells_private(pages, n, &d)))
		pages = NULL;
	for (size_t i = 0; i < n; i++)
		shares[i].room = parts[i].rss_bytes;
	if (pages || is_plain(parts, n, &d, c->v[MC_RSS])) {
		divide_private(parts, n, &d, pages, shares);
		divide_shared(parts, n, &d, pages, shares);
		return;
	}
	for (size_t i = 0; i < n; i++)
		parts[i].pss = parts[i].uss = parts[i].rss_bytes
						      ? amount_absent(REASON_PART_OF_MAPPING)
						      : amount_of(0);
}
