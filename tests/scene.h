/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process that was walked, and what is judged of it. */
#ifndef TESTS_SCENE_H
#define TESTS_SCENE_H

#include "analysis/findings/findings.h"
#include "attribute.h"
#include "snap.h"
#include "walk/core/runtime_heap.h"
#include "walk/runtime/cpython/cpython.h"

enum { HEAP_MIB = 200 };

/* A Python process of 200 MiB: only its heap is resident. */
struct scene {
	struct snapshot s;
	struct walk walk;
	struct walk_owner owner;
	struct walk_allocator allocator;
	struct walk_runtime python;
	struct cpython only;
	struct walk_kind types[2];
	struct walk_large large;
	struct non_object non_object;
	struct accounting accounting;
	struct arena arena;
};

static inline void scene_init(struct scene *sc)
{
	*sc = (struct scene){
		.owner = { OWNER_ALLOCATOR, "glibc malloc" },
		.allocator = { .name = "glibc malloc", .n_arenas = 1 },
		.types = { { "dict", 1000, MIB(30), 0 }, { "str", 5, MIB(15), 0 } },
		.large = { .type = "dict", .bytes = MIB(20) },
		.arena = ARENA_INIT,
	};
	snap_init(&sc->s);
	snap_add_anonymous(&sc->s, 0x10000000, HEAP_MIB << 10, HEAP_MIB << 10);
	sc->s.page_bytes = 4096;
	sc->s.stat.threads = 1;
	sc->python = (struct walk_runtime){ .name = "cpython",
					    .label = "cpython 3.11",
					    .total = walk_space_of("heap"),
					    .kinds = sc->types,
					    .n_kinds = ARRAY_SIZE(sc->types),
					    .bytes = amount_of(MIB(400)),
					    .cpython = &sc->only };
	sc->walk = (struct walk){ .snap = &sc->s,
				  .owners = &sc->owner,
				  .n_owners = 1,
				  .allocators = &sc->allocator,
				  .n_allocators = 1 };
	attributions_init(&sc->walk.attributions, &sc->s);
}

static inline void scene_release(struct scene *sc)
{
	accounting_release(&sc->accounting);
	attributions_release(&sc->walk.attributions);
	arena_release(&sc->arena);
	snapshot_release(&sc->s);
}

static inline const struct finding *judge(struct scene *sc, const char *id)
{
	const struct off_rss off_rss = { 0 };
	const struct limits limits = { 0 };
	const struct finding *found;
	struct findings_input in = {
		.snapshot = &sc->s,
		.accounting = &sc->accounting,
		.off_rss = &off_rss,
		.limits = &limits,
		.walk = &sc->walk,
		.non_object = &sc->non_object,
		.beyond_percent = 100,
		.unexplained_percent = 100,
	};
	size_t n;

	accounting_init(&sc->accounting, &sc->s);
	non_object_init(&sc->non_object, &sc->walk, &sc->accounting, &sc->arena);
	found = findings_collect(&in, &sc->arena, &n);
	for (size_t i = 0; i < n; i++) {
		if (streq(found[i].id, id))
			return &found[i];
	}
	return NULL;
}

static inline const struct cause_row *cause_of(const struct scene *sc, enum cause cause)
{
	for (size_t i = 0; i < sc->non_object.n_rows; i++) {
		if (sc->non_object.rows[i].cause == cause)
			return &sc->non_object.rows[i];
	}
	fail_msg("no cause %s", cause_descs[cause].id);
	return NULL;
}

#endif
