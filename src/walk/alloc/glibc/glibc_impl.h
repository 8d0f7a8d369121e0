/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * malloc of glibc, read from outside without symbols: its arenas are found by their shape, its
 * blocks ("chunks") by walking from header to header. 64-bit little-endian, glibc 2.26 and later.
 *
 * Sources: glibc malloc/malloc.c and malloc/arena.c of the releases named in glibc_layouts.
 */
#ifndef WALK_ALLOC_GLIBC_GLIBC_IMPL_H
#define WALK_ALLOC_GLIBC_GLIBC_IMPL_H

#include "walk/alloc/glibc/glibc.h"
#include "walk/alloc/size_account.h"
#include "walk/image/cxx.h"

/* Offsets in struct malloc_state, which differ by what comes before its bins. */
struct glibc_layout {
	const char *releases;
	uint16_t fast;   /* of fastbinsY */
	uint8_t n_fast;  /* 0: it has none */
	uint16_t top;    /* 16 before the bins */
	uint16_t bins;   /* NBINS * 2 - 2 pointers */
	uint16_t next;   /* of the ring of arenas */
	uint16_t system; /* system_mem, max_system_mem */
	uint16_t size;
	uint16_t tcache; /* chunk of the table of a tcache; 0: releases differ */
};

enum { GLIBC_BIN_WORDS = 254, GLIBC_STATE_MAX = 0x898, GLIBC_FAST_MAX = 10 };

enum {
	GLIBC_HEAD = 16,      /* prev_size and size, before what malloc returns */
	GLIBC_CHUNK_MIN = 32, /* of a chunk that is not a fencepost */
	GLIBC_PREV_INUSE = 1,
	GLIBC_MMAPPED = 2,
	GLIBC_NON_MAIN = 4,
	GLIBC_FLAGS = 7,
	GLIBC_UNUSED = 10, /* bits that a chunk of a heap has clear: MMAPPED, and 8 */
};

/* Piece of an arena: chunks follow each other from start to where it ends. */
struct glibc_segment {
	uint64_t base;  /* of the memory the arena got, not above start */
	uint64_t start; /* first chunk */
	uint64_t limit; /* every chunk ends at or below it */
	uint32_t arena; /* index */
};

struct glibc_arena {
	uint64_t addr;
	uint64_t top;
	uint64_t
		system_mem; /* the smallest value that was read: memory that was added later need not be found */
	uint64_t covered_bytes; /* by its segments */
	bool main, noncontiguous;
	uint64_t fast[GLIBC_FAST_MAX];
};

/*
 * A small chunk in use that may be in a fastbin, and the chunk that would follow it in that list.
 * There may be millions: the size, in units of 16 bytes, is in the low bits of the address, which
 * are 0.
 */
struct glibc_fast_chunk {
	uint64_t addr_units, next;
};

struct glibc_mapped {
	uint64_t addr, bytes;
};

/* Chunks side by side, as the index has them. */
struct glibc_run {
	uint64_t start, end;
	uint32_t arena; /* index */
};

/* Sums over the chunks of one region, until a chunk lies in another region. */
struct glibc_pending {
	struct attribution_place at;
	uint64_t start, end; /* of its region, or of the pages around that count alike */
	uint64_t native_bytes, free_bytes, header_bytes;
};

/* One C library's malloc. A process may have several (dlmopen, a static program). */
struct glibc {
	struct walk *walk;
	const struct glibc *peers; /* all mallocs that were found, this one included */
	size_t n_peers;
	uint32_t file; /* index into the snapshot's files */
	const struct glibc_layout *layout;
	uint64_t heap_max;        /* size and alignment of the heaps of thread arenas */
	uint64_t heap_info_bytes; /* header of each */
	uint64_t sbrk_base;       /* 0: mp_ was not found, or the main arena is not in use */
	uint64_t par_addr;        /* of mp_; 0: it was not found */
	const struct glibc_par_layout *par_layout;
	bool has_mapped;            /* chunks with a mapping each */
	struct glibc_arena *arenas; /* [0] is the main one */
	size_t n_arenas, cap_arenas;
	struct glibc_segment *segments; /* that were walked */
	size_t n_segments, cap_segments;

