/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of walkers. A new allocator or runtime is a row of WALKERS and of walkers[], its advice
 * (analysis/findings/walker_advice.c) and a file that walks it; tests/t_walkers.c names what is
 * missing.
 */
#ifndef WALK_WALKERS_H
#define WALK_WALKERS_H

#include "base/err.h"
#include "walk/core/walker.h"

/*
 * Runtimes come first: they mark what their objects own in the allocators that follow. glibc's
 * malloc comes last: chunks that it mapped are looked for in memory that belongs to nothing else.
 */
#define WALKERS(ROW)                                                                               \
	ROW(CPYTHON, cpython)                                                                      \
	ROW(NODE, node)                                                                            \
	ROW(PHP, php)                                                                              \
	ROW(RUBY, ruby)                                                                            \
	ROW(GO, go)                                                                                \
	ROW(JVM, jvm)                                                                              \
	ROW(JEMALLOC, jemalloc)                                                                    \
	ROW(TCMALLOC, tcmalloc)                                                                    \
	ROW(GOOGLE_TCMALLOC, google_tcmalloc)                                                      \
	ROW(MOZJEMALLOC, mozjemalloc)                                                              \
	ROW(MIMALLOC, mimalloc)                                                                    \
	ROW(MUSL, musl)                                                                            \
	ROW(GLIBC, glibc)

#define WALKER_ID(ID, id) WALKER_##ID,
enum walker_id { WALKERS(WALKER_ID) WALKER_COUNT };
#undef WALKER_ID

extern const struct walker walkers[];

/*
 * Reads "malloc,python", what --deep asks for, and adds its bits of enum walk_want to *want.
 * Returns 0, or -EINVAL with the words that it knows in *err.
 */
int walk_parse_want(const char *text, unsigned int *want, struct err *err);

/*
 * Runs the walkers that apply to the process of a snapshot; dirfd is the directory of the process
 * or of one of its threads. The snapshot must outlive *ret, which the caller releases on success.
 * Returns 0, or -errno if the memory cannot be opened (-EACCES: denied).
 */
int walk_read(const struct snapshot *snap, int dirfd, const struct walk_opts *opts,
	      struct walk *ret);
/* Runs them over another source of memory, which *ret then owns. */
int walk_read_from(const struct snapshot *snap, struct memsrc *mem, const struct walk_opts *opts,
		   struct walk *ret);

/*
 * Reads what runtimes publish for readers without access to their memory; walk_read does so when
 * access is denied. Returns 0, or -ENOENT if nothing is published.
 */
int walk_read_published(const struct snapshot *snap, const struct walk_opts *opts,
			struct walk *ret);

#endif
