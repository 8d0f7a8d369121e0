/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VmFlags: the two-letter flags of a mapping. One list defines the enum and the parser. Source:
 * Documentation/filesystems/proc.rst.
 */
#ifndef PROC_VMFLAGS_H
#define PROC_VMFLAGS_H

#include <stdint.h>

#include "base/util.h"

/* clang-format off */
#define VMA_FLAGS(X)                                                                               \
	X(RD, 'r', 'd') X(WR, 'w', 'r') X(EX, 'e', 'x') X(SH, 's', 'h') X(MR, 'm', 'r')            \
	X(MW, 'm', 'w') X(ME, 'm', 'e') X(MS, 'm', 's') X(GD, 'g', 'd') X(PF, 'p', 'f')            \
	X(DW, 'd', 'w') X(LO, 'l', 'o') X(IO, 'i', 'o') X(SR, 's', 'r') X(RR, 'r', 'r')            \
	X(DC, 'd', 'c') X(DE, 'd', 'e') X(AC, 'a', 'c') X(NR, 'n', 'r') X(HT, 'h', 't')            \
	X(SF, 's', 'f') X(NL, 'n', 'l') X(AR, 'a', 'r') X(WF, 'w', 'f') X(DD, 'd', 'd')            \
	X(SD, 's', 'd') X(MM, 'm', 'm') X(HG, 'h', 'g') X(NH, 'n', 'h') X(MG, 'm', 'g')            \
	X(UM, 'u', 'm') X(UW, 'u', 'w') X(UI, 'u', 'i') X(MT, 'm', 't') X(BT, 'b', 't')            \
	X(SS, 's', 's') X(SL, 's', 'l') X(DP, 'd', 'p') X(LF, 'l', 'f') X(GU, 'g', 'u')
/* clang-format on */

enum vma_flag {
#define VMA_FLAG_ENUM(id, a, b) VF_##id,
	VMA_FLAGS(VMA_FLAG_ENUM)
#undef VMA_FLAG_ENUM
		VF_COUNT
};

_Static_assert(VF_COUNT < 64, "a flag is a bit of 64");

#define VMA_FLAG(f) (UINT64_C(1) << (f))

/*
 * Returns the VMA_FLAG() bits of words that are separated by blanks; adds the number of unknown
 * words to *unknown.
 */
uint64_t vma_flags_parse(const char *text, size_t len, uint64_t *unknown);

enum { VMA_FLAGS_MEMOS = 8, VMA_FLAGS_MEMO_TEXT = 60 };

/* The last texts of several lengths, and their flags: most mappings repeat one. Zeroed at first. */
struct vma_flags_memo {
	struct {
		char text[VMA_FLAGS_MEMO_TEXT];
		uint32_t len; /* 0: none yet */
		uint64_t flags;
	} texts[VMA_FLAGS_MEMOS];
};

/* Does as vma_flags_parse, sooner if the text was met before. */
uint64_t vma_flags_recall(struct vma_flags_memo *memo, const char *text, size_t len,
			  uint64_t *unknown);
/* Writes the words of flags, separated by blanks. */
enum { VMA_FLAGS_TEXT = VF_COUNT * 3 };
const char *vma_flags_text(char buf[VMA_FLAGS_TEXT], uint64_t flags);

#endif