	/* What the walk collects. */
	struct size_account account;  /* its arenas are those above, in the same order */
	struct glibc_pending pending; /* to be attributed */
	struct cxx_sums objects;
	uint16_t tcache_bytes; /* chunk of the table of a tcache; 0: not known */
	bool has_fast;         /* some fastbin is not empty */
	bool safe_links;       /* links of free lists are masked by their address: 2.32 and later */
	bool links_known;
	uint64_t low, high; /* bounds of all memory that chunks may lie in */
	struct glibc_fast_chunk *fast;
	uint64_t cut_lists; /* fastbins not followed to their end */
	size_t n_fast, cap_fast;
	uint64_t *tcaches; /* addresses of chunks that look like the table of a thread's cache */
	size_t n_tcaches, cap_tcaches;
	struct glibc_mapped *mapped; /* chunks with a mapping each, ascending */
	size_t n_mapped;
	bool mapped_whole;              /* as many were found as mp_ counts */
	struct marks tcached, fastbins; /* chunks in these: free, though marked in use */

	/* The index of what was walked. */
	struct marks chunks; /* the start of each chunk, and 16 bytes behind it if it is free */
	struct glibc_run *runs;
	size_t n_runs, cap_runs;
	bool no_index;         /* the heaps are too large for one */
	struct marks pointing; /* chunks that were counted by their first word */
};

extern const struct glibc_layout glibc_layouts[];
extern const size_t glibc_n_layouts;

/* Tells whether a path names a C library: "libc.so.6" or "libc-2.31.so". */
bool glibc_is_name(const char *path);

/*
 * Finds the mallocs of the process that are in use. The caller calls glibc_release for each, then
 * frees the array. Returns 0; -ENOENT if there is none; or -ENOTSUP if there is a C library whose
 * data holds no arena of a known form.
 */
int glibc_find(struct walk *walk, struct glibc **ret, size_t *ret_n);
void glibc_release(struct glibc *g);

/*
 * Reads the state of an arena again: where top is, how much memory it has, the heads of its
 * fastbins. Returns false if that cannot be read.
 */
bool glibc_read_arena(struct glibc *g, struct glibc_arena *a);

/*
 * Reads how many chunks with a mapping each there are now by mp_, and their bytes. Returns false if
 * that is not known.
 */
bool glibc_read_par(const struct glibc *g, uint64_t *ret_mmaps, uint64_t *ret_bytes);

/* A chunk as it was read. */
struct glibc_chunk {
	uint64_t addr; /* of its header */
	uint64_t bytes;
	uint64_t first; /* the word behind the header; 0: not wanted, or the chunk is free */
	uint32_t arena; /* index */
	bool in_use;
};

typedef void glibc_take_fn(void *arg, const struct glibc_chunk *chunks, size_t n);

/*
 * A walk over one segment. It passes chunks on in batches, each only after more chunks behind it
 * held together.
 */
struct glibc_walk {
	struct glibc *g;
	const struct glibc_segment *seg;
	glibc_take_fn *take;
	/* Called for a gap in which no chunk was found, as in swapped memory. May be NULL. */
	void (*skip)(void *arg, uint64_t start, uint64_t end);
	void *arg;
	bool with_first;

	/* Set by the walk. */
	uint64_t end;       /* of the segment as it was found: of top, or behind its fencepost */
	uint64_t top_bytes; /* of the top chunk, 0 if the segment did not end in it */
	uint64_t breaks;
};

void glibc_walk_chunks(struct glibc_walk *w);
/*
 * Tells whether n chunks in a row hold together from addr on, or all up to the end of the segment.
 */
bool glibc_is_chain(struct glibc *g, const struct glibc_segment *seg, uint64_t addr,
		    unsigned int n);
/*
 * Finds the first address in [from, to) where a chain of n chunks begins. Returns false if there is
 * none in the 16 MiB that can be read first.
 */
bool glibc_find_chain(struct glibc *g, const struct glibc_segment *seg, uint64_t from, uint64_t to,
		      unsigned int n, uint64_t *ret_addr);

/*
 * Walks one segment, appends it to g->segments, and adds its chunks to the index and the
 * candidates. Attributes at once what is in no chunk. Sets *ret_end to the end of the segment, and
 * returns whether that is the end of top.
 */
