/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory of another process, read without changing the process: only present pages, in blocks
 * of 256 KiB with a small cache, from /proc/PID/mem. Not with process_vm_readv(2), which unshares
 * pages that a fork shares. If bytes cannot be read, the reason is set and counted.
 *
 * The state of pages is read right before each read. Reading sets their accessed bit, so Referenced
 * of smaps has to be read first.
 */
#ifndef PROC_MEMSRC_H
#define PROC_MEMSRC_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/util.h"

/* Why bytes cannot be read. */
enum mem_why {
	MEM_READ,        /* they can be read */
	MEM_UNMAPPED,    /* no mapping */
	MEM_NOT_PRESENT, /* mapped, but the page is not in RAM */
	MEM_SWAPPED,     /* reading would swap the page in */
	MEM_NO_ACCESS,   /* the process may not read it either (---p) */
	MEM_GUARD,       /* MADV_GUARD_INSTALL */
	MEM_UFFD,        /* a userfaultfd handler fills the range (VmFlags um uw ui) */
	MEM_DEVICE,    /* memory of a device or of the kernel (VmFlags io pf, [vvar], [vsyscall]) */
	MEM_FAILED,    /* the read failed, usually because the page was removed meanwhile */
	MEM_GONE,      /* the address space no longer exists: exit or exec */
	MEM_CANCELLED, /* the caller's flag was set */
	MEM_WHY_COUNT
};

struct mem_why_desc {
	const char *id;
	const char *text; /* behind "memory not read: " */
};

extern const struct mem_why_desc mem_why_descs[];

enum mem_kind {
	MEM_ANON,    /* no file, and no name or one that the process gave it */
	MEM_HEAP,    /* [heap] */
	MEM_STACK,   /* [stack] */
	MEM_FILE,    /* a file, a memfd, shared memory */
	MEM_SPECIAL, /* [vdso], [vvar], [vsyscall], ... */
};

/* A mapping, as in maps. */
struct mem_map {
	uint64_t start, end; /* [start, end) */
	uint64_t offset, inode;
	uint32_t major, minor;
	uint8_t perms; /* enum vma_perm */
	uint8_t kind;  /* enum mem_kind */
};

struct memsrc;
struct memsrc_ops;
struct vma;

/* Returns the kind of a mapping, by its name and inode. */
enum mem_kind mem_kind_of(const struct vma *v);

enum {
	MEMSRC_BLOCK = 256 << 10,    /* bytes read at once, aligned */
	MEMSRC_SPAN_MAX = 64 << 10,  /* the longest memsrc_at */
	MEMSRC_SETS = 16,            /* the cache: 64 blocks, 16 MiB */
	MEMSRC_WAYS = 4,             /* blocks in a set */
	MEMSRC_STREAM = 3,           /* blocks that a scan reuses */
	MEMSRC_STATES = 2048,        /* pages whose states are cached */
	MEMSRC_BLOCK_PAGES_MAX = 64, /* of 4 KiB */
};

struct mem_block {
	uint64_t number;                     /* address / MEMSRC_BLOCK + 1; 0: empty */
	uint64_t used;                       /* clock at the last use */
	uint32_t visits;                     /* how often it became the current block */
	uint8_t *data;                       /* in the pool; NULL: none so far */
	uint8_t why[MEMSRC_BLOCK_PAGES_MAX]; /* enum mem_why of each page */
};

/* The caller of memsrc_open owns it. Callers may read the fields up to `reads`. */
struct memsrc {
	uint64_t window; /* bytes that can be used directly, see memsrc_at */
	uint64_t window_len;
	const uint8_t *window_data;
	enum mem_why why;     /* why the last read failed */
	struct mem_map *maps; /* ascending, without overlaps */
	size_t n_maps;
	uint64_t page_bytes;
	uint64_t refused[MEM_WHY_COUNT]; /* how often each reason was set */
	uint64_t bytes_read, reads;

	size_t cap_maps;
	struct mem_avoid {
		uint64_t start, end;
		enum mem_why why;
	} * avoid; /* ascending as added */
	size_t n_avoid, cap_avoid;
	struct mem_block blocks[MEMSRC_SETS][MEMSRC_WAYS];
	struct mem_block *current;               /* the block of the window */
	struct mem_block *recent[MEMSRC_STREAM]; /* read last; a scan reuses the oldest */
	uint8_t *pool;                           /* room for all blocks */
	size_t n_pool;                           /* blocks in it that were used so far */
	uint64_t clock;
	uint8_t *span;    /* for a memsrc_at across the end of a window */
	uint8_t *scratch; /* for memsrc_peek */
	uint64_t states_start;
	size_t states_n; /* 0: no states are cached */
	uint8_t states[MEMSRC_STATES];
	bool gone;
	const struct memsrc_ops *ops;
	void *arg;
	const volatile sig_atomic_t *cancel;
	_Atomic uint64_t *progress; /* bytes_read, for another thread to read; may be NULL */
};

