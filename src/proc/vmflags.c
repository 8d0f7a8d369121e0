/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/vmflags.h"

/* A letter in either case, or another byte; the word tells which. */
#define LETTER(c) ((c)&31)

/* The word of each flag, plus 1; the first is none. */
static const char words[VF_COUNT + 1][2] = {
#define VMA_FLAG_WORD(id, a, b) [VF_##id + 1] = { a, b },
	VMA_FLAGS(VMA_FLAG_WORD)
#undef VMA_FLAG_WORD
};

/* The index in words of what may be that word. */
static const unsigned char by_letters[32][32] = {
#define VMA_FLAG_ROW(id, a, b) [LETTER(a)][LETTER(b)] = VF_##id + 1,
	VMA_FLAGS(VMA_FLAG_ROW)
#undef VMA_FLAG_ROW
};

static bool ends_word(char c)
{
	return c == ' ' || c == '\n';
}

/* Returns the flag of two letters, 0 if there is no such flag. */
static uint64_t flag_of(const char *word)
{
	unsigned int found = by_letters[LETTER(word[0])][LETTER(word[1])];

	return found && memcmp(word, words[found], 2) == 0 ? VMA_FLAG(found - 1) : 0;
}

uint64_t vma_flags_parse(const char *text, size_t len, uint64_t *unknown)
{
	const char *p = text, *end = text + len;
	uint64_t flag, flags = 0;

	/* Flags as the kernel writes them; any other text is parsed byte by byte below. */
	if (p < end && *p == ' ')
		p++;
	for (; end - p >= 3 && p[2] == ' ' && (flag = flag_of(p)); p += 3)
		flags |= flag;
	while (p < end) {
		const char *word = p;

		while (p < end && !ends_word(*p))
			p++;
		flag = p - word == 2 ? flag_of(word) : 0;
		flags |= flag;
		*unknown += !flag && p > word;
		p++;
	}
	return flags;
}

uint64_t vma_flags_recall(struct vma_flags_memo *memo, const char *text, size_t len,
			  uint64_t *unknown)
{
	/* A word and a blank have three bytes: texts of unlike numbers of words stay side by side. */
	size_t i = len / 3 % VMA_FLAGS_MEMOS;
	uint64_t flags, unknown_before = *unknown;

	if (len == memo->texts[i].len && memcmp(text, memo->texts[i].text, len) == 0)
		return memo->texts[i].flags;
	flags = vma_flags_parse(text, len, unknown);
	if (len <= VMA_FLAGS_MEMO_TEXT && *unknown == unknown_before) {
		memcpy(memo->texts[i].text, text, len);
		memo->texts[i].len = (uint32_t)len;
		memo->texts[i].flags = flags;
	}
	return flags;
}

const char *vma_flags_text(char buf[VMA_FLAGS_TEXT], uint64_t flags)
{
	char *p = buf;

	for (uint64_t left = flags & (VMA_FLAG(VF_COUNT) - 1); left; left &= left - 1) {
		const char *word = words[__builtin_ctzll(left) + 1];

		if (p > buf)
			*p++ = ' ';
		memcpy(p, word, sizeof(words[0]));
		p += sizeof(words[0]);
	}
	*p = '\0';
	return buf;
}
