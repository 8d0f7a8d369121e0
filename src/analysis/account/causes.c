/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/account/causes.h"

#include <inttypes.h>

#include "analysis/facts.h"
#include "analysis/findings/walker_advice.h"
#include "base/path.h"
#include "walk/core/runtime_heap.h"
#include "walk/runtime/cpython/cpython.h"

enum {
	SIZE_SHARE = 10,   /* a size needs at least 1/10 of the bytes */
	ARENAS_MANY = 8,   /* more arenas than the threads of an ordinary program need */
	SMALL_BLOCK = 256, /* on average: overhead is large beside it */
};

/* Adds the sizes that many live blocks have, or else their average size. */
static void add_sizes(const struct cause_input *in, const struct walk_allocator *a,
		      struct sbuf *facts)
{
	size_t i;

	for (i = 0; i < MIN(a->n_sizes, (size_t)FACTS_NAMED_MAX); i++) {
		const struct walk_size *s = &a->sizes[i];

		if (s->blocks * s->bytes < in->bytes / SIZE_SHARE)
			break;
		facts_comma(facts);
		sbuf_addf(facts, "%" PRIu64 " %s of %s", s->blocks,
			  s->blocks == 1 ? "block" : "blocks", IEC(s->bytes));
	}
	if (i > 0 || !a->native_blocks)
		return;
	facts_comma(facts);
	sbuf_addf(facts, "%" PRIu64 " blocks of %s on average", a->native_blocks,
		  IEC(a->native_bytes / a->native_blocks));
}

/* Returns the package of a file, or the name of the file: users know packages better. */
static const char *module_name(const struct walk_module *m)
{
	return m->package ? m->package : path_base(m->path);
}

/*
 * Returns the bytes of all files with the same name as the i-th; 0 if an earlier file has the name.
 */
static uint64_t module_bytes(const struct walk_allocator *a, size_t i)
{
	uint64_t bytes = 0;

	for (size_t k = 0; k < a->n_modules; k++) {
		if (!streq(module_name(&a->modules[k]), module_name(&a->modules[i])))
			continue;
		if (k < i)
			return 0;
		bytes += a->modules[k].bytes;
	}
	return bytes;
}

static void add_modules(const struct cause_input *in, const struct walk_allocator *a,
			struct sbuf *facts)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n_modules && n < FACTS_NAMED_MAX; i++) {
		uint64_t bytes = module_bytes(a, i);

		if (bytes == 0 || bytes < in->bytes / FACTS_NAMED_SHARE)
			continue;
		n++;
		facts_comma(facts);
		sbuf_addf(facts, "%s in blocks that point into ", IEC(bytes));
		facts_name(facts, module_name(&a->modules[i]));
	}
}

static void measure_native(const struct cause_input *in, struct sbuf *facts, struct sbuf *advice)
{
	runtime_advice_add(in->walk, LINE_NATIVE, facts, advice);
	for (size_t i = 0; i < in->walk->n_allocators; i++) {
		add_sizes(in, &in->walk->allocators[i], facts);
		add_modules(in, &in->walk->allocators[i], facts);
	}
	cause_add_candidates(in, facts);
}

static void measure_pymalloc(const struct pymalloc_stats *p, struct sbuf *facts,
			     struct sbuf *advice)
{
	if (!p->total.system_bytes)
		return;
	facts_comma(facts);
	sbuf_addf(facts, "pymalloc has %" PRIu64 " arenas of %s; its live blocks would fit in %s",
		  p->arenas, IEC(p->total.system_bytes), IEC(p->packed_bytes));
	sbuf_adds(advice, " An arena is returned to the kernel when its last object is freed: "
			  "create long-lived objects early, and run work that needs many "
			  "short-lived objects in a separate process.");
}

static void measure_runtime_free(const struct cause_input *in, struct sbuf *facts,
				 struct sbuf *advice)
{
	const struct walk *walk = in->walk;

	for (size_t i = 0; i < walk->n_runtimes; i++) {
		const struct walk_runtime *r = &walk->runtimes[i];

		if (r->cpython)
			measure_pymalloc(&r->cpython->pymalloc, facts, advice);
		if (r->unread || !amount_ok(r->total.committed) || !amount_ok(r->total.live))
			continue;
		facts_comma(facts);
		sbuf_addf(facts, "%s may use %s and uses %s", r->label ? r->label : r->name,
			  IEC(r->total.committed.value), IEC(r->total.live.value));
	}
	runtime_advice_add(in->walk, LINE_RUNTIME_FREE, facts, advice);
}

static bool has_cpython(const struct walk *walk)
{
	for (size_t i = 0; i < walk->n_runtimes; i++) {
		if (walk->runtimes[i].cpython && !walk->runtimes[i].unread)
			return true;
	}
	return false;
}

static void measure_malloc_free(const struct cause_input *in, struct sbuf *facts,
				struct sbuf *advice)
{
	const struct walk *walk = in->walk;
	uint64_t whole = 0, arenas = 0;
	const struct walk_allocator *glibc = NULL;

