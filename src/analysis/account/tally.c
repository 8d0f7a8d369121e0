/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/account/tally.h"

#include <assert.h>

#include "base/alloc.h"

static inline bool has(const struct mem_counts *c, enum mem_count which)
{
	return c->present >> which & 1;
}

struct tally tally_of_region(const struct region *r, const struct mem_counts *c)
{
	bool has_uss = has(c, MC_PRIVATE_CLEAN) && has(c, MC_PRIVATE_DIRTY);

	return (struct tally){
		.v[F_RSS] = c->v[MC_RSS],
		.v[F_PSS] = c->v[MC_PSS],
		.v[F_USS] = has_uss ? c->v[MC_PRIVATE_CLEAN] + c->v[MC_PRIVATE_DIRTY] : 0,
		.v[F_SWAP] = c->v[MC_SWAP],
		.v[F_LAZYFREE] = c->v[MC_LAZYFREE],
		.size_bytes = r->end - r->start,
		.mappings = 1,
		.present = (uint32_t)has(c, MC_RSS) << F_RSS | (uint32_t)has(c, MC_PSS) << F_PSS |
			   (uint32_t)has_uss << F_USS | (uint32_t)has(c, MC_SWAP) << F_SWAP |
			   (uint32_t)has(c, MC_LAZYFREE) << F_LAZYFREE,
		.records = 1,
	};
}

static struct owner_tally *owner_tally_new(struct tallies *t, uint32_t owner, uint8_t category,
					   uint8_t evidence)
{
	struct owner_tally *o;

	t->owners = xgrow(t->owners, t->n_owners, &t->cap_owners, sizeof(*t->owners));
	o = &t->owners[t->n_owners++];
	*o = (struct owner_tally){
		.owner = owner,
		.next = t->owner_first[owner],
		.category = category,
		.evidence = evidence,
	};
	t->owner_first[owner] = (uint32_t)t->n_owners;
	return o;
}

/* Takes one or two steps in practice, and at most CAT_COUNT * EV_COUNT. */
static struct tally *owner_tally(struct tallies *t, uint32_t owner, uint8_t category,
				 uint8_t evidence)
{
	for (uint32_t i = t->owner_first[owner]; i > 0; i = t->owners[i - 1].next) {
		struct owner_tally *o = &t->owners[i - 1];

		if (o->category == category && o->evidence == evidence)
			return &o->sum;
	}
	return &owner_tally_new(t, owner, category, evidence)->sum;
}

/*
 * Returns the package of a region: that of its file, or of the file in front of a .bss; 0 if it has
 * no package.
 */
static uint32_t package_of(const struct tallies *t, const struct region *r)
{
	const struct region *image = r->marks & MARK_BSS && r > t->s->regions ? r - 1 : r;

	return t->s->files[image->file].package;
}

/* Returns whether all parts of a region, from `first` on, are of one category. */
static bool is_of_one_category(const struct snapshot *s, size_t first)
{
	const struct part *part = &s->parts[first];

	for (size_t i = first; i < s->n_parts && s->parts[i].region == part->region; i++) {
		if (s->parts[i].category != part->category)
			return false;
	}
	return true;
}

static void set_part_field(struct tally *piece, enum tally_field field, struct amount bytes)
{
	piece->v[field] = amount_ok(bytes) ? bytes.value : 0;
	if (amount_ok(bytes))
		return;
	piece->unknown |= piece->present & 1U << field;
	piece->present &= ~(1U << field);
}

/*
 * The model knows the resident bytes of each part, and PSS and USS if it could divide them. If not,
 * its category still has those of the whole mapping, unless that has parts in several. Which part
 * is swapped out or freed lazily is unknown: both are assigned to the parts in order, as much as
 * each can hold.
 */
