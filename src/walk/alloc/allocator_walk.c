/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/alloc/allocator_walk.h"

#include <errno.h>

#include "base/alloc.h"
#include "walk/image/libraries.h"

/* Copies the arenas, and adds up their sums. */
static void report_arenas(struct size_account *account, struct walk_allocator *out)
{
	out->n_arenas = account->n_arenas;
	out->arenas = arena_array(&account->walk->arena, account->n_arenas, struct walk_arena);
	for (size_t i = 0; i < account->n_arenas; i++) {
		struct walk_heap *s = &account->arenas[i].sums;

		s->system_bytes = s->live_bytes + s->free_bytes + s->top_bytes + s->tcache_bytes +
				  s->overhead_bytes + s->unwalked_bytes;
		out->arenas[i] = account->arenas[i];
		walk_heap_add(&out->total, s);
	}
}

struct walk_allocator *allocator_report(struct size_account *account, const char *name)
{
	struct walk *walk = account->walk;
	struct walk_allocator *out = walk_add_allocator(walk, name, account->file);
	const char *module = out->module;

	*out = account->out;
	out->name = name;
	out->module = module;
	out->version = account->version;
	report_arenas(account, out);
	live_sizes_report(&account->sizes, account->doubling_classes, out);
	out->complete = !account->incomplete && out->total.unwalked_bytes == 0 &&
			!memsrc_is_over(walk->mem);
	attributions_merge(&walk->attributions, &account->attributions);
	walk->swapped_unread_bytes += account->swapped_bytes;
	return out;
}

static int walk_once(struct walk *walk, const struct walker *row, struct size_account *ret)
{
	int status;

	size_account_init(ret, walk, row->name);
	status = row->allocator->walk(ret);
	if (status < 0)
		size_account_release(ret);
	return status;
}

static bool is_better(const struct size_account *account, const struct size_account *than)
{
	uint64_t a = size_account_unwalked(account), b = size_account_unwalked(than);

	return a < b || (a == b && account->out.breaks <= than->out.breaks);
}

/* Says why it was not read, and which release it is. */
static void refuse(struct walk *walk, const struct walker *row, uint32_t library, enum reason why)
{
	const char *release = library ? library_release(walk, library) : NULL;
	struct walk_allocator *a = walk_add_allocator(walk, row->name, library);

	a->version = release;
	a->unread = why;
	if (release) {
		a->unread = REASON_OTHER;
		a->unread_other = arena_printf(&walk->arena, "%s (it is %s)", reason_text(why),
					       release);
	}
}

/* Walks it once more, and takes the result if it is better; the first may have failed. */
static int walk_again(struct walk *walk, const struct walker *row, int status,
		      struct size_account *first)
{
	auto_free struct size_account *again = NULL;

	if (memsrc_is_over(walk->mem) || memsrc_refresh(walk->mem) < 0)
		return status;
	again = xcalloc(1, sizeof(*again));
	if (walk_once(walk, row, again) < 0)
		return status;
	if (status < 0) {
		*first = *again;
	} else if (is_better(again, first)) {
		size_account_release(first);
		*first = *again;
	} else {
		size_account_release(again);
	}
	first->out.retries = 1;
	return 0;
}

int allocator_walk(struct walk *walk, const struct walker *row)
{
	const struct allocator_walker *how = row->allocator;
	uint32_t library = walker_module(row, walk);
	auto_free struct size_account *account = xcalloc(1,
							 sizeof(*account)); /* large for a stack */
	int status = walk_once(walk, row, account);

	if (status == 0 ? account->out.breaks != 0 : status != -ENOENT || library)
		status = walk_again(walk, row, status, account);
	if (status == -ENOTSUP || (status < 0 && library))
		refuse(walk, row, library, status == -ENOTSUP ? how->not_known : how->not_found);
	if (status < 0)
		return status;
	account->incomplete = account->out.breaks != 0;
	(void)allocator_report(account, row->name);
	size_account_release(account);
	return 0;
}
