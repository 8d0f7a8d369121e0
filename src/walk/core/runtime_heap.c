/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/core/runtime_heap.h"

#include "base/alloc.h"

struct walk_space walk_space_of(const char *name)
{
	struct amount none = amount_absent(REASON_BY_DESIGN);

	return (struct walk_space){ name, none, none, none, none, none, none, none };
}

void walk_space_add(struct walk_space *sum, const struct walk_space *s)
{
	amount_sum(&sum->reserved, s->reserved);
	amount_sum(&sum->committed, s->committed);
	amount_sum(&sum->live, s->live);
	amount_sum(&sum->free_bytes, s->free_bytes);
	amount_sum(&sum->resident, s->resident);
	amount_sum(&sum->free_resident, s->free_resident);
	amount_sum(&sum->objects, s->objects);
}

struct walk_runtime *walk_add_runtime(struct walk *walk, const char *name, uint32_t file)
{
	struct walk_runtime *r;

	walk->runtimes = xgrow(walk->runtimes, walk->n_runtimes, &walk->cap_runtimes,
			       sizeof(*walk->runtimes));
	r = &walk->runtimes[walk->n_runtimes++];
	*r = (struct walk_runtime){
		.name = name,
		.total = walk_space_of("heap"),
		.bytes = amount_absent(REASON_BY_DESIGN),
		.buffers_bytes = amount_absent(REASON_BY_DESIGN),
		.peak_live = amount_absent(REASON_BY_DESIGN),
		.peak_committed = amount_absent(REASON_BY_DESIGN),
		.tasks = { amount_absent(REASON_BY_DESIGN), amount_absent(REASON_BY_DESIGN),
			   amount_absent(REASON_BY_DESIGN) },
		.recounted = amount_absent(REASON_BY_DESIGN),
	};
	if (file)
		r->module = walk->snap->files[file].path;
	return r;
}

void walk_take_version(struct walk *walk, struct walk_runtime *r, int numbers)
{
	for (size_t i = 0; i < walk->snap->n_runtimes; i++) {
		const struct runtime *known = &walk->snap->runtimes[i];
		const char *end = known->version;

		if (!streq(known->name, r->name) || !end)
			continue;
		for (int n = 0; n < numbers && *end; n++)
			end += strcspn(end + 1, ".") + 1;
		r->version = known->version;
		r->label = arena_printf(&walk->arena, "%s %.*s", r->name,
					(int)(end - known->version), known->version);
	}
}

bool walk_has_runtime(const struct walk *walk, const char *name)
{
	for (size_t i = 0; i < walk->n_runtimes; i++) {
		if (streq(walk->runtimes[i].name, name))
			return true;
	}
	return false;
}

bool walk_runtimes_read(const struct walk *walk)
{
	for (size_t i = 0; i < walk->n_runtimes; i++) {
		if (walk->runtimes[i].unread)
			return false;
	}
	for (size_t i = 0; i < walk->snap->n_runtimes; i++) {
		if (!walk_has_runtime(walk, walk->snap->runtimes[i].name))
			return false;
	}
	return true;
}

uint32_t walk_runtime_file(const struct walk *walk, const char *name)
{
	const struct snapshot *s = walk->snap;

	for (size_t i = 0; i < s->n_runtimes; i++) {
		if (!streq(s->runtimes[i].name, name))
			continue;
		for (uint32_t k = 1; k < s->n_files; k++) {
			if (s->files[k].path == s->runtimes[i].module)
				return k;
		}
	}
	return 0;
}
