/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/core/runtime_walk.h"

#include <errno.h>

#include "base/alloc.h"

/* Reads, and once more if it did not hold together: mostly because the program was at work. */
static int read_twice(const struct runtime_walker *how, struct runtime_walk *state)
{
	int status = how->read(state);

	if (status == 0 || status == -ENOTSUP || memsrc_is_over(state->walk->mem))
		return status;
	how->forget(state);
	state->retries++;
	return memsrc_refresh(state->walk->mem) < 0 ? -ESRCH : how->read(state);
}

static enum reason why_over(const struct memsrc *mem)
{
	return mem->gone ? REASON_GONE : REASON_INTERRUPTED;
}

int runtime_walk(struct walk *walk, const struct walker *row)
{
	const struct runtime_walker *how = row->runtime;
	auto_free struct runtime_walk *state = xcalloc(1, how->state_bytes);
	struct walk_runtime *out;
	int status;

	*state = (struct runtime_walk){ .walk = walk, .module = walker_module(row, walk) };
	status = how->find ? how->find(state) : 0;
	if (status == 0)
		status = read_twice(how, state);
	out = walk_add_runtime(walk, row->name, state->module);
	out->retries = state->retries;
	if (how->describe)
		how->describe(state, out);
	if (status >= 0)
		how->report(state, out);
	else
		out->unread = memsrc_is_over(walk->mem) ? why_over(walk->mem)
							: how->why_unread(state, status, out);
	how->release(state);
	return MIN(status, 0);
}

static int most_bytes_first(const void *a, const void *b)
{
	const struct walk_kind *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return strcmp(x->name, y->name);
}

void runtime_sort_kinds(struct walk_runtime *out)
{
	if (out->n_kinds)
		qsort(out->kinds, out->n_kinds, sizeof(*out->kinds), most_bytes_first);
}
