/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory of another process, read without touching it: only pages that are present, in blocks
 * of 256 KiB through a small cache, from /proc/PID/mem. Not by process_vm_readv(2), which unshares
 * pages that a fork shares. Where there is nothing to read, the reason is told and counted.
 *
 * Pages are asked for their state right before each read. Reading sets their accessed bit, so
 * whoever wants Referenced of smaps reads smaps first.
 */
#ifndef PROC_MEMSRC_H
#define PROC_MEMSRC_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/util.h"

/* Why bytes are not there. */
enum mem_why {
	MEM_READ,        /* they are */
	MEM_UNMAPPED,    /* no mapping */
	MEM_NOT_PRESENT, /* mapped, but without a page of its own */
	MEM_SWAPPED,     /* reading would swap in */
	MEM_NO_ACCESS,   /* the process may not read it either (---p) */
	MEM_GUARD,       /* MADV_GUARD_INSTALL */
	MEM_UFFD,        /* a userfaultfd handler answers for the range (VmFlags um uw ui) */
	MEM_DEVICE,      /* a device's memory or the kernel's (VmFlags io pf, [vvar], [vsyscall]) */
	MEM_FAILED,      /* the read failed, mostly since the page went meanwhile */
	MEM_GONE,        /* the address space is gone: exit or exec */
	MEM_CANCELLED,   /* the caller's flag was set */
	MEM_WHY_COUNT
};

struct mem_why_desc {
	const char *id;
	const char *text; /* behind "memory not read: " */
};

extern const struct mem_why_desc mem_why_descs[];

enum mem_kind {
	MEM_ANON,    /* no file, and no name but one that the process gave it */
	MEM_HEAP,    /* [heap] */
	MEM_STACK,   /* [stack] */
	MEM_FILE,    /* a file, a memfd, shared memory */
	MEM_SPECIAL, /* [vdso], [vvar], [vsyscall], ... */
};

/* A mapping as maps tells it. */
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

/* The kind of a mapping, by its name and inode. */
enum mem_kind mem_kind_of(const struct vma *v);

enum {
	MEMSRC_BLOCK = 256 << 10,    /* bytes read at once, aligned */
	MEMSRC_SPAN_MAX = 64 << 10,  /* of one memsrc_at */
	MEMSRC_SETS = 16,            /* the cache: 64 blocks, 16 MiB */
	MEMSRC_WAYS = 4,             /* so many blocks of one set */
	MEMSRC_STREAM = 3,           /* blocks that a scan makes use of */
	MEMSRC_STATES = 2048,        /* pages whose states are kept */
	MEMSRC_BLOCK_PAGES_MAX = 64, /* of 4 KiB */
};

struct mem_block {
	uint64_t number;                     /* address / MEMSRC_BLOCK + 1; 0: empty */
	uint64_t used;                       /* the clock of its last use */
	uint32_t visits;                     /* how often it was turned to after another block */
	uint8_t *data;                       /* in the pool; NULL: none yet */
	uint8_t why[MEMSRC_BLOCK_PAGES_MAX]; /* enum mem_why of each page */
};

/* Owned by whoever opened it. The fields up to `reads` may be looked at. */
struct memsrc {
	uint64_t window; /* bytes that may be used at once, see memsrc_at */
	uint64_t window_len;
	const uint8_t *window_data;
	enum mem_why why;     /* of the last refusal */
	struct mem_map *maps; /* ascending, without overlaps */
	size_t n_maps;
	uint64_t page_bytes;
	uint64_t refused[MEM_WHY_COUNT]; /* how often each reason was given */
	uint64_t bytes_read, reads;