	for (size_t i = 0; i < walk->n_allocators; i++) {
		const struct walk_allocator *a = &walk->allocators[i];

		whole += a->total.trimmable_bytes;
		arenas += a->n_arenas;
		if (!a->unread && streq(a->name, "glibc malloc"))
			glibc = a;
	}
	sbuf_addf(facts, "%s of it in whole pages, in %" PRIu64 " %s", IEC(whole), arenas,
		  arenas == 1 ? "arena" : "arenas");
	allocator_advice_add(walk, facts, advice);
	if (!glibc)
		return;
	if (glibc->total.trimmable_bytes >= in->bytes / 2)
		sbuf_addf(advice, " malloc_trim(0) returns the whole pages%s.",
			  has_cpython(walk) ? "; from Python: ctypes.CDLL(None).malloc_trim(0)"
					    : "");
	else
		sbuf_adds(advice, " malloc_trim(0) would return little: most of it lies between "
				  "live blocks.");
	if (glibc->n_arenas >= ARENAS_MANY)
		sbuf_adds(
			advice,
			" MALLOC_ARENA_MAX=2 in the environment limits its threads to two arenas.");
	runtime_advice_add(in->walk, LINE_MALLOC_FREE, facts, advice);
}

/* Returns the overhead of runtimes, without that of allocators. */
static uint64_t runtime_overhead(const struct walk *walk)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < walk->attributions.n; i++) {
		const struct attribution *c = &walk->attributions.v[i];

		if (c->line == LINE_OVERHEAD && walk->owners[c->owner].kind == OWNER_RUNTIME)
			bytes += c->bytes;
	}
	return bytes;
}

static void measure_overhead(const struct cause_input *in, struct sbuf *facts, struct sbuf *advice)
{
	const struct walk *walk = in->walk;
	uint64_t blocks = 0, bytes = 0, own = runtime_overhead(walk);

	for (size_t i = 0; i < walk->n_allocators; i++) {
		blocks += walk->allocators[i].total.live_blocks;
		bytes += walk->allocators[i].total.live_bytes;
	}
	if (own >= in->bytes / 2) {
		sbuf_addf(facts, "%s of it the runtime's own tables", IEC(own));
		sbuf_adds(advice, " They grow with the heap.");
		return;
	}
	if (blocks)
		sbuf_addf(facts, "%" PRIu64 " live blocks of %s on average", blocks,
			  IEC(bytes / blocks));
	if (blocks && bytes / blocks <= SMALL_BLOCK)
		sbuf_adds(advice, " The blocks are small: allocate fewer and larger ones.");
}

const struct cause_desc cause_descs[] = {
	[CAUSE_NATIVE] = {
		.id = "native",
		.title = "native memory",
		.advice = "Live blocks that no object of a runtime owns: look for caches and "
			  "buffers in the program and in the extensions and libraries that "
			  "allocated them.",
		.measure = measure_native,
	},
	[CAUSE_BLOCKS] = {
		.id = "live_blocks",
		.title = "live in malloc",
		.advice = "Which of these blocks belong to objects of the runtime is not known, as "
			  "its objects were not read.",
		.measure = measure_native,
	},
	[CAUSE_RUNTIME_FREE] = {
		.id = "runtime_free",
		.title = "free in the runtime",
		.advice = "The runtime keeps it for new objects; live objects in between prevent "
			  "its return.",
		.measure = measure_runtime_free,
	},
	[CAUSE_MALLOC_FREE] = {
		.id = "malloc_free",
		.title = "free in malloc",
		.advice = "The program freed it; the allocator keeps it for reuse.",
		.measure = measure_malloc_free,
	},
	[CAUSE_OVERHEAD] = {
		.id = "overhead",
		.title = "overhead",
		.advice = "Headers, padding and tables of allocators and runtimes.",
		.measure = measure_overhead,
	},
	[CAUSE_EXTENSIONS] = {
		.id = "extensions",
		.title = "extension images",
		.advice = "Code and data of extension modules: import fewer.",
		.measure = measure_extensions,
	},
	[CAUSE_LIBRARIES] = {
		.id = "libraries",
		.title = "shared libraries",
		.advice = "Code and data of libraries.",
		.measure = measure_libraries,
	},
	[CAUSE_PROGRAM] = {
		.id = "program",
		.title = "program",
		.advice = "Code and data of the program.",
		.measure = measure_sharing,
	},
	[CAUSE_STACKS] = {
		.id = "stacks",
		.title = "stacks",
		.advice = "They grow with the depth of calls.",
		.measure = measure_stacks,
	},
	[CAUSE_JIT] = {
		.id = "jit_code",
		.title = "JIT code",
		.advice = "The runtime has an option that limits it.",
	},
	[CAUSE_FILES] = {
		.id = "files",
		.title = "mapped files",
		.advice = "Pages of files that it reads or writes in memory.",
		.measure = measure_files,
	},
	[CAUSE_SHARED] = {
		.id = "shared_memory",
		.title = "shared memory",
		.advice = "Memory that other processes can map, too.",
		.measure = measure_sharing,
	},
	[CAUSE_AGAIN] = {
		.id = "counted_again",
		.title = "counted more than once",
		.advice = "Mapped more than once: RSS counts it each time, PSS once.",
	},
	[CAUSE_NAMED] = {
		.id = "named",
		.title = "named, not read",
		.advice = "The kernel or its shape says what it is; what it holds was not read.",
		.measure = measure_named,
	},
	[CAUSE_REST] = {
		.id = "unexplained",
		.title = "not explained",
		.advice = "No walker explains it: see the largest mappings.",
	},
};
_Static_assert(ARRAY_SIZE(cause_descs) == CAUSE_COUNT, "a row for each");
