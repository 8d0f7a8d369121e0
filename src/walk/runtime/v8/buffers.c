/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of Buffers and ArrayBuffers of node, which are blocks of malloc. Each has a record
 * among the other blocks that tells where its bytes are, and three times how many (V8's
 * BackingStore: its length, the most that may be, and what there is room for).
 */
#include "walk/alloc/glibc/glibc.h"
#include "walk/runtime/v8/v8.h"

enum {
	RECORD_MIN = 40, /* bytes of a block with a record */
	RECORD_MAX = 128,
	RECORD_WORDS = 4,
	SLACK_MAX = 64,          /* bytes that a block has more than was asked for */
	MAPPED_SLACK_MAX = 8192, /* if it has a mapping of its own */
};

struct search {
	struct walk *d;
	uint16_t owner;
	struct v8_buffers sum;
};

/* Tells whether malloc returned this address for a block of this size. */
static bool is_block(struct memsrc *m, uint64_t addr, uint64_t bytes)
{
	uint64_t head, room, slack;

	if (addr % 16 || addr < GLIBC_HEAD || !memsrc_peek(m, addr - 8, &head, sizeof(head)))
		return false;
	room = (head & ~(uint64_t)GLIBC_FLAGS) - 8;
	slack = head & GLIBC_MMAPPED ? MAPPED_SLACK_MAX : SLACK_MAX;
	return room >= bytes && room - bytes < slack;
}

static void visit(void *arg, uint64_t addr, uint64_t size)
{
	struct search *s = arg;
	uint64_t words[RECORD_WORDS];
	const void *at;

	if (size < RECORD_MIN || size > RECORD_MAX)
		return;
	at = memsrc_at(s->d->mem, addr, sizeof(words));
	if (!at)
		return;
	memcpy(words, at, sizeof(words));
	if (!words[1] || words[1] >> 47 || words[1] != words[2] || words[1] != words[3] ||
	    !is_block(s->d->mem, words[0], words[1]))
		return;
	walk_own(s->d, s->owner, LINE_BUFFERS, words[0]);
	s->sum.count++;
	s->sum.bytes += words[1];
}

bool v8_find_buffers(struct walk *d, uint16_t owner, struct v8_buffers *ret)
{
	struct search s = { .d = d, .owner = owner };

	if (glibc_live_blocks(d, visit, &s) < 0)
		return false;
	*ret = s.sum;
	return true;
}
