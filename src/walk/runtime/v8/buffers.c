/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of Buffers and ArrayBuffers of node, which are blocks of malloc. Each has a record
 * among the other blocks that states where its bytes are and, three times, how many there are (V8's
 * BackingStore: its length, its maximum, and its capacity)
 */
#include "walk/alloc/glibc/glibc.h"
#include "walk/runtime/v8/v8.h"

enum {
	RECORD_MIN = 40, /* bytes of a block with a record */
	RECORD_MAX = 128,
	RECORD_WORDS = 4,
};

struct search {
	struct walk *walk;
	uint16_t owner;
	struct v8_buffers sum;
};

static void visit(void *arg, uint64_t addr, uint64_t size)
{
	struct search *s = arg;
	uint64_t words[RECORD_WORDS];
	const void *at;

	if (size < RECORD_MIN || size > RECORD_MAX)
		return;
	at = memsrc_at(s->walk->mem, addr, sizeof(words));
	if (!at)
		return;
	memcpy(words, at, sizeof(words));
	if (!words[1] || words[1] >> 47 || words[1] != words[2] || words[1] != words[3] ||
	    !glibc_is_block(s->walk->mem, words[0], words[1]))
		return;
	walk_own(s->walk, s->owner, LINE_BUFFERS, words[0]);
	s->sum.count++;
	s->sum.bytes += words[1];
}

bool v8_find_buffers(struct walk *walk, uint16_t owner, struct v8_buffers *ret)
{
	struct search s = { .walk = walk, .owner = owner };

	if (glibc_live_blocks(walk, visit, &s) < 0)
		return false;
	*ret = s.sum;
	return true;
}
