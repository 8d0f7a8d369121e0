/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/findings/runtime_advice.h"

#include <inttypes.h>

#include "base/fmt.h"
#include "walk/core/runtime_heap.h"

#define IEC(n) fmt_bytes((char[FMT_MAX]){ 0 }, (n), FMT_IEC)

struct advice_row {
	const char *runtime;
	enum walk_line line;
	const char *space;  /* of the runtime: what of it is free in RAM is a fact; NULL: none */
	const char *fact;   /* "%s of it " and this; NULL: none */
	const char *advice; /* begins with a space */
	bool peak;          /* the most that was live at a time is a fact, too */
};

static const struct advice_row rows[] = {
	{ "jvm", LINE_RUNTIME_FREE, NULL, NULL,
	  " The collector keeps what it has committed: -Xmx or -XX:MaxRAMPercentage bounds that, a "
	  "lower -XX:MaxHeapFreeRatio (Serial, Parallel, G1), -XX:G1PeriodicGCInterval, "
	  "-XX:ZUncommitDelay or -XX:ShenandoahUncommitDelay has it returned sooner.",
	  false },
	{ "jvm", LINE_NATIVE, NULL, NULL,
	  " In a JVM it is direct buffers, which -XX:MaxDirectMemorySize bounds, and what the "
	  "compilers and collectors need: -XX:NativeMemoryTracking=summary tells with jcmd "
	  "VM.native_memory.",
	  false },
	{ "go", LINE_RUNTIME_FREE, NULL, NULL,
	  " debug.FreeOSMemory() returns it at once, GOMEMLIMIT bounds it, a lower GOGC collects "
	  "sooner; Go 1.12 to 1.15 leaves it in RSS without GODEBUG=madvdontneed=1.",
	  false },
	{ "node", LINE_RUNTIME_FREE, "new space", "in the new space",
	  " V8 keeps room for the young generation and for the next collections: "
	  "--max-semi-space-size (MiB) bounds the one, --max-old-space-size the other, at the "
	  "price "
	  "of more collections.",
	  false },
	{ "node", LINE_NATIVE, NULL, NULL,
	  " In node it is what zlib, TLS and addons hold, and with another malloc than glibc's the "
	  "bytes of Buffers: compare process.memoryUsage().external, which goes when its objects "
	  "are collected.",
	  false },
	{ "php", LINE_RUNTIME_FREE, "cached chunks", "in chunks kept for the next request",
	  " A worker keeps room for requests like its largest one so far: pm.max_requests starts "
	  "it "
	  "anew, gc_mem_caches() returns what is kept, and rows handled one by one instead of all "
	  "at "
	  "once lower the peak.",
	  true },
	{ "ruby", LINE_RUNTIME_FREE, "transient heap", "in the transient heap",
	  " A page of slots goes back when all of them are free: GC.compact, or GC.auto_compact = "
	  "true, brings live ones together.",
	  false },
	{ "ruby", LINE_MALLOC_FREE, NULL, NULL,
	  " Strings and arrays of each Ruby thread come and go in an arena of its own: "
	  "MALLOC_ARENA_MAX=2, or jemalloc, keeps that small.",
	  false },
};

static void add_comma(struct sbuf *out)
{
	if (out->len)
		sbuf_adds(out, ", ");
}

/* The bytes of a space that are free and in RAM; 0: none, or not told. */
static uint64_t free_in(const struct walk_runtime *r, const char *space)
{
	for (size_t i = 0; i < r->n_spaces; i++) {
		const struct walk_space *s = &r->spaces[i];

		if (streq(s->name, space) && amount_ok(s->free_resident))
			return s->free_resident.value;
	}
	return 0;
}

/* Whether the runtime is the row's and was read. */
static bool is_about(const struct advice_row *row, const struct walk_runtime *r)
{
	return !r->unread && streq(r->name, row->runtime);
}

/* A process may have several: threads of node have a heap each. */
static void add_facts(const struct walk *d, const struct advice_row *row, struct sbuf *facts)
{
	uint64_t bytes = 0, peak = 0;

	for (size_t i = 0; i < d->n_runtimes; i++) {
		const struct walk_runtime *r = &d->runtimes[i];

		if (!is_about(row, r))
			continue;
		bytes += row->space ? free_in(r, row->space) : 0;
		peak += row->peak && amount_ok(r->peak_live) ? r->peak_live.value : 0;
	}
	if (bytes) {
		add_comma(facts);
		sbuf_addf(facts, "%s of it %s", IEC(bytes), row->fact);
	}
	if (peak) {
		add_comma(facts);
		sbuf_addf(facts, "%s were in use at the peak", IEC(peak));
	}
}

void runtime_advice_add(const struct walk *d, enum walk_line line, struct sbuf *facts,
			struct sbuf *advice)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t k = 0;

		while (k < d->n_runtimes && !is_about(&rows[i], &d->runtimes[k]))
			k++;
		if (rows[i].line != line || k == d->n_runtimes)
			continue;
		add_facts(d, &rows[i], facts);
		sbuf_adds(advice, rows[i].advice);
	}
}
