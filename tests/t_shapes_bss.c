/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of model/rule/shapes: memory behind an image is its .bss up to the end that the image's
 * header says, and not a byte further.
 */
#include "base/alloc.h"
#include "elf_image.h"
#include "model/rule/shapes.h"
#include "snap.h"

#define BASE UINT64_C(0x10000000)
#define PAGE 0x1000

enum { NONE = 0 };

struct mapping {
	uint64_t addr, size; /* from BASE on, bytes */
	uint64_t offset;     /* in the file */
	uint8_t perms;
	bool file;
};

struct bss_row {
	const char *name;
	uint64_t bss_end; /* of the ELF file; NONE: no file */
	struct mapping maps[5];
	uint64_t want; /* bytes of .bss in the last mapping; all of it, a part, or none */
};

#define CODE                                                                                       \
	{                                                                                          \
		0, 0x1000, 0, SNAP_RX, true                                                        \
	}
#define DATA                                                                                       \
	{                                                                                          \
		ELF_DATA_ADDR, 0x2000, ELF_DATA_OFFSET, SNAP_RW, true                              \
	}
#define BEHIND(size)                                                                               \
	{                                                                                          \
		ELF_DATA_END, size, 0, SNAP_RW, false                                              \
	}

static const struct bss_row rows[] = {
	{ "as long as the header says", 0x7000, { CODE, DATA, BEHIND(0x3000) }, 0x3000 },
	{ "its end is rounded up to a page", 0x6001, { CODE, DATA, BEHIND(0x3000) }, 0x3000 },
	{ "split by the target", 0x7000, { CODE, DATA, BEHIND(0x1000) }, 0x1000 },
	{ "behind relocations that are read-only",
	  0x7000,
	  { CODE,
	    { ELF_DATA_ADDR, 0x1000, ELF_DATA_OFFSET, VMA_READ, true },
	    { ELF_DATA_ADDR + 0x1000, 0x1000, ELF_DATA_OFFSET + 0x1000, SNAP_RW, true },
	    BEHIND(0x3000) },
	  0x3000 },
	{ "longer than the header says", 0x7000, { CODE, DATA, BEHIND(0x203000) }, 0x3000 },
	{ "a chunk of 2 MiB where there is no .bss", 0x3800, { CODE, DATA, BEHIND(0x200000) }, 0 },
	{ "the .bss ends in the page of the data", 0x4000, { CODE, DATA, BEHIND(0x1000) }, 0 },
	{ "no header to look at", NONE, { CODE, DATA, BEHIND(0x3000) }, 0 },
	{ "a gap", 0x7000, { CODE, DATA, { ELF_DATA_END + PAGE, 0x2000, 0, SNAP_RW, false } }, 0 },
	{ "read-only", 0x7000, { CODE, DATA, { ELF_DATA_END, 0x3000, 0, VMA_READ, false } }, 0 },
	{ "executable",
	  0x7000,
	  { CODE, DATA, { ELF_DATA_END, 0x3000, 0, SNAP_RW | VMA_EXEC, false } },
	  0 },
	{ "behind the code", 0x7000, { CODE, { 0x1000, 0x3000, 0, SNAP_RW, false } }, 0 },
	{ "behind the first part of the data",
	  0x7000,
	  { CODE,
	    { ELF_DATA_ADDR, 0x1000, ELF_DATA_OFFSET, SNAP_RW, true },
	    { ELF_DATA_ADDR + 0x1000, 0x3000, 0, SNAP_RW, false } },
	  0 },
	{ "of a file that is nowhere executable", 0x7000, { DATA, BEHIND(0x3000) }, 0 },
};

static void add(struct snapshot *s, uint64_t base, uint64_t inode, const struct mapping *m)
{
	(void)snap_add(s, &(struct snap_region){
				  .start = base + m->addr,
				  .size_kib = m->size >> 10,
				  .perms = m->perms,
				  .name = m->file ? "/lib/x.so" : NULL,
				  .inode = m->file ? inode : 0,
				  .marks = m->file ? MARK_FILE : MARK_UNNAMED,
				  .kib = { [MC_RSS] = m->size >> 10 },
			  });
	s->regions[s->n_regions - 1].offset = m->offset;
}

