/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/elf.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/alloc.h"
#include "base/io.h"
#include "proc/rootfile.h"

enum {
	SEGMENTS_MAX = 128,   /* program headers of all types; linkers write about 13 */
	NAMES_MAX = 1 << 20,  /* bytes of section names */
	GO_HEADER_BYTES = 32, /* before the strings of .go.buildinfo */
	GO_FLAGS_AT = 15,     /* the byte that holds the flags */
	GO_FLAG_INLINE = 2,   /* strings follow; otherwise, before Go 1.18, pointers to strings */
	GO_VERSION_MAX = 127, /* a longer one has a length of two bytes (varint) */
};

static void cleanup_elf(Elf **elf)
{
	if (*elf)
		(void)elf_end(*elf);
}

#define auto_elf __attribute__((cleanup(cleanup_elf))) Elf

static int open_map_file(int dirfd, uint64_t start, uint64_t end)
{
	auto_close int fd = -1;
	char name[64];
	struct stat st;

	(void)snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, start, end);
	fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? steal_fd(&fd) : -EINVAL;
}

static bool is_file(int fd, uint32_t major, uint32_t minor, uint64_t inode)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_ino == inode &&
	       (st.st_dev == makedev(major, minor) || (major == 0 && major(st.st_dev) == 0));
}

int elf_open_mapped(const struct procfs *fs, int dirfd, uint64_t start, uint64_t end,
		    const char *path, uint32_t major, uint32_t minor, uint64_t inode)
{
	auto_close int fd = -1;

	if (starts_with(path, "/dev/")) /* opening a device could change its state */
		return -EINVAL;
	fd = fs->live ? open_map_file(dirfd, start, end) : -1;
	if (fd >= 0)
		return steal_fd(&fd);
	fd = rootfile_open(fs, dirfd, path);
	if (fd >= 0 && fs->live && !is_file(fd, major, minor, inode))
		return -ESTALE;
	return steal_fd(&fd);
}

/*
 * Returns whether the header leaves the length of the section table to the first entry of the
 * table. libelf would allocate that many entries when it opens the file; no real program has so
 * many sections.
 */
static bool hides_section_count(int fd)
{
	union {
		unsigned char bytes[sizeof(Elf64_Ehdr)];
		Elf64_Ehdr wide;
		Elf32_Ehdr narrow;
	} head = { .bytes = { 0 } };

	if (pread(fd, head.bytes, sizeof(head), 0) < (ssize_t)sizeof(Elf32_Ehdr))
		return false;
	return head.bytes[EI_CLASS] == ELFCLASS32
		       ? head.narrow.e_shnum == 0 && head.narrow.e_shoff != 0
		       : head.wide.e_shnum == 0 && head.wide.e_shoff != 0;
}

/* Opens the file for libelf. Returns NULL if it is not a program or library. */
static Elf *open_elf(int fd)
{
	auto_elf *elf = NULL;
	GElf_Ehdr head;

	if (hides_section_count(fd) || elf_version(EV_CURRENT) == EV_NONE)
		return NULL;
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &head) ||
	    (head.e_type != ET_EXEC && head.e_type != ET_DYN))
		return NULL;
	return steal_ptr(elf);
}

/*
 * Returns whether a segment is as in a program that can run: segments do not overlap, and no
 * address overflows.
 */
static bool is_sane(const GElf_Phdr *ph, const struct elf_info *info)
{
	const struct elf_segment *last = info->n_load ? &info->load[info->n_load - 1] : NULL;

	return ph->p_memsz >= ph->p_filesz && ph->p_vaddr <= UINT64_MAX - ph->p_memsz &&
	       ph->p_offset <= UINT64_MAX - ph->p_filesz &&
	       (ph->p_align & (ph->p_align - 1)) == 0 &&
	       (!last || ph->p_vaddr >= last->vaddr + last->memsz);
}

