/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proc/elf on files made byte by byte, most of which no linker would write. */
#include "proc/elf.h"

#include <elf.h>
#include <errno.h>
#include <sys/mman.h>

#include "tree.h"

enum { SEGMENTS = 4 };

/* The file to make: an ELF header, followed by program headers. */
struct image {
	int bits; /* 64 or 32 */
	bool big_endian;
	uint16_t type;
	struct {
		uint32_t type, flags;
		uint64_t offset, vaddr, filesz, memsz, align;
	} segments[SEGMENTS];
	uint16_t n;     /* e_phnum; segments beyond SEGMENTS are like the last */
	uint64_t shoff; /* offset of the section table, which is not written */
	uint16_t shnum; /* and its length */
	uint64_t step;  /* between the addresses of segments beyond SEGMENTS */
};

static void put(struct sbuf *out, const struct image *im, uint64_t v, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		sbuf_addch(out, (char)(v >> 8 * (im->big_endian ? bytes - 1 - i : i)));
}

static void put_header(struct sbuf *out, const struct image *im)
{
	const char ident[EI_NIDENT] = { ELFMAG0,
					ELFMAG1,
					ELFMAG2,
					ELFMAG3,
					im->bits == 64 ? ELFCLASS64 : ELFCLASS32,
					im->big_endian ? ELFDATA2MSB : ELFDATA2LSB,
					EV_CURRENT };
	unsigned int word = (unsigned int)im->bits / 8, head = word == 8 ? 64 : 52;

	sbuf_add(out, ident, sizeof(ident));
	put(out, im, im->type, 2);
	put(out, im, im->bits == 64 ? EM_X86_64 : EM_386, 2);
	put(out, im, EV_CURRENT, 4);
	put(out, im, 0, word); /* e_entry */
	put(out, im, im->n ? head : 0, word);
	put(out, im, im->shoff, word);
	put(out, im, 0, 4); /* e_flags */
	put(out, im, head, 2);
	put(out, im, word == 8 ? 56 : 32, 2);
	put(out, im, im->n, 2);
	put(out, im, word == 8 ? 64 : 40, 2);
	put(out, im, im->shnum, 2);
	put(out, im, 0, 2);
}

static void put_segment(struct sbuf *out, const struct image *im, unsigned int i)
{
	unsigned int word = (unsigned int)im->bits / 8, k = MIN(i, SEGMENTS - 1U);

	put(out, im, im->segments[k].type, 4);
	if (word == 8)
		put(out, im, im->segments[k].flags, 4);
	put(out, im, im->segments[k].offset, word);
	put(out, im, im->segments[k].vaddr + im->step * (i - k), word);
	put(out, im, 0, word); /* p_paddr */
	put(out, im, im->segments[k].filesz, word);
	put(out, im, im->segments[k].memsz, word);
	if (word == 4)
		put(out, im, im->segments[k].flags, 4);
	put(out, im, im->segments[k].align, word);
}

static void put_image(struct sbuf *out, const struct image *im)
{
	put_header(out, im);
	for (unsigned int i = 0; i < im->n; i++)
		put_segment(out, im, i);
}

