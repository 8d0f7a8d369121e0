/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/findings/walker_advice.h"

#include <inttypes.h>

#include "analysis/facts.h"
#include "walk/core/runtime_heap.h"
#include "walk/walkers.h"

struct advice {
	enum walk_line line; /* the memory that it is about; LINE_COUNT: none */
	const char *space;   /* its free memory in RAM is a fact; NULL: no space */
	const char *fact;    /* the text behind "%s of it "; NULL: no fact */
	bool peak;           /* the peak of live memory is also a fact */
	bool only_then;      /* the row is for runtimes whose space has such memory */
	const char *text;    /* begins with a space */
};

/* For memory that is not read, and memory whose advice is in analysis/account/causes.c. */
#define NO_ADVICE                                                                                  \
	{                                                                                          \
		{                                                                                  \
			.line = LINE_COUNT                                                         \
		}                                                                                  \
	}

static const struct advice cpython_advice[] = NO_ADVICE; /* in causes.c, with pymalloc */

static const struct advice node_advice[] = {
	{ .line = LINE_RUNTIME_FREE,
	  .space = "new space",
	  .fact = "in the new space",
	  .text = " V8 keeps room for the young generation and for the next collections: "
		  "--max-semi-space-size (MiB) limits the former, --max-old-space-size the latter, "
		  "at the cost of more collections." },
	{ .line = LINE_NATIVE,
	  .text = " In node it belongs to zlib, TLS and addons and, with a malloc other than "
		  "glibc's, to Buffers: compare process.memoryUsage().external, which is freed "
		  "when its objects are collected." },
};

static const struct advice php_advice[] = {
	{ .line = LINE_RUNTIME_FREE,
	  .space = "cached chunks",
	  .fact = "in chunks kept for the next request",
	  .peak = true,
	  .text = " A worker keeps room for requests as large as its largest one so far: "
		  "pm.max_requests restarts it, gc_mem_caches() returns the kept chunks, and "
		  "processing rows one by one instead of all at once lowers the peak." },
};

static const struct advice ruby_advice[] = {
	{ .line = LINE_RUNTIME_FREE,
	  .space = "transient heap",
	  .fact = "in the transient heap",
	  .text = " A page of slots is returned when all of them are free: GC.compact, or "
		  "GC.auto_compact = true, moves live ones together." },
	{ .line = LINE_MALLOC_FREE,
	  .text = " Each Ruby thread allocates strings and arrays in an arena of its own: "
		  "MALLOC_ARENA_MAX=2, or jemalloc, keeps the arenas small." },
};

static const struct advice go_advice[] = {
	{ .line = LINE_RUNTIME_FREE,
	  .space = "idle",
	  .fact = "idle",
	  .only_then = true,
	  .text = " debug.FreeOSMemory() returns idle memory at once, GOMEMLIMIT limits it, a "
		  "lower GOGC collects sooner." },
	{ .line = LINE_RUNTIME_FREE,
	  .space = "released",
	  .fact = "released with MADV_FREE",
	  .only_then = true,
	  .text = " The kernel takes what was released when it needs it: subtract it from RSS. "
		  "GODEBUG=madvdontneed=1, the default since Go 1.16, takes it from RSS at once." },
};

static const struct advice jvm_advice[] = {
	{ .line = LINE_RUNTIME_FREE,
	  .text = " The collector keeps memory that it has committed: -Xmx or -XX:MaxRAMPercentage "
		  "limits it, a lower -XX:MaxHeapFreeRatio (Serial, Parallel, G1), "
		  "-XX:G1PeriodicGCInterval, -XX:ZUncommitDelay or -XX:ShenandoahUncommitDelay "
		  "returns it sooner." },
	{ .line = LINE_NATIVE,
	  .text = " In a JVM it is direct buffers, which -XX:MaxDirectMemorySize limits, and "
		  "memory of the compilers and collectors: with -XX:NativeMemoryTracking=summary, "
		  "jcmd VM.native_memory shows it." },
};

static const struct advice jemalloc_advice[] = {
	{ .line = LINE_MALLOC_FREE,
	  .text = " jemalloc returns pages without a block at the first call after dirty_decay_ms: "
		  "MALLOC_CONF=background_thread:true,dirty_decay_ms:1000 returns them without a "
		  "call, mallctl arena.<i>.purge at once." },
};

static const struct advice tcmalloc_advice[] = {
	{ .line = LINE_MALLOC_FREE,
	  .text = " tcmalloc returns pages without a block slowly: TCMALLOC_RELEASE_RATE=10 "
		  "returns them sooner, MallocExtension_ReleaseFreeMemory() at once; "
		  "TCMALLOC_MAX_TOTAL_THREAD_CACHE_BYTES limits the caches of threads." },
};

