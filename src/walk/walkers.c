/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/walkers.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/sbuf.h"
#include "proc/memsrc_impl.h"
#include "proc/vmflags.h"
#include "walk/alloc/glibc/glibc.h"
#include "walk/alloc/jemalloc/jemalloc.h"
#include "walk/alloc/mimalloc/mimalloc.h"
#include "walk/alloc/musl/musl.h"
#include "walk/alloc/allocator_walk.h"
#include "walk/alloc/tcmalloc/tcmalloc.h"
#include "walk/core/runtime_walk.h"
#include "walk/image/libraries.h"
#include "walk/runtime/cpython/cpython.h"
#include "walk/runtime/go/golang.h"
#include "walk/runtime/hotspot/hotspot.h"
#include "walk/runtime/php/zend.h"
#include "walk/runtime/ruby/ruby.h"
#include "walk/runtime/v8/v8.h"

/* The word of --deep that asks for everything. */
static const char all[] = "all";

const struct walker walkers[] = {
	[WALKER_CPYTHON] = { .name = "cpython",
			     .title = "CPython",
			     .word = "python",
			     .want = WANT_PYTHON,
			     .walk = cpython_walk },
	[WALKER_NODE] = { .name = "node",
			  .title = "V8",
			  .word = "node",
			  .want = WANT_NODE,
			  .runtime = &v8_walker },
	[WALKER_PHP] = { .name = "php",
			 .title = "PHP",
			 .word = "php",
			 .want = WANT_PHP,
			 .runtime = &zend_walker },
	[WALKER_RUBY] = { .name = "ruby",
			  .title = "Ruby",
			  .word = "ruby",
			  .want = WANT_RUBY,
			  .runtime = &ruby_walker },
	[WALKER_GO] = { .name = "go",
			.title = "Go",
			.word = "go",
			.want = WANT_GO,
			.runtime = &golang_walker },
	[WALKER_JVM] = { .name = "jvm",
			 .title = "HotSpot",
			 .word = "jvm",
			 .want = WANT_JVM,
			 .module = hotspot_module,
			 .runtime = &hotspot_walker,
			 .published = hotspot_counters_in_file },
	[WALKER_JEMALLOC] = { .name = "jemalloc",
			      .title = "jemalloc",
			      .word = "malloc",
			      .want = WANT_MALLOC,
			      .module = library_jemalloc,
			      .in_program = true,
			      .replaces_malloc = true,
			      .allocator = &jemalloc_walker },
	[WALKER_TCMALLOC] = { .name = "tcmalloc",
			      .title = "tcmalloc",
			      .word = "malloc",
			      .want = WANT_MALLOC,
			      .module = library_tcmalloc,
			      .in_program = true,
			      .replaces_malloc = true,
			      .allocator = &tcmalloc_walker },
	[WALKER_GOOGLE_TCMALLOC] = { .name = "Google's tcmalloc",
				     .title = "Google's tcmalloc",
				     .word = "malloc",
				     .want = WANT_MALLOC,
				     .module = library_google_tcmalloc,
				     .unread = REASON_NOT_READ_YET },
	[WALKER_MOZJEMALLOC] = { .name = "mozjemalloc",
				 .title = "mozjemalloc",
				 .word = "malloc",
				 .want = WANT_MALLOC,
				 .module = library_mozjemalloc,
				 .unread = REASON_NOT_READ_YET },
	[WALKER_MIMALLOC] = { .name = "mimalloc",
			      .title = "mimalloc",
			      .word = "malloc",
			      .want = WANT_MALLOC,
			      .module = library_mimalloc,
			      .in_program = true,
			      .replaces_malloc = true,
			      .allocator = &mimalloc_walker },
	[WALKER_MUSL] = { .name = "musl malloc",
			  .title = "musl malloc",
			  .word = "malloc",
			  .want = WANT_MALLOC,
			  .module = library_musl,
			  .in_program = true,
			  .replaces_malloc = true,
			  .allocator = &musl_walker },
	[WALKER_GLIBC] = { .name = "glibc malloc",
			   .title = "glibc malloc",
			   .word = "malloc",
			   .want = WANT_MALLOC,
			   .module = glibc_applies,
			   .walk = glibc_walk },
};
_Static_assert(ARRAY_SIZE(walkers) == WALKER_COUNT, "a row for each");

