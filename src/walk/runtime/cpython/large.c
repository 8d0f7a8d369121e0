/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/cpython/large.h"

#include "base/alloc.h"

void py_large_init(struct py_large_set *set, uint64_t least)
{
	*set = (struct py_large_set){ .least = least };
}

void py_large_release(struct py_large_set *set)
{
	free(set->v);
	*set = (struct py_large_set){ 0 };
}

/* Moves the element at i down until neither element below it is smaller. */
static void sift_down(struct py_large *v, size_t n, size_t i)
{
	struct py_large moved = v[i];

	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && v[child + 1].bytes < v[child].bytes)
			child++;
		if (v[child].bytes >= moved.bytes)
			break;
		v[i] = v[child];
	}
	v[i] = moved;
}

static void sift_up(struct py_large *v, size_t i)
{
	struct py_large moved = v[i];

	for (; i && v[(i - 1) / 2].bytes > moved.bytes; i = (i - 1) / 2)
		v[i] = v[(i - 1) / 2];
	v[i] = moved;
}

static void push(struct py_large_set *set, const struct py_large *large)
{
	if (set->n < PY_LARGE_MAX) {
		set->v = xgrow(set->v, set->n, &set->cap, sizeof(*set->v));
		set->v[set->n] = *large;
		sift_up(set->v, set->n++);
		return;
	}
	if (large->bytes <= set->v[0].bytes)
		return;
	set->v[0] = *large;
	sift_down(set->v, set->n, 0);
}

void py_large_add(struct py_large_set *set, uint64_t addr, uint32_t type, uint64_t bytes,
		  const struct py_sizes *z)
{
	struct py_large large = {
		.addr = addr,
		.type = type,
		.bytes = bytes,
		.length = z->length,
		.has_length = z->has_length,
		.is_view = z->is_view,
	};

	if (z->is_view)
		large.bytes = z->n_spans ? z->spans[0].len : 0;
	else
		large.spans[large.n_spans++] = (struct py_span){ addr, z->own };
	if (large.bytes < set->least)
		return;
	for (size_t i = 0; i < z->n_spans; i++)
		large.spans[large.n_spans++] = z->spans[i];
	push(set, &large);
}

void py_large_add_keys(struct py_large_set *set, struct memsrc *mem, uint64_t addr, uint32_t type,
		       uint64_t bytes, const struct py_span *keys)
{
	struct py_large large = { .addr = addr, .type = type, .bytes = bytes };

	large.has_length = memsrc_peek(mem, addr + DICT_USED, &large.length, sizeof(large.length));
	large.spans[large.n_spans++] = (struct py_span){ addr, DICT_BYTES };
	large.spans[large.n_spans++] = *keys;
	push(set, &large);
}

static int largest_first(const void *a, const void *b)
{
	const struct py_large *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return (x->addr > y->addr) - (x->addr < y->addr);
}

void py_large_sort(struct py_large_set *set)
{
	if (set->n)
		qsort(set->v, set->n, sizeof(*set->v), largest_first);
}

uint64_t py_large_resident(const struct py_large *large, struct memsrc *mem)
{
	struct mem_presence there;
	uint64_t bytes = 0;

	for (size_t i = 0; i < large->n_spans; i++) {
		uint64_t start = large->spans[i].addr;

		if (memsrc_presence(mem, start, start + large->spans[i].len, &there))
			bytes += there.resident_bytes;
	}
	return bytes;
}