static int file_of(const void *bytes, size_t n)
{
	int fd = memfd_create("t_elf", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	return fd;
}

#define CODE                                                                                       \
	{                                                                                          \
		PT_LOAD, PF_R | PF_X, 0, 0, 0x1000, 0x1000, 0x1000                                 \
	}
#define DATA                                                                                       \
	{                                                                                          \
		PT_LOAD, PF_R | PF_W, 0x1000, 0x2000, 0x800, 0x5000, 0x200000                      \
	}
#define NOTE                                                                                       \
	{                                                                                          \
		PT_NOTE, PF_R, 0x200, 0x200, 0x20, 0x20, 4                                         \
	}

struct info_row {
	const char *name;
	struct image image;
	int want_return;
	size_t want_n; /* the first is CODE, the second DATA */
};

static const struct info_row sane_rows[] = {
	{ "a library", { 64, false, ET_DYN, { NOTE, CODE, DATA }, .n = 3 }, 0, 2 },
	{ "a program", { 64, false, ET_EXEC, { CODE, DATA }, .n = 2 }, 0, 2 },
	{ "32 bits", { 32, false, ET_DYN, { NOTE, CODE, DATA }, .n = 3 }, 0, 2 },
	{ "big-endian", { 64, true, ET_DYN, { CODE, DATA }, .n = 2 }, 0, 2 },
	{ "32 bits, big-endian", { 32, true, ET_DYN, { CODE, NOTE, DATA }, .n = 3 }, 0, 2 },
	{ "one segment", { 64, false, ET_DYN, { CODE }, .n = 1 }, 0, 1 },
	{ "a section table that is not there",
	  { 64, false, ET_DYN, { CODE, DATA }, .n = 2, .shoff = 1 << 20, .shnum = 30 },
	  0,
	  2 },
};

static const struct info_row insane_rows[] = {
	{ "an object file", { 64, false, ET_REL, { CODE }, .n = 1 }, -ENOEXEC, 0 },
	{ "a core dump", { 64, false, ET_CORE, { CODE }, .n = 1 }, -ENOEXEC, 0 },
	{ "no segments", { 64, false, ET_DYN, .n = 0 }, -ENOEXEC, 0 },
	{ "no segment to load", { 64, false, ET_DYN, { NOTE }, .n = 1 }, -ENOEXEC, 0 },
	{ "a segment that is longer in the file",
	  { 64, false, ET_DYN, { { PT_LOAD, PF_R, 0, 0, 0x1001, 0x1000, 0x1000 } }, .n = 1 },
	  -ENOEXEC,
	  0 },
	{ "an address that wraps",
	  { 64, false, ET_DYN, { { PT_LOAD, PF_R, 0, UINT64_MAX - 0xfff, 0, 0x1001, 1 } }, .n = 1 },
	  -ENOEXEC,
	  0 },
	{ "an offset that wraps",
	  { 64, false, ET_DYN, { { PT_LOAD, PF_R, UINT64_MAX - 1, 0, 2, 2, 1 } }, .n = 1 },
	  -ENOEXEC,
	  0 },
	{ "an alignment that is not a power of two",
	  { 64, false, ET_DYN, { { PT_LOAD, PF_R, 0, 0, 0, 0, 0x1800 } }, .n = 1 },
	  -ENOEXEC,
	  0 },
	{ "segments that overlap", { 64, false, ET_DYN, { CODE, CODE }, .n = 2 }, -ENOEXEC, 0 },
	{ "segments in descending order",
	  { 64, false, ET_DYN, { DATA, CODE }, .n = 2 },
	  -ENOEXEC,
	  0 },
};

static void check_segment(const struct elf_segment *got, uint64_t offset, uint64_t vaddr,
			  uint64_t filesz, uint64_t memsz, uint32_t flags)
{
	assert_int_equal(got->offset, offset);
	assert_int_equal(got->vaddr, vaddr);
	assert_int_equal(got->filesz, filesz);
	assert_int_equal(got->memsz, memsz);
	assert_int_equal(got->flags, flags);
}

static void test_info(void **state)
{
	const struct info_row *row = *state;
	auto_sbuf bytes = SBUF_INIT;
	auto_close int fd = -1;
	struct elf_info info = { .n_load = 4711 };

	put_image(&bytes, &row->image);
	fd = file_of(bytes.data, bytes.len);
	assert_int_equal(elf_info_read(fd, &info), row->want_return);
	if (row->want_return < 0) {
		assert_int_equal(info.n_load, 4711);
		return;
	}
	assert_int_equal(info.n_load, row->want_n);
	check_segment(&info.load[0], 0, 0, 0x1000, 0x1000, PF_R | PF_X);
	if (row->want_n > 1)
		check_segment(&info.load[1], 0x1000, 0x2000, 0x800, 0x5000, PF_R | PF_W);
	assert_int_equal(info.align, row->want_n > 1 ? 0x200000 : 0x1000);
	elf_info_release(&info);
	assert_null(info.load);
}

static void test_cut(void **state)
{
	const struct info_row *row = *state;
	auto_sbuf bytes = SBUF_INIT;

	put_image(&bytes, &row->image);
	for (size_t n = 0; n < bytes.len; n++) {
		auto_close int fd = file_of(bytes.data, n);
		struct elf_info info;

		assert_int_equal(elf_info_read(fd, &info), -ENOEXEC);
	}
}

static void test_number(void **state attr_unused)
{
	static const struct {
		uint16_t n;
		int want;
	} rows[] = { { 128, 0 }, { 129, -ENOEXEC }, { 0xfffe, -ENOEXEC }, { PN_XNUM, -ENOEXEC } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct image image = {
			64,
			false,
			ET_DYN,
			{ NOTE, NOTE, NOTE, { PT_LOAD, PF_R, 0, 0, 0x10, 0x10, 1 } },
			.n = rows[i].n,
			.step = 0x1000,
		};
		auto_sbuf bytes = SBUF_INIT;
		auto_close int fd = -1;
		struct elf_info info = { .load = NULL };

		put_image(&bytes, &image);
		fd = file_of(bytes.data, bytes.len);
		assert_int_equal(elf_info_read(fd, &info), rows[i].want);
		assert_int_equal(info.n_load, rows[i].want < 0 ? 0 : 125);
		elf_info_release(&info);
	}
}

/* Ten gigabytes of sections in a file of one page: no memory may be allocated for them. */
static void test_hidden_sections(void **state attr_unused)
{
	const struct image image = { 64, false, ET_DYN, { CODE }, .n = 1, .shoff = 4096 };
	Elf64_Shdr first = { .sh_size = UINT64_C(10) << 30 >> 6 };
	auto_sbuf bytes = SBUF_INIT, version = SBUF_INIT;
	auto_close int fd = -1;
	struct elf_info info;

	put_image(&bytes, &image);
	fd = file_of(bytes.data, bytes.len);
	assert_int_equal(pwrite(fd, &first, sizeof(first), 4096), sizeof(first));
	assert_int_equal(ftruncate(fd, (off_t)11 << 30), 0);
	assert_int_equal(elf_info_read(fd, &info), -ENOEXEC);
	assert_int_equal(elf_go_version(fd, &version), -ENOEXEC);
}

/* A program that has only the section .go.buildinfo. */
struct go_row {
	const char *name;
	const char *section; /* its name */
	const char *contents;
	size_t len;
	uint64_t names_size; /* sh_size of the names; 0: the real size */
	int want_return;
	const char *want;
};

#define MAGIC "\xff Go buildinf:"
#define HEAD(flags) MAGIC "\x08" flags "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define GO(text) ".go.buildinfo", text, sizeof(text) - 1, 0

static const struct go_row go_rows[] = {
	{ "a release",
	  GO(HEAD("\2") "\x08go1.19.8\x05"
			"path\t"),
	  0, "go1.19.8" },
	{ "big-endian flag too", GO(HEAD("\3") "\x04go1."), 0, "go1." },
	{ "a development version",
	  GO(HEAD("\2") "\x14"
			"devel go1.23-0a1b2c3"),
	  0, "devel go1.23-0a1b2c3" },
	{ "pointers, before Go 1.18", GO(HEAD("\0") "\x08go1.17.1"), -ENOTSUP, NULL },
	{ "the strings are missing", GO(HEAD("\2")), -EBADMSG, NULL },
	{ "an empty version", GO(HEAD("\2") "\0"), -EBADMSG, NULL },
	{ "longer than the section", GO(HEAD("\2") "\x09go1.19.8"), -EBADMSG, NULL },
	{ "a length of two bytes", GO(HEAD("\2") "\x80\x01go1.19.8"), -EBADMSG, NULL },
	{ "a wrong magic", GO("\xff No buildinf:\x08\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\4go1."),
	  -EBADMSG, NULL },
	{ "half a header", GO(MAGIC), -EBADMSG, NULL },
	{ "only the table of functions", ".gopclntab", "", 0, 0, -ENOTSUP, NULL },
	{ "no such section", ".go.buildinfo2", HEAD("\2") "\4go1.", 37, 0, -ENOENT, NULL },
	{ "too many section names", ".go.buildinfo", HEAD("\2") "\4go1.", 37, UINT64_C(8) << 30,
	  -ENOENT, NULL },
};

static void put_go_program(struct sbuf *out, const struct go_row *row)
{
	struct image im = { 64, false, ET_EXEC, { CODE }, .n = 1, .shnum = 3 };
	size_t contents = 64 + 56, names = contents + row->len, shstrndx = 62;
	Elf64_Shdr sections[3] = { { .sh_type = SHT_NULL } };

	im.shoff = (names + 1 + strlen(row->section) + 1 + 7) & ~UINT64_C(7);
	put_image(out, &im);
	sbuf_add(out, row->contents, row->len);
	sbuf_addch(out, '\0');
	sbuf_add(out, row->section, strlen(row->section) + 1);
	while (out->len < im.shoff)
		sbuf_addch(out, '\0');
	sections[1].sh_type = SHT_PROGBITS;
	sections[1].sh_name = 1;
	sections[1].sh_offset = contents;
	sections[1].sh_size = row->len;
	sections[2].sh_type = SHT_STRTAB;
	sections[2].sh_offset = names;
	sections[2].sh_size = row->names_size ? row->names_size : strlen(row->section) + 2;
	sbuf_add(out, sections, sizeof(sections));
	out->data[shstrndx] = 2;
}

static void test_go(void **state)
{
	const struct go_row *row = *state;
	auto_sbuf bytes = SBUF_INIT, version = SBUF_INIT;
	auto_close int fd = -1;

	put_go_program(&bytes, row);
	fd = file_of(bytes.data, bytes.len);
	if (row->names_size)
		assert_int_equal(ftruncate(fd, (off_t)16 << 30), 0);
	sbuf_adds(&version, "rest");
	assert_int_equal(elf_go_version(fd, &version), row->want_return);
	if (row->want_return == 0)
		assert_string_equal(sbuf_str(&version), row->want);
}

static void test_go_cut(void **state attr_unused)
{
	auto_sbuf bytes = SBUF_INIT, version = SBUF_INIT;

	put_go_program(&bytes, &go_rows[0]);
	for (size_t n = 0; n < bytes.len; n++) {
		auto_close int fd = file_of(bytes.data, n);

		assert_true(elf_go_version(fd, &version) < 0);
	}
}

struct open_row {
	const char *name;
	const char *path;
	int want; /* 0: opened */
};

static const struct open_row open_rows[] = {
	{ "a file of the recorded root", "/lib/a.so", 0 },
	{ "no file", "/lib/b.so", -ENOENT },
	{ "a link stays in the root", "/lib/link", 0 },
	{ "a pipe is not waited for", "/lib/pipe", -EINVAL },
	{ "a directory", "/lib", -EINVAL },
	{ "a device", "/dev/zero", -EINVAL },
};

static void test_open(void **state)
{
	const struct open_row *row = *state;
	const struct procfs fs = PROCFS_INIT;
	auto_tree t = tree_make();
	auto_close int fd = -1;

	tree_put(&t, "root/lib/a.so", "x");
	tree_put(&t, "root/dev/zero", "x");
	tree_put(&t, "map_files/1000-2000", "never looked at in a recorded tree");
	assert_int_equal(symlinkat("/lib/a.so", t.fd, "root/lib/link"), 0);
	assert_int_equal(mkfifoat(t.fd, "root/lib/pipe", 0600), 0);
	fd = elf_open_mapped(&fs, t.fd, 0x1000, 0x2000, row->path, 8, 1, 12345);
	if (fd == -ENOSYS)
		skip(); /* no openat2 */
	assert_int_equal(MIN(fd, 0), row->want);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "headers", sane_rows, test_info);
	ROWS_ADD(&list, "headers, cut at each byte", sane_rows, test_cut);
	ROWS_ADD(&list, "headers", insane_rows, test_info);
	rows_add_one(&list, "headers: their number is bounded", test_number);
	rows_add_one(&list, "headers: sections counted in the first one", test_hidden_sections);
	ROWS_ADD(&list, "Go version", go_rows, test_go);
	rows_add_one(&list, "Go version, cut at each byte", test_go_cut);
	ROWS_ADD(&list, "open", open_rows, test_open);
	return rows_run("elf", &list);
}