static void add_parts(struct tallies *t, const struct region *r, const struct tally *whole)
{
	const struct snapshot *s = t->s;
	uint32_t index = (uint32_t)(r - s->regions), package = package_of(t, r);
	uint64_t swap_left = whole->v[F_SWAP], rss_left = whole->v[F_RSS];
	uint64_t lazy_left = whole->v[F_LAZYFREE];
	uint64_t mappings = 1;
	bool one = is_of_one_category(s, t->next_part);

	if (one)
		tally_add(&t->categories[s->parts[t->next_part].category], whole);
	while (t->next_part < s->n_parts && s->parts[t->next_part].region == index) {
		const struct part *part = &s->parts[t->next_part++];
		bool last = t->next_part == s->n_parts || s->parts[t->next_part].region != index;
		uint64_t room = part->size_bytes - MIN(part->rss_bytes, part->size_bytes);
		uint64_t swap = last ? swap_left : MIN(swap_left, room);
		uint64_t lazy = last ? lazy_left : MIN(lazy_left, part->rss_bytes);
		struct tally piece = {
			.v[F_RSS] = part->rss_bytes,
			.v[F_SWAP] = swap,
			.v[F_LAZYFREE] = lazy,
			.size_bytes = part->size_bytes,
			.mappings = mappings,
			.present = whole->present,
			.records = 1,
		};

		set_part_field(&piece, F_PSS, part->pss);
		set_part_field(&piece, F_USS, part->uss);
		tally_add(owner_tally(t, part->owner, part->category, part->evidence), &piece);
		tally_add(&t->packages[package], &piece);
		if (!one)
			tally_add(&t->categories[part->category], &piece);
		package = 0; /* what follows the .bss has no package */
		swap_left -= swap;
		lazy_left -= lazy;
		rss_left -= part->rss_bytes;
		mappings = 0;
	}
	assert(rss_left == 0);
}

/*
 * smaps has one Pss for a mapping. If all pages are anonymous, it is theirs; otherwise anonymous
 * pages are copies on write in a file mapping, and assumed to be private to the process.
 */
static void add_backing(struct tallies *t, const struct region *r, const struct mem_counts *c)
{
	struct backing_tally *b = &t->backing;
	bool tmpfs = t->s->files[r->file].on_tmpfs;
	uint64_t rss = c->v[MC_RSS], anonymous = MIN(c->v[MC_ANONYMOUS], rss);
	uint64_t pss = c->v[MC_PSS], clean = c->v[MC_PRIVATE_CLEAN];
	uint64_t pss_anonymous = anonymous == rss ? pss : MIN(anonymous, pss);
	bool has_pages = has(c, MC_RSS) && has(c, MC_ANONYMOUS);

	if (has_pages) {
		b->has_pages = true;
		*(tmpfs ? &b->shmem : &b->file) += rss - anonymous;
	}
	if (has_pages && has(c, MC_PSS)) {
		b->has_pss = true;
		b->pss_anonymous += pss_anonymous;
		b->pss_shmem += tmpfs ? pss - pss_anonymous : 0;
	}
	b->has_clean |= has(c, MC_PRIVATE_CLEAN);
	if (r->file && !tmpfs)
		b->file_clean += clean - MIN(c->v[MC_LAZYFREE], clean);
}

static void add_largest(struct tallies *t, uint32_t region, uint64_t rss)
{
	size_t i = t->n_largest;

	if (rss == 0 || (i == TALLY_LARGEST && rss <= t->largest_rss[i - 1]))
		return;
	if (i == TALLY_LARGEST)
		i--;
	else
		t->n_largest++;
	for (; i > 0 && t->largest_rss[i - 1] < rss; i--) {
		t->largest_rss[i] = t->largest_rss[i - 1];
		t->largest[i] = t->largest[i - 1];
	}
	t->largest_rss[i] = rss;
	t->largest[i] = region;
}

static void add_region(struct tallies *t, const struct region *r, const struct mem_counts *c)
{
	struct tally whole = tally_of_region(r, c);
	uint32_t package = package_of(t, r);

	tally_add(&t->perms[r->perms & (N_PERMS - 1)], &whole);
	if (r->file)
		tally_add(&t->files[r->file], &whole);
	if (r->split) {
		add_parts(t, r, &whole);
	} else {
		tally_add(&t->categories[r->category], &whole);
		tally_add(owner_tally(t, r->owner, r->category, r->evidence), &whole);
		if (package)
			tally_add(&t->packages[package], &whole);
	}
	add_backing(t, r, c);
	add_largest(t, (uint32_t)(r - t->s->regions), whole.v[F_RSS]);
}

void tallies_init(struct tallies *ret, const struct snapshot *s)
{
	struct mem_counts c;

	*ret = (struct tallies){ .s = s };
	ret->owner_first = xcalloc(s->n_owners, sizeof(*ret->owner_first));
	ret->files = xcalloc(s->n_files, sizeof(*ret->files));
	ret->packages = xcalloc(s->n_packages, sizeof(*ret->packages));
	for (size_t i = 0; i < s->n_regions; i++) {
		const struct region *r = &s->regions[i];

		if (i == 0 || r->counts != r[-1].counts)
			snapshot_counts(s, r, &c);
		add_region(ret, r, &c);
	}
	for (size_t i = 0; i < N_PERMS; i++)
		tally_add(&ret->all, &ret->perms[i]);
}

void tallies_release(struct tallies *t)
{
	free(t->owners);
	free(t->owner_first);
	free(t->files);
	free(t->packages);
}