/*
 * Opens the memory of the process whose directory is dirfd (a thread's directory works too).
 * *cancel may become non-zero at any time, for example in a signal handler; then nothing more is
 * read. cancel may be NULL. The caller releases *ret with memsrc_free. Returns 0 or -errno
 * (-EACCES: denied; -ESRCH: exited or without an address space).
 */
int memsrc_open(int dirfd, const volatile sig_atomic_t *cancel, struct memsrc **ret);
void memsrc_free(struct memsrc *m);

/* Makes all later reads of [start, end) fail with this reason, whatever the mappings say. */
void memsrc_avoid(struct memsrc *m, uint64_t start, uint64_t end, enum mem_why why);

/* Does what memsrc_at does, for bytes outside the window. */
const void *memsrc_at_slow(struct memsrc *m, uint64_t addr, size_t len);

/*
 * Returns the bytes [addr, addr + len), 1 to MEMSRC_SPAN_MAX; NULL if one of them cannot be read:
 * m->why says why. The pointer is aligned as addr is, and valid until the next call that reads,
 * except memsrc_peek.
 */
static inline const void *memsrc_at(struct memsrc *m, uint64_t addr, size_t len)
{
	uint64_t at = addr - m->window;

	if (at < m->window_len && len <= m->window_len - at)
		return m->window_data + at;
	return memsrc_at_slow(m, addr, len);
}

static inline bool memsrc_u64(struct memsrc *m, uint64_t addr, uint64_t *ret)
{
	const void *p = memsrc_at(m, addr, sizeof(*ret));

	if (p)
		memcpy(ret, p, sizeof(*ret));
	return p;
}

static inline bool memsrc_u32(struct memsrc *m, uint64_t addr, uint32_t *ret)
{
	const void *p = memsrc_at(m, addr, sizeof(*ret));

	if (p)
		memcpy(ret, p, sizeof(*ret));
	return p;
}

/*
 * Copies bytes that are far from others: reads their page (or two), unless it is cached, and does
 * not change the cache. Takes about 2 us; a memsrc_at that misses the cache takes 40 us. len is at
 * most a page. Returns true with buf filled, or false: m->why says why.
 */
bool memsrc_peek(struct memsrc *m, uint64_t addr, void *buf, size_t len);
/* Copies bytes of any length. Returns true only if all of them could be read. */
bool memsrc_copy(struct memsrc *m, uint64_t addr, void *buf, size_t len);

struct mem_run {
	uint64_t addr;
	size_t len;
	const uint8_t *data; /* valid as from memsrc_at */
};

/*
 * Finds the next run of readable bytes in [*at, end), for a sequential scan, and moves *at behind
 * it. Pages that are not present are skipped by ranges. A run does not cross a MEMSRC_BLOCK.
 * Returns false at the end, and if nothing more can be read (memsrc_is_over).
 */
bool memsrc_next(struct memsrc *m, uint64_t *at, uint64_t end, struct mem_run *ret);

struct mem_presence {
	uint64_t resident_bytes, zero_bytes, swapped_bytes;
};

/*
 * Counts the bytes of [start, end) by page state. States are read in large pieces and the last
 * piece is cached, so calls in ascending order are cheap. Returns false if states cannot be read:
 * m->why.
 */
bool memsrc_presence(struct memsrc *m, uint64_t start, uint64_t end, struct mem_presence *ret);

/* Drops the cached blocks that [addr, addr + len) touches, so that they are read again. */
void memsrc_forget(struct memsrc *m, uint64_t addr, uint64_t len);
/*
 * Drops everything that was read and reads the mappings again. The old mappings become invalid.
 * Returns 0 or -errno.
 */
int memsrc_refresh(struct memsrc *m);

/* Returns the mapping that holds addr, or NULL. */
const struct mem_map *memsrc_map(const struct memsrc *m, uint64_t addr);
/* Returns the first mapping that ends behind addr, or NULL. */
const struct mem_map *memsrc_map_from(const struct memsrc *m, uint64_t addr);

/* Returns true once the process is gone or the caller cancelled: every read will fail. */
bool memsrc_is_over(const struct memsrc *m);

/* Return the reason for memsrc_is_over, and whether and why a mapping cannot be read. */
enum mem_why memsrc_why_over(const struct memsrc *m);
enum mem_why memsrc_why_of_map(const struct mem_map *map);

#endif