static void find(struct snapshot *s, const struct tree *t)
{
	const struct procfs fs = { t->fd, -1, false };

	shapes_find(s, &fs, t->fd);
}

static void test_bss(void **state)
{
	const struct bss_row *row = *state;
	auto_tree t = tree_make();
	auto_snapshot s;
	const struct region *last;

	if (row->bss_end != NONE)
		elf_image_put(&t, "root/lib/x.so", row->bss_end);
	snap_init(&s);
	for (const struct mapping *m = row->maps; m->size; m++)
		add(&s, BASE, 1, m);
	find(&s, &t);
	last = &s.regions[s.n_regions - 1];
	assert_int_equal(last->marks & MARK_BSS, row->want ? MARK_BSS : 0);
	for (size_t i = 0; i + 1 < s.n_regions; i++)
		assert_int_equal(s.regions[i].marks & MARK_BSS, 0);
	assert_int_equal(last->split, row->want && row->want != last->end - last->start);
	assert_int_equal(s.n_parts, last->split ? 2 : 0);
	if (last->split) {
		assert_true(s.parts[0].size_bytes == row->want);
		assert_true(s.parts[1].size_bytes == last->end - last->start - row->want);
	}
}

/* One byte a page: whether it is present. */
struct split_row {
	const char *name;
	const char *present; /* pages of the .bss (3) and of what follows (3); NULL: no pagemap */
	uint64_t rss_kib;
	uint64_t want_bss_kib;
};

static const struct split_row split_rows[] = {
	{ "all present", "111111", 24, 12 },
	{ "none of the .bss", "000111", 12, 0 },
	{ "nothing but the .bss", "111000", 12, 12 },
	{ "some of both", "101010", 12, 8 },
	{ "present pages that smaps does not count are taken from the .bss", "111111", 12, 0 },
	{ "fewer present pages than smaps counted", "100000", 24, 4 },
	{ "nothing resident", "000000", 0, 0 },
	{ "no pagemap: what may lie behind it does", NULL, 12, 0 },
	{ "no pagemap: what cannot lie behind it does not", NULL, 20, 8 },
};

/*
 * Entries of pagemap are addressed by page number; bit 63 is presence. Pages with a '1' are shared,
 * those with a 'p' are private.
 */