/* Marks the regions that must not be read, by flags that smaps states and maps does not. */
static void avoid_regions(struct walk *walk)
{
	static const struct {
		uint64_t flags;
		enum mem_why why;
	} rows[] = {
		{ VMA_FLAG(VF_UM) | VMA_FLAG(VF_UW) | VMA_FLAG(VF_UI), MEM_UFFD },
		{ VMA_FLAG(VF_IO) | VMA_FLAG(VF_PF), MEM_DEVICE },
	};

	for (size_t i = 0; i < walk->snap->n_regions; i++) {
		const struct region *r = &walk->snap->regions[i];

		for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
			if (r->flags & rows[k].flags)
				memsrc_avoid(walk->mem, r->start, r->end, rows[k].why);
		}
	}
}

/* Lists the runtimes of the process that no walker is for. */
static void name_others(struct walk *walk)
{
	for (size_t i = 0; i < walk->snap->n_runtimes; i++) {
		const char *name = walk->snap->runtimes[i].name;
		size_t k = 0;

		while (k < WALKER_COUNT && !streq(walkers[k].name, name))
			k++;
		if (k == WALKER_COUNT)
			walk_add_runtime(walk, name, walk_runtime_file(walk, name))
				->unread = REASON_NO_WALKER;
	}
}

static void run_walker(struct walk *walk, const struct walker *row)
{
	if (row->allocator)
		(void)allocator_walk(walk, row);
	else if (row->runtime)
		(void)runtime_walk(walk, row);
	else if (row->walk)
		(void)row->walk(walk);
	else
		walk_add_allocator(walk, row->name, walker_module(row, walk))->unread = row->unread;
}

static void run_walkers(struct walk *walk)
{
	for (size_t i = 0; i < WALKER_COUNT; i++)
		walk->other_malloc |= walkers[i].replaces_malloc &&
				      walker_module(&walkers[i], walk);
	for (size_t i = 0; i < WALKER_COUNT; i++) {
		if (walkers[i].want & walk->opts.want && walker_applies(&walkers[i], walk))
			run_walker(walk, &walkers[i]);
	}
	if (walk->opts.want & WANT_OTHERS)
		name_others(walk);
}

/*
 * Finds the huge pages. It comes before all walks, which count free bytes by those of their pages
 * that are not zero.
 */
static void find_huge(struct walk *walk)
{
	walk->huge = xcalloc(1, sizeof(*walk->huge));
	huge_map_init(walk->huge, walk->snap, walk->mem);
	if (walk->huge->n)
		walk->attributions.huge.map = walk->huge;
}

static void run(struct walk *walk, void (*walk_all)(struct walk *walk))
{
	int64_t started = walk->opts.clock->boot_ns(walk->opts.clock->arg);

	walk->arena = (struct arena)ARENA_INIT;
	walk->frozen_ns = amount_absent(REASON_BY_DESIGN);
	attributions_init(&walk->attributions, walk->snap);
	walk->attributions.shares = walk->shares = xcalloc(1, sizeof(*walk->shares));
	shares_init(walk->shares, walk->snap, walk->opts.fs, walk->opts.dirfd);
	avoid_regions(walk);
	find_huge(walk);
	walk_all(walk);
	glibc_close(walk);
	walk->huge_waste = huge_free_judge(&walk->attributions.huge);
	walk->skew_bytes = attributions_clamp(&walk->attributions);
	if (memsrc_is_over(walk->mem))
		walk->partial = walk->mem->gone ? REASON_GONE : REASON_INTERRUPTED;
	walk->scan_ns = walk->opts.clock->boot_ns(walk->opts.clock->arg) - started;
}

