/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/vmflags.h"

#define LETTERS 26

/* The flag of two letters plus 1; 0 for all other pairs. */
static const unsigned char by_letters[LETTERS][LETTERS] = {
#define VMA_FLAG_ROW(id, a, b) [(a) - 'a'][(b) - 'a'] = VF_##id + 1,
	VMA_FLAGS(VMA_FLAG_ROW)
#undef VMA_FLAG_ROW
};

static const char words[VF_COUNT][2] = {
#define VMA_FLAG_WORD(id, a, b) [VF_##id] = { a, b },
	VMA_FLAGS(VMA_FLAG_WORD)
#undef VMA_FLAG_WORD
};

static bool ends_word(char c)
{
	return c == ' ' || c == '\n';
}

/* Returns the flag of two letters, 0 if there is no such flag. */
static uint64_t flag_of(const char *word)
{
	unsigned int first = (unsigned char)word[0] - 'a', second = (unsigned char)word[1] - 'a';
	unsigned int found = first < LETTERS && second < LETTERS ? by_letters[first][second] : 0;

	return found ? VMA_FLAG(found - 1) : 0;
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

const char *vma_flags_text(char buf[VMA_FLAGS_TEXT], uint64_t flags)
{
	char *p = buf;

	for (int i = 0; i < VF_COUNT; i++) {
		if (!(flags & VMA_FLAG(i)))
			continue;
		if (p > buf)
			*p++ = ' ';
		memcpy(p, words[i], sizeof(words[i]));
		p += sizeof(words[i]);
	}
	*p = '\0';
	return buf;
}
