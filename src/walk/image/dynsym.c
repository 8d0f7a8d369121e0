/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/image/dynsym.h"

#include <elf.h>

enum {
	HEADERS_MAX = 128,   /* program headers */
	DYNAMIC_MAX = 256,   /* entries of the dynamic section */
	CHAIN_MAX = 1 << 16, /* symbols of one hash; more count as broken */
	NAME_MAX_BYTES = 256,
};

/* Returns where the beginning of the file is mapped; 0: nowhere. */
static uint64_t find_head(const struct snapshot *s, uint32_t file)
{
	for (size_t i = 0; i < s->n_regions; i++) {
		if (s->regions[i].file == file && s->regions[i].offset == 0)
			return s->regions[i].start;
	}
	return 0;
}

/* Finds the address of the dynamic section, and the bias. */
static bool find_dynamic(struct dynsym *s, uint64_t head, uint64_t *ret)
{
	Elf64_Ehdr eh;
	uint64_t dynamic = 0, first = UINT64_MAX;

	if (!images_read(s->im, head, &eh, sizeof(eh)) ||
	    memcmp(eh.e_ident, ELFMAG, SELFMAG) != 0 || eh.e_ident[EI_CLASS] != ELFCLASS64 ||
	    eh.e_phentsize != sizeof(Elf64_Phdr) || eh.e_phnum > HEADERS_MAX)
		return false;
	for (size_t i = 0; i < eh.e_phnum; i++) {
		Elf64_Phdr ph;

		if (!images_read(s->im, head + eh.e_phoff + i * sizeof(ph), &ph, sizeof(ph)))
			return false;
		if (ph.p_type == PT_LOAD && first == UINT64_MAX)
			first = ph.p_vaddr - ph.p_offset;
		else if (ph.p_type == PT_DYNAMIC)
			dynamic = ph.p_vaddr;
	}
	s->bias = head - first;
	*ret = dynamic + s->bias;
	return dynamic && first != UINT64_MAX;
}

/* The loader of glibc overwrites what the file has with addresses; others do not. */
static uint64_t to_address(const struct dynsym *s, uint64_t value)
{
	return value < s->bias ? value + s->bias : value;
}

static bool read_dynamic(struct dynsym *s, uint64_t dynamic)
{
	for (size_t i = 0; i < DYNAMIC_MAX; i++) {
		Elf64_Dyn entry;

		if (!images_read(s->im, dynamic + i * sizeof(entry), &entry, sizeof(entry)))
			return false;
		switch (entry.d_tag) {
		case DT_NULL:
			return s->symbols && s->strings && (s->gnu_hash || s->sysv_hash);
		case DT_SYMTAB:
			s->symbols = to_address(s, entry.d_un.d_ptr);
			break;
		case DT_STRTAB:
			s->strings = to_address(s, entry.d_un.d_ptr);
			break;
		case DT_STRSZ:
			s->strings_bytes = entry.d_un.d_val;
			break;
		case DT_GNU_HASH:
			s->gnu_hash = to_address(s, entry.d_un.d_ptr);
			break;
		case DT_HASH:
			s->sysv_hash = to_address(s, entry.d_un.d_ptr);
			break;
		default:
			break;
		}
	}
	return false;
}

bool dynsym_open(struct dynsym *ret, struct images *im, uint32_t file)
{
	struct dynsym s = { .im = im };
	uint64_t head = find_head(im->walk->snap, file), dynamic;

	if (!head || !find_dynamic(&s, head, &dynamic) || !read_dynamic(&s, dynamic))
		return false;
	*ret = s;
	return true;
}

static bool read_half(const struct dynsym *s, uint64_t addr, uint32_t *ret)
{
	return images_read(s->im, addr, ret, sizeof(*ret));
}

/* Tells whether symbol i has this name and is defined; *ret is its address. */
static bool is_symbol(const struct dynsym *s, uint32_t i, const char *name, uint64_t *ret)
{
	size_t len = strlen(name) + 1;
	char text[NAME_MAX_BYTES];
	Elf64_Sym sym;

	if (len > sizeof(text) ||
	    !images_read(s->im, s->symbols + (uint64_t)i * sizeof(sym), &sym, sizeof(sym)) ||
	    sym.st_shndx == SHN_UNDEF || ELF64_ST_TYPE(sym.st_info) == STT_TLS ||
	    sym.st_name >= s->strings_bytes || s->strings_bytes - sym.st_name < len ||
	    !images_read(s->im, s->strings + sym.st_name, text, len) ||
	    memcmp(text, name, len) != 0)
		return false;
	*ret = sym.st_value + s->bias;
	return true;
}

/* Looks a symbol up in the GNU hash section: buckets of runs of symbols. Source: binutils. */
static bool find_gnu(const struct dynsym *s, const char *name, uint64_t *ret)
{
	uint32_t head[4], hash = 5381, i, found;
	uint64_t buckets, chain;

	for (const char *c = name; *c; c++)
		hash = hash * 33 + (unsigned char)*c;
	if (!images_read(s->im, s->gnu_hash, head, sizeof(head)) || head[0] == 0)
		return false;
	buckets = s->gnu_hash + sizeof(head) + (uint64_t)head[2] * 8;
	chain = buckets + (uint64_t)head[0] * 4;
	if (!read_half(s, buckets + (uint64_t)(hash % head[0]) * 4, &i) || i < head[1])
		return false;
	for (size_t n = 0; n < CHAIN_MAX; n++, i++) {
		if (!read_half(s, chain + (uint64_t)(i - head[1]) * 4, &found))
			return false;
		if ((found | 1) == (hash | 1) && is_symbol(s, i, name, ret))
			return true;
		if (found & 1)
			return false;
	}
	return false;
}

/* Looks a symbol up in the hash table of the System V ABI. */
static bool find_sysv(const struct dynsym *s, const char *name, uint64_t *ret)
{
	uint32_t head[2], hash = 0, i;

	for (const char *c = name; *c; c++) {
		hash = (hash << 4) + (unsigned char)*c;
		hash = (hash ^ (hash >> 24 & 0xf0)) & 0xfffffff;
	}
	if (!images_read(s->im, s->sysv_hash, head, sizeof(head)) || head[0] == 0 ||
	    !read_half(s, s->sysv_hash + sizeof(head) + (uint64_t)(hash % head[0]) * 4, &i))
		return false;
	for (size_t n = 0; i && n < CHAIN_MAX; n++) {
		if (is_symbol(s, i, name, ret))
			return true;
		if (!read_half(s, s->sysv_hash + sizeof(head) + ((uint64_t)head[0] + i) * 4, &i))
			return false;
	}
	return false;
}

bool dynsym_find(const struct dynsym *s, const char *name, uint64_t *ret_addr)
{
	return s->gnu_hash ? find_gnu(s, name, ret_addr) : find_sysv(s, name, ret_addr);
}
