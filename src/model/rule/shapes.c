/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/rule/shapes.h"

#include <elf.h>

#include "base/alloc.h"
#include "base/path.h"
#include "model/parts.h"
#include "model/rule/runtime.h"
#include "proc/elf.h"
#include "proc/pagemap.h"
#include "proc/smaps.h"

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

enum {
	RW = VMA_READ | VMA_WRITE,
	RWXS = RW | VMA_EXEC | VMA_SHARED,
	TASKS_MAX = 4096,
	GO_ARENA = 64 << 20,  /* bytes; Go runtime/malloc.go, heapArenaBytes on 64 bits */
	STACK_MAX = 64 << 20, /* bytes; a longer stack needs a thread's stack pointer in it */
};

struct env {
	const struct procfs *fs;
	int dirfd;
	uint32_t elf_file;   /* the file whose headers are in elf; 0: no file yet */
	struct elf_info elf; /* without segments if it could not be read */
};

/*
 * Returns whether an unnamed region has these permissions. If all mappings are executable, VMA_EXEC
 * is ignored.
 */
static bool is_unnamed(const struct snapshot *s, const struct region *r, unsigned int perms)
{
	return (r->marks & MARK_UNNAMED) && (snapshot_telling_perms(s, r) & RWXS) == perms;
}

static bool has_flag(const struct region *r, enum vma_flag flag)
{
	return r->flags & VMA_FLAG(flag);
}

/* Returns the mapping that begins where r ends, or NULL. */
static const struct region *follower(const struct snapshot *s, const struct region *r)
{
	return r + 1 < s->regions + s->n_regions && r[1].start == r->end ? r + 1 : NULL;
}

static const struct region *predecessor(const struct snapshot *s, const struct region *r)
{
	return r > s->regions && r[-1].end == r->start ? r - 1 : NULL;
}

/*
 * Returns the end of the zero-filled memory behind a mapping of an image, from the image's ELF
 * header.
 */
static uint64_t bss_end(const struct elf_info *elf, const struct region *image, uint64_t page)
{
	for (size_t i = 0; i < elf->n_load; i++) {
		const struct elf_segment *seg = &elf->load[i];
		uint64_t file_start = seg->offset & ~(page - 1);
		uint64_t file_end = (seg->offset + seg->filesz + page - 1) & ~(page - 1);
		/*
		 * The mapping may begin later (relro), or earlier, with a page of another segment.
		 */
		uint64_t map_start = image->end - (file_end - file_start);
		uint64_t end = map_start + (seg->vaddr & (page - 1)) + seg->memsz;

		if (!(seg->flags & PF_W) || image->offset + (image->end - image->start) != file_end)
			continue;
		return (end + page - 1) & ~(page - 1);
	}
	return 0;
}

static void add_part(struct snapshot *s, const struct region *r, uint64_t size, uint64_t rss)
{
	s->parts = xgrow(s->parts, s->n_parts, &s->cap_parts, sizeof(*s->parts));
	s->parts[s->n_parts++] = (struct part){
		.region = (uint32_t)(r - s->regions),
		.size_bytes = size,
		.rss_bytes = rss,
	};
}

/* Divides PSS and USS of a region among its two parts, the first of which ends at `end`. */
static void divide(const struct env *env, const struct region *r, uint64_t end,
		   const struct mem_counts *c, struct part *parts)
{
	double rate = parts_shared_rate(c);
	struct part_pages pages[2];
	struct page_users u;
	bool known = false;

	if (!(r->marks & MARK_ALL_PRIVATE) && r->end - r->start <= GIB(16) &&
	    page_users_open(env->fs->rootfd, env->dirfd, &u) == 0) {
		known = parts_sum_pages(&u, r->start, end, rate, &pages[0]) == 0 &&
			parts_sum_pages(&u, end, r->end, rate, &pages[1]) == 0;
		page_users_release(&u);
	}
	parts_divide(parts, 2, c, known ? pages : NULL);
}

/*
 * Divides a region that is longer than the .bss: the last `tail` bytes belong to something else.
 * The .bss gets the Rss that the present pages of the tail do not account for, so its share is
 * never too large. Without pagemap, all pages of the tail are assumed to be resident.
 */
