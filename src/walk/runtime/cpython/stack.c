/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/cpython/stack.h"

enum {
	CHUNK_MIN =
		16
		<< 10, /* bytes of a chunk, which is doubled for the frames of a large function */
	CHUNK_MAX = 1 << 30,
	PAGE = 4096,
};

/* How a chunk begins, struct _PyStackChunk. */
struct head {
	uint64_t previous, bytes, top; /* top: in use, in words behind the head */
};

/* The newest chunk, as the state of a thread describes it. */
struct newest {
	uint64_t chunk, top, limit;
};

static bool is_size(uint64_t n)
{
	return n >= CHUNK_MIN && n <= CHUNK_MAX && (n & (n - 1)) == 0;
}

static void follow(struct py_stacks *s, uint64_t addr)
{
	struct head head;

	while (addr && s->left && addr % PAGE == 0 &&
	       addrmap_kind(s->sizer->map, addr) == ADDR_RW &&
	       memsrc_peek(s->sizer->mem, addr, &head, sizeof(head)) && is_size(head.bytes) &&
	       head.top <= (head.bytes - sizeof(head)) / sizeof(uint64_t) &&
	       py_span_is_sane(s->sizer, addr, head.bytes)) {
		s->left--;
		s->chunk(s->arg, addr, head.bytes);
		addr = head.previous;
	}
}

void py_stacks_look(struct py_stacks *s, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i + sizeof(struct newest) <= n; i += sizeof(uint64_t)) {
		struct newest w;

		memcpy(&w, bytes + i, sizeof(w));
		if (w.chunk && w.chunk % PAGE == 0 && w.chunk < w.top && w.top <= w.limit &&
		    is_size(w.limit - w.chunk))
			follow(s, w.chunk);
	}
}
