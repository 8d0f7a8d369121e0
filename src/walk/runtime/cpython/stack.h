/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stacks of threads for frames of Python functions, since 3.11: chunks that have mappings of
 * their own, each with the address of the one before. The state of a thread has the newest.
 */
#ifndef WALK_RUNTIME_CPYTHON_STACK_H
#define WALK_RUNTIME_CPYTHON_STACK_H

#include "walk/runtime/cpython/size.h"

enum {
	PY_THREAD_MIN =
		256, /* bytes of the state of a thread, which differ from release to release */
	PY_THREAD_MAX = 16 << 10,
};

struct py_stacks {
	struct py_sizer *sizer;
	uint64_t left; /* most chunks that the memory has room for */
	/* Called for each chunk. Afterwards the map must not have its memory as ADDR_RW. */
	void (*chunk)(void *arg, uint64_t addr, uint64_t bytes);
	void *arg;
};

/* Searches n bytes, at an address that is a multiple of 8, for the state of a thread. */
void py_stacks_look(struct py_stacks *s, const uint8_t *bytes, size_t n);

#endif
