/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/elf_symbols.h"

#include <elf.h>
#include <errno.h>

#include "base/alloc.h"
#include "base/io.h"
#include "proc/elf.h"

enum {
	BLOCK = 1024,               /* symbols read at once */
	SYMBOLS_MAX = 16 << 20,     /* of one table */
	SYMBOL_NAME_MAX = 1024,     /* bytes; a symbol with a longer name is ignored */
	SYMBOL_SIZE_MAX = 16 << 20, /* bytes; a larger symbol is ignored */
};

/* Returns the index of the first point at or behind an address. */
static size_t first_from(const struct elf_point *points, size_t n, uint64_t vaddr)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (points[mid].vaddr < vaddr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/*
 * Returns the name of a symbol, which the caller frees; NULL if it does not begin with the prefix.
 */
static char *read_name(int fd, const struct elf_table *t, uint32_t at, const char *prefix)
{
	char name[SYMBOL_NAME_MAX];
	size_t n;

	if (at >= t->names_bytes || t->names_offset > UINT64_MAX - at)
		return NULL;
	n = (size_t)MIN(t->names_bytes - at, (uint64_t)sizeof(name));
	if (io_pread_full(fd, name, n, t->names_offset + at) < 0 || !memchr(name, '\0', n) ||
	    !starts_with(name, prefix))
		return NULL;
	return xstrdup(name);
}

static bool is_data(const Elf64_Sym *s)
{
	return ELF64_ST_TYPE(s->st_info) == STT_OBJECT && s->st_shndx != SHN_UNDEF && s->st_size &&
	       s->st_size <= SYMBOL_SIZE_MAX && s->st_value <= UINT64_MAX - s->st_size;
}

static void name_covered(int fd, const struct elf_table *t, const Elf64_Sym *s, const char *prefix,
			 struct elf_point *points, size_t n)
{
	size_t i = first_from(points, n, s->st_value);

	for (; i < n && points[i].vaddr < s->st_value + s->st_size; i++) {
		if (points[i].symbol)
			continue;
		points[i].symbol = read_name(fd, t, s->st_name, prefix);
		points[i].offset = points[i].vaddr - s->st_value;
		if (!points[i].symbol)
			return;
	}
}

/*
 * The table may have megabytes, so it is read piece by piece, and only names that are needed are
 * read.
 */
static void name_by(int fd, uint32_t type, const char *prefix, struct elf_point *points, size_t n)
{
	Elf64_Sym block[BLOCK];
	struct elf_table t;
	uint64_t left, at;

	if (elf_table_find(fd, type, &t) < 0)
		return;
	at = t.offset;
	left = MIN(t.bytes / sizeof(*block), (uint64_t)SYMBOLS_MAX);
	while (left) {
		size_t some = (size_t)MIN(left, (uint64_t)BLOCK);

		if (at > INT64_MAX - sizeof(block) ||
		    io_pread_full(fd, block, some * sizeof(*block), at) < 0)
			return;
		for (size_t i = 0; i < some; i++) {
			if (is_data(&block[i]))
				name_covered(fd, &t, &block[i], prefix, points, n);
		}
		at += some * sizeof(*block);
		left -= some;
	}
}

void elf_name_points(int fd, const char *prefix, struct elf_point *points, size_t n)
{
	name_by(fd, SHT_SYMTAB, prefix, points, n);
	name_by(fd, SHT_DYNSYM, prefix, points, n);
}
