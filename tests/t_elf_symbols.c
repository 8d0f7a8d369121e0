/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/elf_symbols on a file with two tables of symbols: whole, cut, and with invalid
 * values.
 */
#include "proc/elf_symbols.h"

#include <elf.h>
#include <errno.h>
#include <sys/mman.h>

#include "proc/elf.h"
#include "rows.h"

#define NAMES "\0_ZTV3Foo\0_ZTV3Bar\0table\0_ZTV4Code\0_ZTV4Gone"

enum { FOO = 1, BAR = 10, TABLE = 19, CODE = 25, GONE = 35 };

enum { NONE, NAMES_AT, SYMTAB, DYNSYM, SECTIONS };

struct file {
	Elf64_Ehdr head;
	Elf64_Shdr sections[SECTIONS];
	char names[sizeof(NAMES)];
	Elf64_Sym full[5];
	Elf64_Sym dynamic[1];
};

#define SYMBOL(name, type, section, value, size)                                                   \
	{                                                                                          \
		name, ELF64_ST_INFO(STB_WEAK, type), 0, section, value, size                       \
	}

static const struct file whole = {
	.head = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_DYN,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_shoff = offsetof(struct file, sections),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = SECTIONS,
		.e_shstrndx = NAMES_AT,
	},
	.sections = {
		[NAMES_AT] = { .sh_type = SHT_STRTAB,
			       .sh_offset = offsetof(struct file, names),
			       .sh_size = sizeof(NAMES) },
		[SYMTAB] = { .sh_type = SHT_SYMTAB,
			     .sh_link = NAMES_AT,
			     .sh_offset = offsetof(struct file, full),
			     .sh_size = sizeof(whole.full),
			     .sh_entsize = sizeof(Elf64_Sym) },
		[DYNSYM] = { .sh_type = SHT_DYNSYM,
			     .sh_link = NAMES_AT,
			     .sh_offset = offsetof(struct file, dynamic),
			     .sh_size = sizeof(whole.dynamic),
			     .sh_entsize = sizeof(Elf64_Sym) },
	},
	.names = NAMES,
	.full = {
		SYMBOL(FOO, STT_OBJECT, 1, 0x1000, 0x40),
		SYMBOL(TABLE, STT_OBJECT, 1, 0x2000, 0x40),
		SYMBOL(CODE, STT_FUNC, 1, 0x3000, 0x40),
		SYMBOL(GONE, STT_OBJECT, SHN_UNDEF, 0x4000, 0x40),
		SYMBOL(0xffffffff, STT_OBJECT, 1, 0x5000, 0x40),
	},
	.dynamic = { SYMBOL(BAR, STT_OBJECT, 1, 0x2000, 0x28) },
};

static int file_of(const void *bytes, size_t n)
{
	int fd = memfd_create("t_elf_symbols", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	return fd;
}

struct point_row {
	const char *name;
	uint64_t vaddr;
	const char *want; /* NULL: no symbol */
	uint64_t offset;
};

/* Ascending by vaddr. */
static const struct point_row point_rows[] = {
	{ "before all", 0xfff, NULL, 0 },
	{ "at the symbol", 0x1000, "_ZTV3Foo", 0 },
	{ "within the symbol", 0x1010, "_ZTV3Foo", 0x10 },
	{ "its last byte", 0x103f, "_ZTV3Foo", 0x3f },
	{ "behind it", 0x1040, NULL, 0 },
	{ "of the dynamic table, although another symbol is at the address", 0x2010, "_ZTV3Bar",
	  0x10 },
	{ "of another name", 0x2028, NULL, 0 },
	{ "a function", 0x3010, NULL, 0 },
	{ "not defined here", 0x4010, NULL, 0 },
	{ "a name beyond all", 0x5010, NULL, 0 },
};

enum { POINTS = ARRAY_SIZE(point_rows) };

static void name_all(const void *bytes, size_t n, struct elf_point points[static POINTS])
{
	auto_close int fd = file_of(bytes, n);

	for (size_t i = 0; i < POINTS; i++)
		points[i] = (struct elf_point){ .vaddr = point_rows[i].vaddr };
	elf_name_points(fd, "_ZTV", points, POINTS);
}

static void free_all(struct elf_point points[static POINTS])
{
	for (size_t i = 0; i < POINTS; i++)
		free(points[i].symbol);
}

static void test_point(void **state)
{
	const struct point_row *row = *state;
	const struct elf_point *p;
	struct elf_point points[POINTS];

	name_all(&whole, sizeof(whole), points);
	p = &points[row - point_rows];
	if (row->want) {
		assert_string_equal(p->symbol, row->want);
		assert_int_equal(p->offset, row->offset);
	} else {
		assert_null(p->symbol);
	}
	free_all(points);
}

/* The file is cut at each byte: a name that is returned is always complete. */
static void test_cut(void **state attr_unused)
{
	struct elf_point points[POINTS];

	for (size_t n = 0; n < sizeof(whole); n++) {
		name_all(&whole, n, points);
		for (size_t i = 0; i < POINTS; i++)
			assert_true(!points[i].symbol ||
				    streq(points[i].symbol, point_rows[i].want));
		free_all(points);
	}
}

static void test_out_of_mind(void **state attr_unused)
{
	static const uint64_t sizes[] = { 0, 1, UINT64_C(1) << 40, UINT64_MAX };
	struct elf_point points[POINTS];

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct file f = whole;

		for (size_t k = 0; k < SECTIONS; k++)
			f.sections[k].sh_size = sizes[i];
		name_all(&f, sizeof(f), points);
		free_all(points);
		for (size_t k = 0; k < SECTIONS; k++)
			f.sections[k].sh_offset = sizes[i];
		f.sections[SYMTAB].sh_link = (Elf64_Word)sizes[i];
		name_all(&f, sizeof(f), points);
		free_all(points);
	}
}

int main(void)
{
	struct row_tests list = { 0 };

	ROWS_ADD(&list, "elf_name_points", point_rows, test_point);
	rows_add_one(&list, "elf_name_points: cut at each byte", test_cut);
	rows_add_one(&list, "elf_name_points: sections out of their mind", test_out_of_mind);
	return rows_run("elf_symbols", &list);
}