	size_t cap_maps;
	struct mem_avoid {
		uint64_t start, end;
		enum mem_why why;
	} * avoid; /* ascending as added */
	size_t n_avoid, cap_avoid;
	struct mem_block blocks[MEMSRC_SETS][MEMSRC_WAYS];
	struct mem_block *current;               /* the block of the window */
	struct mem_block *recent[MEMSRC_STREAM]; /* read last; a scan goes on in their place */
	uint8_t *pool;                           /* room for all blocks */
	size_t n_pool;                           /* blocks of it that were ever used */
	uint64_t clock;
	uint8_t *span;    /* bytes of a memsrc_at over the edge of a window */
	uint8_t *scratch; /* and those of a memsrc_peek */
	uint64_t states_start;
	size_t states_n; /* 0: none are kept */
	uint8_t states[MEMSRC_STATES];
	bool gone;
	const struct memsrc_ops *ops;
	void *arg;
	const volatile sig_atomic_t *cancel;
	_Atomic uint64_t *progress; /* if not NULL: bytes_read, for another thread to look at */
};

/*
 * Opens the memory of the process whose directory is dirfd (a thread's is as good). *cancel may
 * become non-zero at any time, as by a signal; then nothing more is read. cancel may be NULL. The
 * caller frees *ret. 0 or -errno (-EACCES: denied; -ESRCH: gone or without an address space).
 */
int memsrc_open(int dirfd, const volatile sig_atomic_t *cancel, struct memsrc **ret);
void memsrc_free(struct memsrc *m);

/* Never reads from [start, end), and says why, whatever maps tell. Holds for good. */
void memsrc_avoid(struct memsrc *m, uint64_t start, uint64_t end, enum mem_why why);

/* The slow way of memsrc_at, for bytes outside the window. */
const void *memsrc_at_slow(struct memsrc *m, uint64_t addr, size_t len);

/*
 * The bytes [addr, addr + len), of 1 to MEMSRC_SPAN_MAX; NULL if one of them is not there: m->why.
 * The pointer is as aligned as addr and valid until the next call that reads, memsrc_peek apart.
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
 * For one look at a place far from others: reads its page (or two), unless it is cached, and leaves
 * the cache alone. About 2 us; a memsrc_at that misses takes 40 us. len is at most a page.
 * True with buf filled, or false: m->why.
 */
bool memsrc_peek(struct memsrc *m, uint64_t addr, void *buf, size_t len);
/* Copies any length; true only if all of it could be read. */
bool memsrc_copy(struct memsrc *m, uint64_t addr, void *buf, size_t len);

struct mem_run {
	uint64_t addr;
	size_t len;
	const uint8_t *data; /* as of memsrc_at */
};

/*
 * Sequential scan: the next run of bytes in [*at, end) that can be read; *at moves behind it. What
 * is not present is skipped without a look at each page. A run does not cross a MEMSRC_BLOCK. False
 * at the end, and when nothing more can be read (memsrc_is_over).
 */
bool memsrc_next(struct memsrc *m, uint64_t *at, uint64_t end, struct mem_run *ret);

struct mem_presence {
	uint64_t resident_bytes, zero_bytes, swapped_bytes;
};

/*
 * How many bytes of [start, end) are on pages of each state. States are asked for in large pieces
 * and the last one is kept: cheap in ascending order. False if they cannot be had: m->why.
 */
bool memsrc_presence(struct memsrc *m, uint64_t start, uint64_t end, struct mem_presence *ret);

/* Forgets what was read of the blocks that [addr, addr + len) touches, so that it is read anew. */
void memsrc_forget(struct memsrc *m, uint64_t addr, uint64_t len);
/* Forgets everything and reads the mappings anew. 0 or -errno; the old mappings are gone then. */
int memsrc_refresh(struct memsrc *m);

/* The mapping that holds addr, or NULL. */
const struct mem_map *memsrc_map(const struct memsrc *m, uint64_t addr);
/* The first mapping that ends behind addr, or NULL. */
const struct mem_map *memsrc_map_from(const struct memsrc *m, uint64_t addr);

/* True once the process is gone or the caller cancelled: no read will succeed. */
bool memsrc_is_over(const struct memsrc *m);

/* Returns the reason why memsrc_is_over, and what a mapping says about reading. */
enum mem_why memsrc_why_over(const struct memsrc *m);
enum mem_why memsrc_why_of_map(const struct mem_map *map);

#endif