int walk_read_from(const struct snapshot *snap, struct memsrc *mem, const struct walk_opts *opts,
		   struct walk *ret)
{
	struct walk walk = { .snap = snap, .mem = mem, .opts = *opts };

	run(&walk, run_walkers);
	*ret = walk;
	return 0;
}

static int no_maps(void *arg attr_unused, struct memsrc *m attr_unused)
{
	return 0;
}

static int no_states(void *arg attr_unused, uint64_t addr attr_unused, size_t n attr_unused,
		     uint8_t *ret_states attr_unused)
{
	return -EACCES;
}

static ssize_t no_bytes(void *arg attr_unused, uint64_t addr attr_unused, void *buf attr_unused,
			size_t len attr_unused)
{
	return -EACCES;
}

static void no_close(void *arg attr_unused)
{
}

static void read_published(struct walk *walk)
{
	for (size_t i = 0; i < WALKER_COUNT; i++) {
		const struct walker *row = &walkers[i];

		if (row->published && row->want & walk->opts.want && row->published(walk) == 0)
			walk->partial = REASON_ONLY_PUBLISHED;
	}
}

int walk_read_published(const struct snapshot *snap, const struct walk_opts *opts, struct walk *ret)
{
	static const struct memsrc_ops ops = {
		.maps = no_maps, .states = no_states, .read = no_bytes, .close = no_close
	};
	struct walk walk = { .snap = snap, .opts = *opts };
	int status = memsrc_new(&ops, NULL, (uint64_t)sysconf(_SC_PAGESIZE), NULL, &walk.mem);

	if (status < 0)
		return status;
	run(&walk, read_published);
	if (walk.n_runtimes == 0) {
		walk_release(&walk);
		return -ENOENT;
	}
	*ret = walk;
	return 0;
}

int walk_read(const struct snapshot *snap, int dirfd, const struct walk_opts *opts,
	      struct walk *ret)
{
	struct memsrc *mem;
	int status = memsrc_open(dirfd, opts->cancel, &mem);

	if (status == -EACCES && walk_read_published(snap, opts, ret) == 0)
		return 0;
	if (status < 0)
		return status;
	mem->progress = opts->progress;
	return walk_read_from(snap, mem, opts, ret);
}

/* Returns the bits that a word of --deep stands for; 0: it is not known. */
static unsigned int want_of(const char *word, size_t len)
{
	if (len == strlen(all) && strncmp(word, all, len) == 0)
		return WANT_ALL;
	for (size_t i = 0; i < WALKER_COUNT; i++) {
		if (strlen(walkers[i].word) == len && strncmp(walkers[i].word, word, len) == 0)
			return walkers[i].want;
	}
	return 0;
}

/* Appends the words that are known, in the order of their bits: "malloc, python or all". */
static void add_words(struct sbuf *out)
{
	const char *separator = "";

	for (unsigned int bit = 1; bit < WANT_ALL; bit <<= 1) {
		size_t i = 0;

		while (i < WALKER_COUNT && walkers[i].want != bit)
			i++;
		if (i == WALKER_COUNT)
			continue;
		sbuf_addf(out, "%s%s", separator, walkers[i].word);
		separator = ", ";
	}
	sbuf_addf(out, " or %s", all);
}

static int refuse_want(const char *text, struct err *err)
{
	auto_sbuf words = SBUF_INIT;

	add_words(&words);
	return err_set(err, EINVAL, "--deep '%.60s': not %s", text, sbuf_str(&words));
}

int walk_parse_want(const char *text, unsigned int *want, struct err *err)
{
	const char *at = text;
	size_t len;

	for (; at; at = at[len] ? at + len + 1 : NULL) {
		unsigned int bits;

		len = strcspn(at, ",");
		bits = want_of(at, len);
		if (!bits)
			return refuse_want(text, err);
		*want |= bits;
	}
	return 0;
}
