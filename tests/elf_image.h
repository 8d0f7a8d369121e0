/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The smallest ELF file with a .bss: a segment of code, and one of data that is larger in memory
 * than in the file.
 */
#ifndef TESTS_ELF_IMAGE_H
#define TESTS_ELF_IMAGE_H

#include <elf.h>

#include "tree.h"

/* Where the data is in the file and, relative to the address of the image, in memory. */
enum {
	ELF_DATA_OFFSET = 0x1000,
	ELF_DATA_ADDR = 0x2000,
	ELF_DATA_SIZE = 0x1800, /* so that two pages are mapped */
	ELF_DATA_END = 0x4000,
};

/* Writes such a file; its .bss ends at this address, relative to that of the image. */
static inline void elf_image_put(const struct tree *t, const char *name, uint64_t bss_end)
{
	const struct {
		Elf64_Ehdr head;
		Elf64_Phdr segments[2];
	} image = {
		.head = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				     EV_CURRENT },
			.e_type = ET_DYN,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 2,
		},
		.segments = {
			{ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_filesz = 0x1000,
			  .p_memsz = 0x1000, .p_align = 0x1000 },
			{ .p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_offset = ELF_DATA_OFFSET,
			  .p_vaddr = ELF_DATA_ADDR, .p_filesz = ELF_DATA_SIZE,
			  .p_memsz = bss_end - ELF_DATA_ADDR, .p_align = 0x1000 },
		},
	};

	tree_put_bytes(t, name, &image, sizeof(image));
}

#endif