bool glibc_walk_segment(struct glibc *g, const struct glibc_segment *seg, uint64_t *ret_end);
/* Adds chunks to the index, unless it became too large and was dropped. */
void glibc_index_add(struct glibc *g, const struct glibc_chunk *chunks, size_t n);
/*
 * Calls take for every chunk, in the order in which they were found. The index has chunks in caches
 * as free; without an index the segments are walked again, where these are in use.
 */
void glibc_each_chunk(struct glibc *g, glibc_take_fn *take, void *arg);
/* Calls take for every chunk that is in the segments now. Chunks in caches are in use. */
void glibc_each_chunk_now(struct glibc *g, glibc_take_fn *take, void *arg);
/* Marks a chunk of the index as free. Returns false if it is not in the index, or already free. */
bool glibc_mark_free(struct glibc *g, uint64_t chunk);

/* Tells whether the chunk at this address was found in a tcache or fastbin. */
static inline bool glibc_is_marked(struct glibc *g, uint64_t chunk)
{
	return (g->tcached.n && marks_any(&g->tcached, chunk, chunk + GLIBC_HEAD)) ||
	       (g->fastbins.n && marks_any(&g->fastbins, chunk, chunk + GLIBC_HEAD));
}

/* Tells whether a chunk that glibc_each_chunk passes on is in a tcache or fastbin. */
static inline bool glibc_is_cached(struct glibc *g, const struct glibc_chunk *c)
{
	return c->in_use == g->no_index && glibc_is_marked(g, c->addr);
}

/* Sums up and attributes all chunks, once their owners are known. */
void glibc_account(struct glibc *g);
/*
 * Attributes free memory and counts what of it malloc_trim(3) would return: whole pages behind the
 * first `keep` bytes.
 */
void glibc_attribute_free(struct glibc *g, struct walk_heap *sums, uint64_t addr, uint64_t bytes,
			  uint64_t keep);

/* Counts a native chunk by its first word, which may point to a C++ class or into a module. */
void glibc_count_first(struct glibc *g, uint64_t first, uint64_t bytes);

/* The header of a heap: heap_info of malloc/arena.c. */
struct glibc_heap {
	uint64_t ar_ptr, prev, size;
};

/* Returns the end of the writable memory around addr that has no gap. */
uint64_t glibc_run_end(const struct memsrc *m, uint64_t addr);
/* Reads the header of a heap. Returns its arena, or NULL if it belongs to none of the arenas. */
struct glibc_arena *glibc_read_heap(struct glibc *g, uint64_t addr, struct glibc_heap *ret);
/* Reads the mappings again, since heaps grow, and returns the limit that a segment has now. */
uint64_t glibc_segment_limit(struct glibc *g, const struct glibc_segment *seg);
/* Finds the segments of all arenas, walks each and sorts them. */
void glibc_walk_heaps(struct glibc *g);
void glibc_sort_segments(struct glibc *g);

/*
 * Walks the pieces of a main arena that brk(2) did not provide. To be called when the heaps of all
 * peers were walked.
 */
void glibc_walk_pieces(struct glibc *g);
/* Finds the chunks that have a mapping each, of all peers together. */
void glibc_find_mapped(struct glibc *g);

/*
 * Finds out the form of free lists before the walk: how links are written, how a tcache is laid
 * out.
 */
void glibc_learn_lists(struct glibc *g);
/*
 * Returns the chunk that follows in a fastbin, by the first word of this one; 0: it is the last, or
 * not in a fastbin.
 */
uint64_t glibc_fast_next(const struct glibc *g, uint64_t chunk, uint64_t link);
/* Tells whether a chunk is as large as the table of a tcache may be. */
static inline bool glibc_may_be_tcache(const struct glibc *g, uint64_t bytes)
{
	return !g->tcache_bytes || bytes - g->tcache_bytes <= GLIBC_HEAD;
}
/* Tells whether a chunk in use looks like the table of a tcache that holds something. */
bool glibc_looks_like_tcache(struct glibc *g, uint64_t chunk, uint64_t bytes);
/* Marks the chunks that are in tcaches and fastbins. */
void glibc_find_cached(struct glibc *g);

#endif
