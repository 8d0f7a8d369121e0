/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapshot/snapshot.h"

#include "base/alloc.h"
#include "proc/smaps.h"

/*
 * Names come from the target. When all names together have reached this size, each further name is
 * cut to its end, which is the most informative part of a path. With the 65,530 mappings that a
 * process may have by default, the cut names add 4 MiB.
 */
enum { NAMES_MAX = 4 << 20, NAME_CUT = 64 };

static const char cut_mark[] = "/...";

#define COUNTED_MAX (UINT64_C(1) << 53) /* 8 PiB; sums in thousandths of it fit 64 bits */

void snapshot_init(struct snapshot *s)
{
	*s = (struct snapshot){ .age_seconds = -1 };
	s->names = xgrow(s->names, 0, &s->cap_names, sizeof(*s->names));
	s->names[s->n_names++] = "";
	s->files = xgrow(s->files, 0, &s->cap_files, sizeof(*s->files));
	s->files[s->n_files++] = (struct file){ .path = "" };
	s->owners = xgrow(s->owners, 0, &s->cap_owners, sizeof(*s->owners));
	s->owners[s->n_owners++] = (struct owner){ OWNER_NONE, "" };
	s->packages = xgrow(s->packages, 0, &s->cap_packages, sizeof(*s->packages));
	s->packages[s->n_packages++] = (struct package){ "", "" };
}

void snapshot_release(struct snapshot *s)
{
	free(s->regions);
	sbuf_release(&s->packed);
	free(s->names);
	free(s->files);
	free(s->owners);
	free(s->packages);
	free(s->parts);
	free(s->runtimes);
	index_release(&s->name_index);
	index_release(&s->file_index);
	index_release(&s->owner_index);
	index_release(&s->package_index);
	cgroup_release(&s->cgroup);
	fdscan_release(&s->fds);
	heap_stats_release(&s->heap_stats);
	arena_release(&s->arena);
	*s = (struct snapshot){ 0 };
}

struct bytes_key {
	const char *s;
	size_t len;
	const void *tag; /* owner kind or runtime */
};

static bool same_bytes(const char *s, const struct bytes_key *key)
{
	return strncmp(s, key->s, key->len) == 0 && s[key->len] == '\0';
}

static bool same_name(const void *arg, uint32_t i, const void *key)
{
	return same_bytes(((const struct snapshot *)arg)->names[i], key);
}

uint32_t snapshot_name(struct snapshot *s, const char *name, size_t len)
{
	const size_t mark_len = sizeof(cut_mark) - 1;
	struct bytes_key key = { name, len, NULL };
	char cut[NAME_CUT];
	uint64_t hash;
	uint32_t i;

	if (len == 0)
		return 0;
	if (s->names_bytes > NAMES_MAX && len > NAME_CUT) {
		memcpy(cut, cut_mark, mark_len);
		memcpy(cut + mark_len, name + len - (NAME_CUT - mark_len), NAME_CUT - mark_len);
		key = (struct bytes_key){ cut, NAME_CUT, NULL };
	}
	hash = index_hash_bytes(key.s, key.len);
	i = index_find(&s->name_index, hash, same_name, s, &key);
	if (i != INDEX_NONE)
		return i;
	s->names = xgrow(s->names, s->n_names, &s->cap_names, sizeof(*s->names));
	s->names[s->n_names] = arena_strndup(&s->arena, key.s, key.len);
	s->names_bytes += key.len;
	s->names_cut += key.s == cut;
	index_add(&s->name_index, hash, (uint32_t)s->n_names);
	return (uint32_t)s->n_names++;
}

static bool same_file(const void *arg, uint32_t i, const void *key)
{
	const struct file *a = &((const struct snapshot *)arg)->files[i], *b = key;

	return a->inode == b->inode && a->major == b->major && a->minor == b->minor;
}

uint32_t snapshot_find_file(const struct snapshot *s, uint32_t major, uint32_t minor,
			    uint64_t inode)
{
	struct file key = { .major = major, .minor = minor, .inode = inode };
	uint64_t hash = index_hash_u64((uint64_t)major << 32 | minor, inode);
	uint32_t i = index_find(&s->file_index, hash, same_file, s, &key);

	return i == INDEX_NONE ? 0 : i;
}

