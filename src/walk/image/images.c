/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/image/images.h"

#include "base/alloc.h"
#include "base/io.h"
#include "proc/elf.h"
#include "proc/elf_symbols.h"
#include "proc/smaps.h"

/* Copies of a library's data may be in the .bss of a program that is not position-independent. */
static bool is_image(const struct snapshot *s, const struct region *r)
{
	return (r->perms & VMA_READ) &&
	       (r->file ? s->files[r->file].has_exec : (r->marks & MARK_BSS) != 0);
}

void images_init(struct images *im, struct walk *walk)
{
	const struct snapshot *s = walk->snap;

	*im = (struct images){ .walk = walk, .pages = addrmap_new(), .fd = -1 };
	for (const struct region *r = s->regions; r < s->regions + s->n_regions; r++) {
		if (is_image(s, r))
			addrmap_mark(im->pages, r->start, r->end, ADDR_DATA);
	}
}

void images_release(struct images *im)
{
	addrmap_free(im->pages);
	util_cleanup_close(&im->fd);
}

/* Returns the region that holds addr, or NULL. */
static const struct region *region_of(const struct images *im, uint64_t addr)
{
	const struct snapshot *s = im->walk->snap;
	size_t lo = 0, hi = s->n_regions;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->regions[mid].end <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s->n_regions && s->regions[lo].start <= addr ? &s->regions[lo] : NULL;
}

bool images_have_code(const struct images *im, uint64_t addr)
{
	const struct region *r = region_of(im, addr);

	return r && (r->perms & VMA_EXEC);
}

uint32_t images_file(const struct images *im, uint64_t addr)
{
	const struct region *r = region_of(im, addr);

	while (r && r > im->walk->snap->regions && (r->marks & MARK_BSS))
		r--;
	return r ? r->file : 0;
}

bool images_begin(const struct images *im, uint64_t addr)
{
	const struct region *r = region_of(im, addr);

	return r && r->file && r->start == addr && r->offset == 0;
}

const char *images_module(const struct images *im, uint64_t addr)
{
	uint32_t file = images_file(im, addr);

	return file ? im->walk->snap->files[file].path : NULL;
}

/*
 * Opens the file of a region, which stays open for the next call. Returns -1 if it cannot be
 * opened.
 */
static int open_file(struct images *im, const struct region *r)
{
	const struct walk_opts *o = &im->walk->opts;
	const struct file *f = &im->walk->snap->files[r->file];

	if (!r->file || !o->fs)
		return -1;
	if (im->open_file != r->file) {
		util_cleanup_close(&im->fd);
		im->fd = elf_open_mapped(o->fs, o->dirfd, r->start, r->end, f->path, f->major,
					 f->minor, f->inode);
		im->open_file = r->file;
	}
	return im->fd;
}

static bool read_file(struct images *im, uint64_t addr, void *buf, size_t len)
{
	const struct region *r = region_of(im, addr);
	int fd;

	if (!r || len > r->end - addr)
		return false;
	fd = open_file(im, r);
	return fd >= 0 && io_pread_full(fd, buf, len, r->offset + (addr - r->start)) == 0;
}

bool images_read(struct images *im, uint64_t addr, void *buf, size_t len)
{
	return memsrc_peek(im->walk->mem, addr, buf, len) ||
	       (im->walk->mem->why == MEM_NOT_PRESENT && read_file(im, addr, buf, len));
}

void images_read_file(struct images *im, uint64_t addr, void *buf, size_t len)
{
	if (!read_file(im, addr, buf, len))
		memset(buf, 0, len);
}

size_t images_read_some(struct images *im, uint64_t addr, void *buf, size_t len)
{
	uint64_t page = im->walk->mem->page_bytes;

	if (images_read(im, addr, buf, len))
		return len;
	len = MIN(len, (size_t)(page - addr % page));
	return images_read(im, addr, buf, len) ? len : 0;
}

static int compare_places(const void *a, const void *b)
{
	const struct image_place *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return (x->addr > y->addr) - (x->addr < y->addr);
}

/*
 * Finds the address that the file gives to an address of the process. Returns false if no segment
 * of the file is there.
 */
static bool to_vaddr(const struct elf_info *info, const struct region *r, uint64_t addr,
		     uint64_t *ret)
{
	uint64_t offset = r->offset + (addr - r->start);

	for (size_t i = info->n_load; i-- > 0;) {
		const struct elf_segment *seg = &info->load[i];

		if (offset < seg->offset || offset - seg->offset >= seg->filesz)
			continue;
		*ret = seg->vaddr + (offset - seg->offset);
		return true;
	}
	return false;
}

/* Places of one file by their address in it. */
struct located {
	struct elf_point point;
	struct image_place *place;
};

static int compare_located(const void *a, const void *b)
{
	const struct located *x = a, *y = b;

	return (x->point.vaddr > y->point.vaddr) - (x->point.vaddr < y->point.vaddr);
}

static size_t locate(struct images *im, int fd, struct image_place *places, size_t n,
		     struct located *ret)
{
	struct elf_info info;
	size_t k = 0;

	if (elf_info_read(fd, &info) < 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		ret[k] = (struct located){ .place = &places[i] };
		if (to_vaddr(&info, region_of(im, places[i].addr), places[i].addr,
			     &ret[k].point.vaddr))
			k++;
	}
	elf_info_release(&info);
	if (k)
		qsort(ret, k, sizeof(*ret), compare_located);
	return k;
}

/* Names places of one file. */
static void name_file(struct images *im, const char *prefix, struct image_place *places, size_t n)
{
	auto_free struct located *located = xcalloc(n, sizeof(*located));
	auto_free struct elf_point *points = xcalloc(n, sizeof(*points));
	int fd = open_file(im, region_of(im, places[0].addr));

	if (fd < 0)
		return;
	n = locate(im, fd, places, n, located);
	for (size_t i = 0; i < n; i++)
		points[i] = located[i].point;
	elf_name_points(fd, prefix, points, n);
	for (size_t i = 0; i < n; i++) {
		if (points[i].symbol)
			located[i].place->symbol = arena_strdup(&im->walk->arena, points[i].symbol);
		located[i].place->offset = points[i].offset;
		free(points[i].symbol);
	}
}

void images_name(struct images *im, const char *prefix, struct image_place *places, size_t n)
{
	size_t end;

	for (size_t i = 0; i < n; i++) {
		const struct region *r = region_of(im, places[i].addr);

		places[i].file = r ? r->file : 0;
	}
	if (n)
		qsort(places, n, sizeof(*places), compare_places);
	for (size_t i = 0; i < n; i = end) {
		end = i + 1;
		while (end < n && places[end].file == places[i].file)
			end++;
		if (places[i].file)
			name_file(im, prefix, places + i, end - i);
	}
}