static bool read_segments(Elf *elf, size_t n, struct elf_info *info)
{
	info->load = xcalloc(n, sizeof(*info->load));
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr ph;

		if (!gelf_getphdr(elf, (int)i, &ph))
			return false;
		if (ph.p_type != PT_LOAD)
			continue;
		if (!is_sane(&ph, info))
			return false;
		info->load[info->n_load++] = (struct elf_segment){
			.vaddr = ph.p_vaddr,
			.offset = ph.p_offset,
			.filesz = ph.p_filesz,
			.memsz = ph.p_memsz,
			.flags = ph.p_flags,
		};
		info->align = MAX(info->align, ph.p_align);
	}
	return info->n_load > 0;
}

int elf_info_read(int fd, struct elf_info *ret_info)
{
	auto_elf *elf = open_elf(fd);
	struct elf_info info = { 0 };
	GElf_Ehdr head;

	if (!elf || !gelf_getehdr(elf, &head) || head.e_phnum == 0 || head.e_phnum > SEGMENTS_MAX)
		return -ENOEXEC;
	if (!read_segments(elf, head.e_phnum, &info)) {
		elf_info_release(&info);
		return -ENOEXEC;
	}
	*ret_info = info;
	return 0;
}

void elf_info_release(struct elf_info *info)
{
	free(info->load);
	*info = (struct elf_info){ 0 };
}

static bool find_section(Elf *elf, const char *name, GElf_Shdr *ret_header)
{
	GElf_Shdr header;
	Elf_Scn *section;
	size_t names;

	if (elf_getshdrstrndx(elf, &names) < 0)
		return false;
	/* libelf reads all names at once, whatever size the file states for them. */
	section = elf_getscn(elf, names);
	if (!section || !gelf_getshdr(section, &header) || header.sh_size > NAMES_MAX)
		return false;
	for (section = NULL; (section = elf_nextscn(elf, section));) {
		const char *found;

		if (!gelf_getshdr(section, &header))
			return false;
		found = elf_strptr(elf, names, header.sh_name);
		if (!found || !streq(found, name))
			continue;
		*ret_header = header;
		return true;
	}
	return false;
}

int elf_table_find(int fd, uint32_t type, struct elf_table *ret)
{
	auto_elf *elf = open_elf(fd);
	Elf_Scn *section = NULL;
	GElf_Shdr table, names;

	if (!elf || gelf_getclass(elf) != ELFCLASS64)
		return -ENOEXEC;
	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, &table))
			return -ENOEXEC;
		if (table.sh_type == type)
			break;
	}
	if (!section || table.sh_entsize != sizeof(Elf64_Sym))
		return -ENOENT;
	section = elf_getscn(elf, table.sh_link);
	if (!section || !gelf_getshdr(section, &names) || names.sh_type != SHT_STRTAB)
		return -ENOENT;
	*ret = (struct elf_table){ table.sh_offset, table.sh_size, names.sh_offset, names.sh_size };
	return 0;
}

/* Source: Go, debug/buildinfo: the magic, the size of a pointer, flags; strings from byte 32 on. */
int elf_go_version(int fd, struct sbuf *out)
{
	static const char magic[] = "\xff Go buildinf:";
	unsigned char text[GO_HEADER_BYTES + 1 + GO_VERSION_MAX] = { 0 };
	auto_elf *elf = open_elf(fd);
	GElf_Shdr header;
	size_t n, len;
	int ret;

	if (!elf)
		return -ENOEXEC;
	if (!find_section(elf, ".go.buildinfo", &header))
		return find_section(elf, ".gopclntab", &header) ? -ENOTSUP : -ENOENT;
	n = MIN((size_t)header.sh_size, sizeof(text));
	ret = io_pread_full(fd, text, n, header.sh_offset);
	if (ret < 0)
		return ret == -ENODATA ? -EBADMSG : ret;
	if (n <= GO_HEADER_BYTES || memcmp(text, magic, strlen(magic)) != 0)
		return -EBADMSG;
	if (!(text[GO_FLAGS_AT] & GO_FLAG_INLINE))
		return -ENOTSUP;
	len = text[GO_HEADER_BYTES];
	if (len == 0 || len > n - GO_HEADER_BYTES - 1)
		return -EBADMSG;
	sbuf_reset(out);
	sbuf_add(out, text + GO_HEADER_BYTES + 1, len);
	return 0;
}