static const struct advice google_tcmalloc_advice[] = NO_ADVICE;
static const struct advice mozjemalloc_advice[] = NO_ADVICE;

static const struct advice mimalloc_advice[] = {
	{ .line = LINE_MALLOC_FREE,
	  .text = " mimalloc returns pages without a block after MIMALLOC_PURGE_DELAY (before 2.1: "
		  "MIMALLOC_DECOMMIT_DELAY) milliseconds, mi_collect(true) at once." },
};

static const struct advice musl_advice[] = {
	{ .line = LINE_MALLOC_FREE,
	  .text = " musl does not cache freed memory: it returns a group of blocks when all of "
		  "them are free, so free memory lies between live blocks." },
};

static const struct advice glibc_advice[] = NO_ADVICE; /* in causes.c, with what can be trimmed */

#define ROW(ID, id) [WALKER_##ID] = { id##_advice, ARRAY_SIZE(id##_advice) },
static const struct {
	const struct advice *v;
	size_t n;
} advice_of[] = { WALKERS(ROW) };
#undef ROW

/*
 * Returns the bytes of a space that are free and in RAM; 0 if there are none or they are unknown.
 */
static uint64_t free_in(const struct walk_runtime *r, const char *space)
{
	for (size_t i = 0; i < r->n_spaces; i++) {
		const struct walk_space *s = &r->spaces[i];

		if (streq(s->name, space) && amount_ok(s->free_resident))
			return s->free_resident.value;
	}
	return 0;
}

static bool was_read(const struct walk_runtime *r, const char *name)
{
	return !r->unread && streq(r->name, name);
}

/* Returns free_in of all runtimes with this name together. */
static uint64_t free_in_all(const struct walk *walk, const char *name, const char *space)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < walk->n_runtimes; i++) {
		if (was_read(&walk->runtimes[i], name))
			bytes += free_in(&walk->runtimes[i], space);
	}
	return bytes;
}

/* Adds the facts of all runtimes with this name together: each thread of node has a heap. */
static void add_facts(const struct walk *walk, const char *name, const struct advice *a,
		      struct sbuf *facts)
{
	uint64_t bytes = a->space ? free_in_all(walk, name, a->space) : 0, peak = 0;

	for (size_t i = 0; i < walk->n_runtimes; i++) {
		const struct walk_runtime *r = &walk->runtimes[i];

		if (was_read(r, name) && a->peak && amount_ok(r->peak_live))
			peak += r->peak_live.value;
	}
	if (bytes) {
		facts_comma(facts);
		sbuf_addf(facts, "%s of it %s", IEC(bytes), a->fact);
	}
	if (peak) {
		facts_comma(facts);
		sbuf_addf(facts, "%s were in use at the peak", IEC(peak));
	}
}

void runtime_advice_add(const struct walk *walk, enum walk_line line, struct sbuf *facts,
			struct sbuf *advice)
{
	for (size_t i = 0; i < WALKER_COUNT; i++) {
		const char *name = walkers[i].name;
		size_t k = 0;

		while (k < walk->n_runtimes && !was_read(&walk->runtimes[k], name))
			k++;
		for (size_t n = 0; k < walk->n_runtimes && n < advice_of[i].n; n++) {
			const struct advice *a = &advice_of[i].v[n];

			if (a->line != line || (a->only_then && !free_in_all(walk, name, a->space)))
				continue;
			add_facts(walk, name, a, facts);
			sbuf_adds(advice, a->text);
		}
	}
}

static void add_of_allocator(const struct walk_allocator *a, enum walker_id id, struct sbuf *facts,
			     struct sbuf *advice)
{
	for (size_t n = 0; n < advice_of[id].n; n++) {
		if (advice_of[id].v[n].line != LINE_MALLOC_FREE)
			continue;
		if (a->total.tcache_bytes) {
			facts_comma(facts);
			sbuf_addf(facts, "%s in caches of threads", IEC(a->total.tcache_bytes));
		}
		sbuf_adds(advice, advice_of[id].v[n].text);
	}
}

void allocator_advice_add(const struct walk *walk, struct sbuf *facts, struct sbuf *advice)
{
	for (size_t i = 0; i < walk->n_allocators; i++) {
		const struct walk_allocator *a = &walk->allocators[i];

		for (size_t id = 0; !a->unread && id < WALKER_COUNT; id++) {
			if (streq(a->name, walkers[id].name))
				add_of_allocator(a, (enum walker_id)id, facts, advice);
		}
	}
}