uint32_t snapshot_file(struct snapshot *s, uint32_t major, uint32_t minor, uint64_t inode,
		       const char *path, size_t len)
{
	static const char deleted[] = " (deleted)";
	const size_t tail = sizeof(deleted) - 1;
	struct file f = { .major = major, .minor = minor, .inode = inode };
	uint64_t hash = index_hash_u64((uint64_t)major << 32 | minor, inode);
	uint32_t i = index_find(&s->file_index, hash, same_file, s, &f), name;

	if (i != INDEX_NONE)
		return i;
	if (len > tail && memcmp(path + len - tail, deleted, tail) == 0) {
		f.deleted = true;
		len -= tail;
	}
	name = snapshot_name(s, path, len); /* may move s->names */
	f.path = s->names[name];
	f.first_region = (uint32_t)s->n_regions;
	s->files = xgrow(s->files, s->n_files, &s->cap_files, sizeof(*s->files));
	s->files[s->n_files] = f;
	index_add(&s->file_index, hash, (uint32_t)s->n_files);
	return (uint32_t)s->n_files++;
}

static bool same_owner(const void *arg, uint32_t i, const void *key)
{
	const struct owner *a = &((const struct snapshot *)arg)->owners[i], *b = key;

	return a->kind == b->kind && streq(a->name, b->name);
}

uint32_t snapshot_owner(struct snapshot *s, enum owner_kind kind, const char *name)
{
	struct owner key = { kind, name };
	uint64_t hash = index_hash_bytes(name, strlen(name)) + kind;
	uint32_t i;

	if (kind == OWNER_NONE)
		return 0;
	i = index_find(&s->owner_index, hash, same_owner, s, &key);
	if (i != INDEX_NONE)
		return i;
	s->owners = xgrow(s->owners, s->n_owners, &s->cap_owners, sizeof(*s->owners));
	s->owners[s->n_owners] = (struct owner){ kind, arena_strdup(&s->arena, name) };
	index_add(&s->owner_index, hash, (uint32_t)s->n_owners);
	return (uint32_t)s->n_owners++;
}

static bool same_package(const void *arg, uint32_t i, const void *key)
{
	const struct package *p = &((const struct snapshot *)arg)->packages[i];
	const struct bytes_key *k = key;

	return p->runtime == k->tag && same_bytes(p->name, k);
}

uint32_t snapshot_package(struct snapshot *s, const char *runtime, const char *name, size_t len)
{
	struct bytes_key key = { name, len, runtime };
	uint64_t hash = index_hash_bytes(name, len);
	uint32_t i = index_find(&s->package_index, hash, same_package, s, &key);

	if (i != INDEX_NONE)
		return i;
	s->packages = xgrow(s->packages, s->n_packages, &s->cap_packages, sizeof(*s->packages));
	s->packages[s->n_packages] = (struct package){ arena_strndup(&s->arena, name, len),
						       runtime };
	index_add(&s->package_index, hash, (uint32_t)s->n_packages);
	return (uint32_t)s->n_packages++;
}

/*
 * Packed counters: a mask of the counters that are present, a mask of those that are not 0 (4 bytes
 * each), and the values of the latter, each a little-endian base-128 number. Kernel values are
 * multiples of 1024, so they are rotated to be small; all other values are kept exactly too.
 */
static unsigned char *put_varint(unsigned char *p, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		*p++ = (unsigned char)(v | 0x80);
	*p++ = (unsigned char)v;
	return p;
}

static const unsigned char *get_varint(const unsigned char *p, uint64_t *ret_value)
{
	uint64_t v = 0;

	for (unsigned int shift = 0;; shift += 7) {
		v |= (uint64_t)(*p & 0x7f) << shift;
		if (*p++ < 0x80)
			break;
	}
	*ret_value = v;
	return p;
}

enum { VARINT_MAX = 10, PACKED_MAX = 2 * sizeof(uint32_t) + MC_COUNT * VARINT_MAX };

/* Packs the counters of the region that was added last. Returns their offset. */
static uint32_t pack_counts(struct snapshot *s)
{
	const struct mem_counts *c = &s->last_counts;
	size_t at = s->packed.len;
	unsigned char *p;
	uint32_t nonzero = 0;

	sbuf_reserve(&s->packed, PACKED_MAX);
	p = (unsigned char *)s->packed.data + at;

	for (int i = 0; i < MC_COUNT; i++)
		nonzero |= (uint32_t)(c->v[i] != 0) << i;
	p = mempcpy(p, &c->present, sizeof(c->present));
	p = mempcpy(p, &nonzero, sizeof(nonzero));
	for (uint32_t left = nonzero; left; left &= left - 1) {
		uint64_t v = c->v[__builtin_ctz(left)];

		p = put_varint(p, v >> 10 | v << 54);
	}
	*p = '\0';
	s->packed.len = (size_t)(p - (unsigned char *)s->packed.data);
	s->last_nonzero = nonzero;
	return (uint32_t)at;
}