static void put_pagemap(const struct tree *t, uint64_t start, const char *present)
{
	auto_close int fd = openat(t->fd, "pagemap", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	for (size_t i = 0; present[i]; i++) {
		uint64_t entry = present[i] == '0' ? 0 : UINT64_C(1) << 63;

		entry |= present[i] == 'p' ? UINT64_C(1) << 56 : 0;
		assert_int_equal(pwrite(fd, &entry, sizeof(entry),
					(off_t)((start / PAGE + i) * sizeof(entry))),
				 sizeof(entry));
	}
}

static void test_split(void **state)
{
	static const struct mapping code = CODE, data = DATA, behind = BEHIND(0x6000);
	const struct split_row *row = *state;
	auto_tree t = tree_make();
	auto_snapshot s;
	struct mem_counts c;

	if (sysconf(_SC_PAGESIZE) != PAGE)
		return;
	elf_image_put(&t, "root/lib/x.so", 0x7000);
	if (row->present)
		put_pagemap(&t, BASE + ELF_DATA_END, row->present);
	snap_init(&s);
	add(&s, BASE, 1, &code);
	add(&s, BASE, 1, &data);
	(void)snap_add(&s, &(struct snap_region){ .start = BASE + behind.addr,
						  .size_kib = behind.size >> 10,
						  .perms = SNAP_RW,
						  .marks = MARK_UNNAMED,
						  .kib = { [MC_RSS] = row->rss_kib } });
	find(&s, &t);
	assert_int_equal(s.n_parts, 2);
	snapshot_counts(&s, &s.regions[2], &c);
	assert_true(s.parts[0].rss_bytes == KIB(row->want_bss_kib));
	assert_true(s.parts[0].rss_bytes + s.parts[1].rss_bytes == c.v[MC_RSS]);
	assert_int_equal(s.parts[0].region, 2);
	assert_int_equal(s.parts[1].region, 2);
}

/* 24 KiB of which 8 are private, and the others count 4. */
static const struct share_row {
	const char *name;
	const char *pages;          /* as in split_row */
	int pss_kib[2], uss_kib[2]; /* of the .bss and of what follows; -1: absent */
} share_rows[] = {
	{ "private pages are in the .bss", "pp1111", { 9, 3 }, { 8, 0 } },
	{ "private pages are behind it", "1111pp", { 3, 9 }, { 0, 8 } },
	{ "one in each", "p111p1", { 6, 6 }, { 4, 4 } },
	{ "no pagemap", NULL, { -1, -1 }, { -1, -1 } },
};

static void test_shares(void **state)
{
	static const struct mapping code = CODE, data = DATA;
	const struct share_row *row = *state;
	auto_tree t = tree_make();
	auto_snapshot s;

	if (sysconf(_SC_PAGESIZE) != PAGE)
		return;
	elf_image_put(&t, "root/lib/x.so", 0x7000);
	if (row->pages)
		put_pagemap(&t, BASE + ELF_DATA_END, row->pages);
	snap_init(&s);
	add(&s, BASE, 1, &code);
	add(&s, BASE, 1, &data);
	(void)snap_add(&s, &(struct snap_region){ .start = BASE + ELF_DATA_END,
						  .size_kib = 24,
						  .perms = SNAP_RW,
						  .marks = MARK_UNNAMED,
						  .kib = { SNAP_KIB(24, 12, 0, 16, 0, 8, 24) } });
	find(&s, &t);
	assert_int_equal(s.n_parts, 2);
	for (int i = 0; i < 2; i++) {
		if (row->pss_kib[i] < 0) {
			assert_absent(s.parts[i].pss, REASON_PART_OF_MAPPING);
			assert_absent(s.parts[i].uss, REASON_PART_OF_MAPPING);
		} else {
			assert_kib(s.parts[i].pss, (uint64_t)row->pss_kib[i]);
			assert_kib(s.parts[i].uss, (uint64_t)row->uss_kib[i]);
		}
	}
}

static void test_many_splits(void **state attr_unused)
{
	static const struct mapping maps[] = { CODE, DATA, BEHIND(0x6000) };
	auto_tree t = tree_make();
	auto_snapshot s;

	elf_image_put(&t, "root/lib/x.so", 0x7000);
	snap_init(&s);
	for (uint64_t i = 0; i < 100; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(maps); k++)
			add(&s, BASE + i * 0x10000, 1, &maps[k]);
	}
	find(&s, &t);
	assert_int_equal(s.n_parts, 200);
	for (uint32_t i = 0; i < 200; i++)
		assert_int_equal(s.parts[i].region, i / 2 * 3 + 2);
}

static void test_no_elf(void **state attr_unused)
{
	static const struct mapping maps[] = { CODE, DATA, BEHIND(0x3000) };
	auto_tree t = tree_make();
	auto_snapshot s;

	tree_put(&t, "root/lib/x.so", "#!/bin/sh\nexit\n");
	snap_init(&s);
	for (size_t k = 0; k < ARRAY_SIZE(maps); k++)
		add(&s, BASE, 1, &maps[k]);
	find(&s, &t);
	assert_int_equal(s.regions[2].marks & MARK_BSS, 0);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, ".bss", rows, test_bss);
	ROWS_ADD(&list, "Rss divided", split_rows, test_split);
	ROWS_ADD(&list, "PSS and USS", share_rows, test_shares);
	rows_add_one(&list, ".bss: a hundred that run on", test_many_splits);
	rows_add_one(&list, ".bss: behind a file that is not ELF", test_no_elf);
	return rows_run("shapes_bss", &list);
}
