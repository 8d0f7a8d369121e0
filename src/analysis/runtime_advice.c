/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/runtime_advice.h"

#include <inttypes.h>

#include "base/fmt.h"
#include "depth/runtimes.h"

#define IEC(n) fmt_bytes((char[FMT_MAX]){ 0 }, (n), FMT_IEC)

struct advice_row {
	const char *runtime;
	enum depth_line line;
	const char *space;  /* of the runtime: what of it is free in RAM is a fact; NULL: none */
	const char *fact;   /* "%s of it " and this; NULL: none */
	const char *advice; /* begins with a space */
	bool peak;          /* the most that was live at a time is a fact, too */
};

static const struct advice_row rows[] = {
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
static uint64_t free_in(const struct depth_runtime *r, const char *space)
{
	for (size_t i = 0; i < r->n_spaces; i++) {
		const struct depth_space *s = &r->spaces[i];

		if (streq(s->name, space) && amount_ok(s->free_resident))
			return s->free_resident.value;
	}
	return 0;
}

static void add_facts(const struct depth_runtime *r, const struct advice_row *row,
		      struct sbuf *facts)
{
	uint64_t bytes = row->space ? free_in(r, row->space) : 0;

	if (bytes) {
		add_comma(facts);
		sbuf_addf(facts, "%s of it %s", IEC(bytes), row->fact);
	}
	if (row->peak && amount_ok(r->peak_live)) {
		add_comma(facts);
		sbuf_addf(facts, "%s were in use at the peak", IEC(r->peak_live.value));
	}
}

void runtime_advice_add(const struct depth *d, enum depth_line line, struct sbuf *facts,
			struct sbuf *advice)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool advised = false;

		for (size_t k = 0; rows[i].line == line && k < d->n_runtimes; k++) {
			const struct depth_runtime *r = &d->runtimes[k];

			if (r->unread || !streq(r->name, rows[i].runtime))
				continue;
			add_facts(r, &rows[i], facts);
			if (!advised)
				sbuf_adds(advice, rows[i].advice);
			advised = true;
		}
	}
}
