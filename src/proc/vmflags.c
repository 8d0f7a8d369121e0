/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/vmflags.h"

#define LETTERS 26

/* The flag of two letters plus 1; 0 for all other words. */
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

static bool is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

/* 0 if the word is no flag. */
static uint64_t parse_word(const char *word, size_t len)
{
	unsigned int found;

	if (len != 2 || !is_letter(word[0]) || !is_letter(word[1]))
		return 0;
	found = by_letters[word[0] - 'a'][word[1] - 'a'];
	return found ? VMA_FLAG(found - 1) : 0;
}

uint64_t vma_flags_parse(const char *text, size_t len, uint64_t *unknown)
{
	const char *end = text + len;
	uint64_t flags = 0;

	for (const char *p = text; p < end;) {
		const char *word = p;
		uint64_t flag;

		while (p < end && *p != ' ' && *p != '\n')
			p++;
		flag = parse_word(word, (size_t)(p - word));
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