static void split_bss(struct snapshot *s, struct env *env, struct region *r, uint64_t end)
{
	struct mem_counts counts;
	uint64_t rss, bss_rss, tail = r->end - end, in_tail = tail, in_bss = end - r->start;

	snapshot_counts(s, r, &counts);
	rss = counts.v[MC_RSS];
	if (tail <= GIB(16) && pagemap_present(env->dirfd, end, r->end, &in_tail) == 0)
		(void)pagemap_present(env->dirfd, r->start, end, &in_bss);
	bss_rss = rss > in_tail ? MIN(rss - in_tail, in_bss) : 0;
	r->split = true;
	add_part(s, r, end - r->start, bss_rss);
	add_part(s, r, tail, rss - bss_rss);
	divide(env, r, end, &counts, &s->parts[s->n_parts - 2]);
}

/*
 * Returns the headers of the image. The last headers are cached, because a file may be mapped many
 * times.
 */
static const struct elf_info *read_elf(struct snapshot *s, struct env *env,
				       const struct region *image)
{
	const struct file *f = &s->files[image->file];
	auto_close int fd = -1;

	if (env->elf_file == image->file)
		return &env->elf;
	elf_info_release(&env->elf);
	env->elf_file = image->file;
	fd = elf_open_mapped(env->fs, env->dirfd, image->start, image->end, f->path, f->major,
			     f->minor, f->inode);
	if (fd >= 0)
		(void)elf_info_read(fd, &env->elf);
	return &env->elf;
}

/*
 * Finds .bss: unnamed rw-p right behind a writable mapping of an image. The ELF header contains its
 * length; the kernel may place any other mapping behind it, so memory beyond that length is not
 * .bss.
 */
static void find_bss(struct snapshot *s, struct env *env)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	for (struct region *r = s->regions; r < s->regions + s->n_regions; r++) {
		const struct region *image = predecessor(s, r);
		const struct file *f;
		uint64_t end;

		if (!is_unnamed(s, r, RW) || !image || !image->file)
			continue;
		f = &s->files[image->file];
		if (!f->has_exec || f->on_tmpfs)
			continue;
		end = bss_end(read_elf(s, env, image), image, page);
		if (end <= r->start)
			continue;
		r->marks |= MARK_BSS;
		if (end < r->end)
			split_bss(s, env, r, end);
	}
	elf_info_release(&env->elf);
}

/*
 * Finds thread arenas of glibc: heaps of 64 MiB (1 MiB on 32 bits), aligned to their size and
 * reserved with MAP_NORESERVE. The used beginning is rw-p, the rest is ---p up to the boundary.
 * Adjacent heaps merge if one is full. A mapping that is only aligned, or only unreserved, does not
 * have a reservation that ends at the boundary. Source: glibc malloc/arena.c, HEAP_MAX_SIZE.
 */
static void find_glibc_arenas(struct snapshot *s, struct env *env attr_unused)
{
	bool narrow = s->n_regions && s->regions[s->n_regions - 1].end <= UINT64_C(1) << 32;
	uint64_t size = narrow ? MIB(1) : MIB(64);

	for (struct region *r = s->regions; r < s->regions + s->n_regions; r++) {
		const struct region *end = r;

		if (r->start % size || !is_unnamed(s, r, RW) || !has_flag(r, VF_NR) ||
		    has_flag(r, VF_DC))
			continue;
		while (end && is_unnamed(s, end, RW) && has_flag(end, VF_NR))
			end = follower(s, end);
		/* The rest may have merged with a reservation behind it. */
		if (!end || !is_unnamed(s, end, 0) || !has_flag(end, VF_NR) ||
		    end->end - end->start < size - end->start % size)
			continue;
		for (; r < end; r++)
			r->marks |= MARK_GLIBC_ARENA;
	}
}

/* The stack pointers of a process's threads, ascending. */
struct pointers {
	uint64_t *v;
	size_t n;
};

static int compare_pointers(const void *pa, const void *pb)
{
	const uint64_t *a = pa, *b = pb;

	return (*a > *b) - (*a < *b);
}

/*
 * Reads the stack pointers of threads that wait in the kernel; those of running threads cannot be
 * read.
 */
static void read_pointers(const struct env *env, struct pointers *ret)
{
	auto_free pid_t *tids = NULL;
	size_t n = 0;

	if (proc_tasks_list(env->dirfd, &tids, &n) < 0)
		return;
	n = MIN(n, (size_t)TASKS_MAX);
	ret->v = xreallocarray(NULL, n, sizeof(*ret->v));
	for (size_t i = 0; i < n; i++)
		ret->n += proc_task_sp(env->dirfd, tids[i], &ret->v[ret->n]) == 0;
	qsort(ret->v, ret->n, sizeof(*ret->v), compare_pointers);
}

static bool has_pointer(const struct pointers *p, const struct region *r)
{
	size_t lo = 0, hi = p->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (p->v[mid] < r->start)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < p->n && p->v[lo] < r->end;
}

