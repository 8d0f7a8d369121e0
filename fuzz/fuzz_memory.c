/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walkers on any memory: they end, stay within bounds, and their sums add up. The input is a
 * recording, or the beginning of one (tests/memfile.h). To fuzz, from the top of the tree:
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined -std=gnu11 -D_GNU_SOURCE -Isrc \
 *		fuzz/fuzz_memory.c $(find src/{base,proc,model,walk} -name "*.c") \
 *		-lyaml -lelf -lproc2 -lcmocka -lz -pthread -o fuzz_memory
 *	./fuzz_memory NEW_INPUTS fuzz/corpus/memory
 */
#include "fuzz.h"

#include "../tests/memfile.h"
#include "walk/runtime/cpython/cpython.h"
#include "walk/runtime/cpython/large.h"
#include "walk/walkers.h"

enum { INPUT_MAX = 2 << 20 };

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void check_allocator(const struct walk_allocator *a)
{
	const struct walk_heap *h = &a->total;

	demand(h->system_bytes == h->live_bytes + h->free_bytes + h->top_bytes + h->tcache_bytes +
					  h->overhead_bytes + h->unwalked_bytes);
	demand(h->fast_bytes <= h->free_bytes && h->foreign_bytes <= h->overhead_bytes);
	demand(a->n_classes <= WALK_CLASSES && a->n_largest <= WALK_LARGEST);
}

static void check_python(const struct walk_runtime *c)
{
	const struct pymalloc_stats *m = &c->cpython->pymalloc;
	uint64_t objects = 0, bytes = 0;

	for (size_t i = 0; i < c->n_kinds; i++) {
		objects += c->kinds[i].count;
		bytes += c->kinds[i].bytes;
	}
	demand(c->total.objects.value == objects && c->bytes.value == bytes &&
	       c->n_large <= PY_LARGE_MAX);
	demand(m->torn_pools || m->unread_bytes ||
	       m->total.system_bytes == m->total.live_bytes + m->total.free_bytes +
						m->total.top_bytes + m->total.overhead_bytes);
}

static void check_attributions(const struct walk *walk)
{
	for (size_t i = 0; i < walk->attributions.n; i++) {
		const struct attribution *c = &walk->attributions.v[i];
		struct mem_counts counts;

		demand(c->region < walk->snap->n_regions && c->owner < walk->n_owners &&
		       c->line < LINE_COUNT);
		snapshot_counts(walk->snap, &walk->snap->regions[c->region], &counts);
		demand(c->bytes <= counts.v[MC_RSS]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const struct walk_opts opts = { .want = WANT_ALL, .clock = &clock_system };
	struct memfile f;
	struct memsrc *m;
	struct walk walk;

	if (n > INPUT_MAX)
		return 0;
	(void)memfile_parse(bytes, n, &f);
	if (memsrc_new(&fake_ops, &f.mem, FAKE_PAGE, NULL, &m) == 0) {
		demand(walk_read_from(&f.snap, m, &opts, &walk) == 0);
		for (size_t i = 0; i < walk.n_allocators; i++)
			check_allocator(&walk.allocators[i]);
		for (size_t i = 0; i < walk.n_runtimes; i++) {
			if (walk.runtimes[i].cpython)
				check_python(&walk.runtimes[i]);
		}
		check_attributions(&walk);
		walk_release(&walk);
	}
	memfile_release(&f);
	return 0;
}
