/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/findings/allocator_advice.h"

#include "base/fmt.h"

#define IEC(n) fmt_bytes((char[FMT_MAX]){ 0 }, (n), FMT_IEC)

static const struct {
	const char *allocator;
	const char *advice; /* begins with a space */
} rows[] = {
	{ "jemalloc",
	  " jemalloc returns pages without a block when dirty_decay_ms are over and it is called "
	  "again: MALLOC_CONF=background_thread:true,dirty_decay_ms:1000 has that done in time, "
	  "mallctl arena.<i>.purge at once." },
	{ "tcmalloc",
	  " tcmalloc returns pages without a block slowly: TCMALLOC_RELEASE_RATE=10 does so "
	  "sooner, "
	  "MallocExtension_ReleaseFreeMemory() at once; TCMALLOC_MAX_TOTAL_THREAD_CACHE_BYTES "
	  "bounds what threads keep." },
	{ "mimalloc",
	  " mimalloc returns pages without a block after MIMALLOC_PURGE_DELAY (before 2.1: "
	  "MIMALLOC_DECOMMIT_DELAY) milliseconds, mi_collect(true) at once." },
	{ "musl malloc",
	  " musl keeps nothing on purpose: a group of blocks goes back with the last of them, so "
	  "what is free lies between live blocks." },
};

void allocator_advice_add(const struct walk *d, struct sbuf *facts, struct sbuf *advice)
{
	for (size_t i = 0; i < d->n_allocators; i++) {
		const struct walk_allocator *a = &d->allocators[i];

		for (size_t k = 0; !a->unread && k < ARRAY_SIZE(rows); k++) {
			if (!streq(a->name, rows[k].allocator))
				continue;
			if (a->total.tcache_bytes)
				sbuf_addf(facts, "%s%s in caches of threads",
					  facts->len ? ", " : "", IEC(a->total.tcache_bytes));
			sbuf_adds(advice, rows[k].advice);
		}
	}
}