/*
 * Returns whether memory follows a guard. With the flag `nh`, which MAP_STACK sets since Linux 6.7,
 * the guard must have it too, because it was part of the same mapping. The JVM maps its guard zones
 * again, without the flag.
 */
static bool is_stack_like(const struct snapshot *s, const struct region *r, bool flagged)
{
	const struct region *guard = predecessor(s, r);

	if (!is_unnamed(s, r, RW) || (r->marks & MARK_GO_ARENA) || !guard ||
	    !is_unnamed(s, guard, 0))
		return false;
	return !flagged ||
	       (has_flag(r, VF_NH) && (has_flag(guard, VF_NH) || runtime_present(s, "jvm")));
}

/*
 * Marks regions that look like stacks, from the highest address down, and subtracts their number
 * from *room.
 */
static void mark_stacks(struct snapshot *s, bool flagged, const struct pointers *pointers,
			size_t *room)
{
	for (size_t i = s->n_regions; i-- > 0 && *room;) {
		struct region *r = &s->regions[i];

		if ((r->marks & MARK_THREAD_STACK) || !is_stack_like(s, r, flagged) ||
		    (pointers ? !has_pointer(pointers, r) : r->end - r->start > STACK_MAX))
			continue;
		r->marks |= MARK_THREAD_STACK;
		*room -= 1;
	}
}

/*
 * Finds thread stacks: memory with the flag of MAP_STACK behind a guard that has it too. Memory
 * with MADV_NOHUGEPAGE may look like that. So there is at most one stack for each thread except the
 * first (Ruby has more, as its fibers have such stacks), and a long one counts only if a thread's
 * stack pointer is in it. On kernels without the flag the pointer alone decides, but not in Go,
 * whose threads run on the stacks of goroutines in its heap.
 */
static void find_thread_stacks(struct snapshot *s, struct env *env)
{
	bool has_limit = s->stat.threads && !runtime_present(s, "ruby");
	size_t room = has_limit ? s->stat.threads - 1 : SIZE_MAX, n = 0;
	struct pointers pointers = { NULL, 0 };
	bool is_long = false;

	for (size_t i = 0; room && i < s->n_regions; i++) {
		const struct region *r = &s->regions[i];

		if (!is_stack_like(s, r, true))
			continue;
		n++;
		is_long |= r->end - r->start > STACK_MAX;
	}
	if (!room || (n == 0 && (room == SIZE_MAX || runtime_present(s, "go"))))
		return;
	if (n == 0 || n > room || is_long) {
		read_pointers(env, &pointers);
		mark_stacks(s, n > 0, &pointers, &room);
	}
	if (n > 0)
		mark_stacks(s, true, NULL, &room);
	free(pointers.v);
}

static bool hosts_v8(const struct snapshot *s)
{
	static const char *const hosts[] = { "chrome", "chromium", "electron", "deno" };

	if (runtime_present(s, "node"))
		return true;
	for (size_t i = 1; i < s->n_files; i++) {
		const char *base = path_base(s->files[i].path);

		if (starts_with(base, "libv8.so") || starts_with(base, "libnode.so"))
			return true;
		for (size_t k = 0; s->files[i].is_program && k < ARRAY_SIZE(hosts); k++) {
			if (streq(base, hosts[k]))
				return true;
		}
	}
	return false;
}

/*
 * Finds pages of V8: V8 excludes its heap from fork (MADV_DONTFORK), maps it with MAP_NORESERVE up
 * to release 12, and uses pages aligned to 256 KiB in all releases. Nothing else in such a process
 * has both properties.
 */
static void find_v8(struct snapshot *s, struct env *env attr_unused)
{
	if (!hosts_v8(s))
		return;
	for (size_t i = 0; i < s->n_regions; i++) {
		struct region *r = &s->regions[i];

		if ((r->marks & MARK_UNNAMED) && !(r->perms & VMA_SHARED) && has_flag(r, VF_DC) &&
		    (has_flag(r, VF_NR) || r->start % KIB(256) == 0))
			r->marks |= MARK_V8;
	}
}

/*
 * Finds arenas of Go: up to release 1.25 at hint addresses that the runtime chooses and the kernel
 * does not. Source: Go runtime/malloc.go (arenaBaseOffset hints 0x00c0 << 32).
 */
static void find_hinted_arenas(struct snapshot *s)
{
	const uint64_t base = UINT64_C(0xc000000000), top = UINT64_C(0x10000000000);
	uint64_t end = base;

	for (struct region *r = s->regions; r < s->regions + s->n_regions; r++) {
		if (r->start < base || r->end > top)
			continue;
		if (r->start != end || !(r->marks & MARK_UNNAMED))
			break;
		end = r->end;
		if (is_unnamed(s, r, RW))
			r->marks |= MARK_GO_ARENA;
	}
}