/* Returns the offset of the packed counters. Many neighbours have the same ones: packed once. */
static uint32_t add_counts(struct snapshot *s, const struct mem_counts *c)
{
	const struct mem_counts *last = &s->last_counts;

	if (s->n_regions > 0 && c->present == last->present &&
	    memcmp(c->v, last->v, sizeof(c->v)) == 0)
		return s->regions[s->n_regions - 1].counts;
	s->last_counts = *c;
	s->stated_counters |= c->present;
	return pack_counts(s);
}

void snapshot_add_region(struct snapshot *s, const struct region *r, const struct mem_counts *c)
{
	const uint32_t summable = (UINT32_C(1) << MC_SUMMABLE) - 1;
	uint32_t counts = add_counts(s, c);

	for (uint32_t left = s->last_nonzero & summable; left; left &= left - 1) {
		int i = __builtin_ctz(left);

		s->sums.v[i] += c->v[i];
	}
	s->sums.present |= c->present & summable;
	s->regions = xgrow(s->regions, s->n_regions, &s->cap_regions, sizeof(*s->regions));
	s->regions[s->n_regions] = *r;
	s->regions[s->n_regions++].counts = counts;
}

_Static_assert((MC_SUMMABLE - MC_SIZE - 1) % 2 == 0, "the counters below are read in pairs");

/* Sizes are not memory, and limited by the address space. */
bool snapshot_counts_fit(uint64_t *bytes, const struct mem_counts *c)
{
	uint64_t bound = 0;

	for (int i = MC_SIZE + 1; i < MC_SUMMABLE; i += 2)
		bound |= c->v[i] | c->v[i + 1];
	if (bound > COUNTED_MAX - *bytes)
		return false;
	*bytes += bound;
	return true;
}

uint16_t snapshot_count_marks(struct snapshot *s, uint8_t perms, const struct mem_counts *c)
{
	uint64_t shared = c->v[MC_SHARED_CLEAN] + c->v[MC_SHARED_DIRTY];
	uint64_t page = c->v[MC_KERNEL_PAGE_SIZE];
	unsigned int marks = 0;

	if (page && (!s->page_bytes || page < s->page_bytes))
		s->page_bytes = page;
	if (shared == 0 && mem_counts_has(c, MC_SHARED_CLEAN))
		marks |= MARK_ALL_PRIVATE;
	if (!(perms & (VMA_READ | VMA_WRITE | VMA_EXEC)) && c->v[MC_RSS] == 0 && c->v[MC_SWAP] == 0)
		marks |= MARK_NO_ACCESS;
	if (page > s->page_bytes)
		marks |= MARK_HUGE_PAGES;
	return (uint16_t)marks;
}

void snapshot_drop_regions(struct snapshot *s)
{
	s->n_regions = 0;
	s->stated_counters = 0;
	s->sums = (struct mem_counts){ .present = 0 };
	sbuf_reset(&s->packed);
	s->n_files = 1;
	index_release(&s->file_index);
	s->n_parts = 0;
	s->largest_gap_bytes = 0;
	s->unknown_fields = 0;
}

void snapshot_counts(const struct snapshot *s, const struct region *r, struct mem_counts *ret)
{
	const unsigned char *p = (const unsigned char *)s->packed.data + r->counts;
	uint32_t nonzero;

	memset(ret, 0, sizeof(*ret));
	memcpy(&ret->present, p, sizeof(ret->present));
	memcpy(&nonzero, p + sizeof(ret->present), sizeof(nonzero));
	p += sizeof(ret->present) + sizeof(nonzero);
	for (uint32_t left = nonzero; left; left &= left - 1) {
		uint64_t v;

		p = get_varint(p, &v);
		ret->v[__builtin_ctz(left)] = v << 10 | v >> 54;
	}
}

const char *snapshot_region_name(const struct snapshot *s, const struct region *r)
{
	return s->names[r->name];
}

const struct part *snapshot_parts(const struct snapshot *s, const struct region *r, size_t *ret_n)
{
	uint32_t index = (uint32_t)(r - s->regions);
	size_t lo = 0, hi = s->n_parts, end;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->parts[mid].region < index)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (end = lo; end < s->n_parts && s->parts[end].region == index; end++)
		;
	*ret_n = end - lo;
	return end > lo ? &s->parts[lo] : NULL;
}
