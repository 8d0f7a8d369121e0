/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/walkers.h"

#include <errno.h>

#include "base/alloc.h"
#include "proc/vmflags.h"
#include "walk/alloc/glibc/glibc.h"
#include "walk/alloc/jemalloc/jemalloc.h"
#include "walk/alloc/mimalloc/mimalloc.h"
#include "walk/alloc/musl/musl.h"
#include "walk/alloc/tcmalloc/tcmalloc.h"
#include "walk/core/runtime_heap.h"
#include "walk/image/libraries.h"
#include "walk/runtime/cpython/cpython.h"
#include "walk/runtime/go/golang.h"
#include "walk/runtime/hotspot/hotspot.h"
#include "walk/runtime/php/zend.h"
#include "walk/runtime/ruby/ruby.h"
#include "walk/runtime/v8/v8.h"

/*
 * Runtimes first: they mark what their objects own in the allocators that come behind. glibc's malloc
 * last: what it maps is searched for in memory that nobody else has.
 */
static const struct walker walkers[] = {
	{ "cpython", WANT_PYTHON, cpython_applies, cpython_walk },
	{ "node", WANT_NODE, v8_applies, v8_walk },
	{ "php", WANT_PHP, zend_applies, zend_walk },
	{ "ruby", WANT_RUBY, ruby_applies, ruby_walk },
	{ "go", WANT_GO, golang_applies, golang_walk },
	{ "jvm", WANT_JVM, hotspot_applies, hotspot_walk },
	{ "jemalloc", WANT_MALLOC, jemalloc_applies, jemalloc_walk },
	{ "tcmalloc", WANT_MALLOC, tcmalloc_applies, tcmalloc_walk },
	{ "Google's tcmalloc", WANT_MALLOC, library_google_tcmalloc, NULL },
	{ "mozjemalloc", WANT_MALLOC, library_mozjemalloc, NULL },
	{ "mimalloc", WANT_MALLOC, mimalloc_applies, mimalloc_walk },
	{ "musl malloc", WANT_MALLOC, musl_applies, musl_walk },
	{ "glibc malloc", WANT_MALLOC, glibc_applies, glibc_walk },
};

/* Regions that must not be read, by the flags that smaps states and maps does not. */
static void avoid_regions(struct walk *d)
{
	static const struct {
		uint64_t flags;
		enum mem_why why;
	} rows[] = {
		{ VMA_FLAG(VF_UM) | VMA_FLAG(VF_UW) | VMA_FLAG(VF_UI), MEM_UFFD },
		{ VMA_FLAG(VF_IO) | VMA_FLAG(VF_PF), MEM_DEVICE },
	};

	for (size_t i = 0; i < d->snap->n_regions; i++) {
		const struct region *r = &d->snap->regions[i];

		for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
			if (r->flags & rows[k].flags)
				memsrc_avoid(d->mem, r->start, r->end, rows[k].why);
		}
	}
}

static void add_unread(struct walk *d, const struct walker *w, uint32_t file)
{
	walk_add_allocator(d, w->name, file)->unread = "not read yet by this version";
}

/* The runtimes of the process that no walker is for. */
static void name_others(struct walk *d)
{
	for (size_t i = 0; i < d->snap->n_runtimes; i++) {
		const char *name = d->snap->runtimes[i].name;
		size_t k = 0;

		while (k < ARRAY_SIZE(walkers) && !streq(walkers[k].name, name))
			k++;
		if (k == ARRAY_SIZE(walkers))
			walk_add_runtime(d, name, walk_runtime_file(d, name))
				->unread = "this version has no walker for it";
	}
}

static void run_walkers(struct walk *d)
{
	if (d->opts.want & WANT_OTHERS)
		name_others(d);
	for (size_t i = 0; i < ARRAY_SIZE(walkers); i++) {
		const struct walker *w = &walkers[i];
		uint32_t file = w->want & d->opts.want ? w->applies(d) : 0;

		if (file && w->walk)
			(void)w->walk(d);
		else if (file)
			add_unread(d, w, file);
	}
}

/* Before anything is walked: what is free in huge pages is counted by those that are not zero. */
static void find_huge(struct walk *d)
{
	d->huge = xcalloc(1, sizeof(*d->huge));
	huge_map_init(d->huge, d->snap, d->mem);
	if (d->huge->n)
		d->attributions.huge.map = d->huge;
}

static void walk(struct walk *d, void (*walk_all)(struct walk *d))
{
	int64_t started = d->opts.clock->boot_ns(d->opts.clock->arg);

	d->arena = (struct arena)ARENA_INIT;
	d->frozen_ns = amount_absent(why_none);
	attributions_init(&d->attributions, d->snap);
	avoid_regions(d);
	find_huge(d);
	walk_all(d);
	d->huge_waste = huge_free_judge(&d->attributions.huge);
	d->skew_bytes = attributions_clamp(&d->attributions);
	if (memsrc_is_over(d->mem))
		d->partial = mem_why_descs[d->mem->gone ? MEM_GONE : MEM_CANCELLED].text;
	d->scan_ns = d->opts.clock->boot_ns(d->opts.clock->arg) - started;
}

int walk_read_from(const struct snapshot *snap, struct memsrc *mem, const struct walk_opts *opts,
		   struct walk *ret)
{
	struct walk d = { .snap = snap, .mem = mem, .opts = *opts };

	walk(&d, run_walkers);
	*ret = d;
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

static void read_published(struct walk *d)
{
	if ((d->opts.want & WANT_JVM) && hotspot_counters_in_file(d) == 0)
		d->partial = "permission denied: only what the runtime publishes was read";
}

int walk_read_published(const struct snapshot *snap, const struct walk_opts *opts, struct walk *ret)
{
	static const struct memsrc_ops ops = { no_maps, no_states, no_bytes, no_close };
	struct walk d = { .snap = snap, .opts = *opts };
	int status = memsrc_new(&ops, NULL, (uint64_t)sysconf(_SC_PAGESIZE), NULL, &d.mem);

	if (status < 0)
		return status;
	walk(&d, read_published);
	if (d.n_runtimes == 0) {
		walk_release(&d);
		return -ENOENT;
	}
	*ret = d;
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

int walk_parse_want(const char *text, unsigned int *want)
{
	static const struct {
		const char *name;
		unsigned int want;
	} words[] = {
		{ "malloc", WANT_MALLOC }, { "python", WANT_PYTHON }, { "jvm", WANT_JVM },
		{ "go", WANT_GO },         { "node", WANT_NODE },     { "php", WANT_PHP },
		{ "ruby", WANT_RUBY },     { "all", WANT_ALL },
	};
	size_t len;

	for (; text; text = text[len] ? text + len + 1 : NULL) {
		size_t i = 0;

		len = strcspn(text, ",");
		while (i < ARRAY_SIZE(words) &&
		       (strlen(words[i].name) != len || strncmp(words[i].name, text, len) != 0))
			i++;
		if (i == ARRAY_SIZE(words))
			return -EINVAL;
		*want |= words[i].want;
	}
	return 0;
}