static bool is_arena_piece(const struct snapshot *s, const struct region *r)
{
	return (is_unnamed(s, r, RW) || is_unnamed(s, r, 0)) && !has_flag(r, VF_NR);
}

/*
 * Finds arenas of Go since release 1.26, whose base is random. An arena is still 64 MiB long and
 * aligned to that, and the part that the heap does not use yet is reserved without access. Arenas
 * of glibc have the same shape, but are mapped with MAP_NORESERVE.
 */
static void find_aligned_arenas(struct snapshot *s)
{
	struct region *first = NULL; /* of a run: may begin an arena, and is not marked yet */
	bool reserved = false;       /* part of the run */

	for (struct region *r = s->regions; r < s->regions + s->n_regions; r++) {
		if (!is_arena_piece(s, r) || !predecessor(s, r)) {
			first = NULL;
			reserved = false;
		}
		if (!is_arena_piece(s, r))
			continue;
		first = first || r->start % GO_ARENA ? first : r;
		reserved |= first && is_unnamed(s, r, 0);
		if (!first || !reserved || r->end % GO_ARENA)
			continue;
		for (; first <= r; first++) {
			if (is_unnamed(s, first, RW))
				first->marks |= MARK_GO_ARENA;
		}
	}
}

static void find_go_arenas(struct snapshot *s, struct env *env attr_unused)
{
	if (!runtime_present(s, "go"))
		return;
	find_hinted_arenas(s);
	find_aligned_arenas(s);
}

static bool is_reserve(const struct snapshot *s, const struct region *r)
{
	return is_unnamed(s, r, 0) && has_flag(r, VF_NR);
}

/*
 * Finds the JVM's code cache: committed rwxp pieces of one reservation (MAP_NORESERVE ---p) of at
 * least 2.5 MiB, the minimum. A plain rwx mapping has no reservation behind it.
 */
static void find_jvm_code(struct snapshot *s, struct env *env attr_unused)
{
	if (!runtime_present(s, "jvm"))
		return;
	for (struct region *r = s->regions; r < s->regions + s->n_regions; r++) {
		const struct region *end = r, *last = r;
		bool found;

		if (!is_unnamed(s, r, RW | VMA_EXEC) || has_flag(r, VF_NR))
			continue;
		for (; end && (is_unnamed(s, end, RW | VMA_EXEC) || is_reserve(s, end));
		     end = follower(s, end))
			last = end;
		found = is_reserve(s, last) && last->end - r->start >= MIB(5) / 2 &&
			r->start % KIB(64) == 0;
		for (; r < last; r++) {
			if (found && !is_reserve(s, r))
				r->marks |= MARK_JVM_CODE;
		}
	}
}

/*
 * Finds the compressed class space: committed pieces of the reservation that begins with the class
 * data archive. Archived heap objects are in the Java heap, where no reservation follows the
 * archive.
 */
static void find_jvm_classes(struct snapshot *s, struct env *env attr_unused)
{
	if (!runtime_present(s, "jvm"))
		return;
	for (struct region *r = s->regions; r < s->regions + s->n_regions; r++) {
		const struct region *gap, *end;

		if (!r->file || !ends_with(s->files[r->file].path, ".jsa"))
			continue;
		gap = follower(s, r);
		if (!gap || !is_reserve(s, gap))
			continue;
		for (end = gap; end; end = follower(s, end)) {
			struct region *piece = &s->regions[end - s->regions];
			const struct region *next = follower(s, end);

			if (is_reserve(s, end))
				continue;
			if (!is_unnamed(s, end, RW) || has_flag(end, VF_NR) || !next ||
			    end->end - gap->start > GIB(3) ||
			    !(is_reserve(s, next) ||
			      (is_unnamed(s, next, RW) && !has_flag(next, VF_NR))))
				break;
			piece->marks |= MARK_JVM_CLASS;
		}
	}
}

/* The shapes, one in each row, in the order in which they are searched. */
static void (*const shapes[])(struct snapshot *s, struct env *env) = {
	find_bss,           find_glibc_arenas, find_go_arenas,   find_v8,
	find_thread_stacks, find_jvm_code,     find_jvm_classes,
};

void shapes_find(struct snapshot *s, const struct procfs *fs, int dirfd)
{
	struct env env = { .fs = fs, .dirfd = dirfd };

	for (size_t i = 0; s->n_regions && i < ARRAY_SIZE(shapes); i++)
		shapes[i](s, &env);
}
