/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/account/off_rss.h"

#include <inttypes.h>
#include <stdarg.h>
#include <sys/sysmacros.h>

#include "base/alloc.h"
#include "base/fmt.h"
#include "base/num.h"

/* THREAD_SIZE, without KASAN; 0 if unknown. */
#if defined(__x86_64__) || defined(__aarch64__)
enum { KERNEL_STACK_BYTES = 16 << 10 };
#else
enum { KERNEL_STACK_BYTES = 0 };
#endif

const struct off_rss_desc off_rss_descs[] = {
	[OUT_SWAP] = { .id = METRIC_NAME(SWAP),
		       .title = "swap",
		       .help = "pages of its mappings in swap" },
	[OUT_PAGE_TABLES] = { .id = METRIC_NAME(PAGE_TABLES),
			      .title = "page tables",
			      .help = "what the kernel needs to map its memory",
			      .adds = true },
	[OUT_HUGETLB] = { .id = METRIC_NAME(HUGETLB),
			  .title = "huge pages",
			  .help = "pages from the hugetlb pool, which RSS and PSS leave out",
			  .adds = true },
	[OUT_MEMFD_TMPFS] = { .id = "memfd_tmpfs",
			      .title = "files in memory",
			      .help = "memfd and tmpfs files that it has open, without their pages "
				      "in RSS",
			      .adds = true },
	[OUT_SYSV] = { .id = "sysv",
		       .title = "SysV segments",
		       .help = "shared memory that it created and no process has attached",
		       .adds = true },
	[OUT_PIPES] = { .id = "pipes",
			.title = "pipes",
			.help = "bytes written to its pipes and not read yet",
			.adds = true },
	[OUT_UNIX_SOCKETS] = { .id = "unix_sockets",
			       .title = "unix sockets",
			       .help = "memory of messages queued in its unix sockets",
			       .adds = true },
	[OUT_INET_SOCKETS] = { .id = "inet_sockets",
			       .title = "network sockets",
			       .help = "send and receive memory of its TCP, UDP and raw sockets",
			       .adds = true },
	[OUT_GPU] = { .id = "gpu",
		      .title = "GPU",
		      .help = "system memory that its GPU clients hold",
		      .adds = true },
	[OUT_DMA_BUF] = { .id = "dma_buf",
			  .title = "dma-buf",
			  .help = "buffers shared with devices",
			  .adds = true },
	[OUT_BPF] = { .id = "bpf",
		      .title = "BPF",
		      .help = "maps and programs that it has open",
		      .adds = true },
	[OUT_KERNEL_STACKS] = { .id = "kernel_stacks",
				.title = "kernel stacks",
				.help = "the stack each of its threads has in the kernel",
				.adds = true },
	[OUT_LOCKED] = { .id = METRIC_NAME(LOCKED),
			 .title = "locked",
			 .help = "memory that may not be swapped out; most of it is in RSS" },
	[OUT_PINNED] = { .id = "pinned",
			 .title = "pinned",
			 .help = "memory that may not be moved, for devices; most of it is in "
				 "RSS" },
};
_Static_assert(ARRAY_SIZE(off_rss_descs) == OUT_COUNT, "a row for each");

static void attr_printf(2, 3) set_detail(struct off_rss_row *row, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(row->detail, sizeof(row->detail), fmt, ap);
	va_end(ap);
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* Fills in a row that counts objects of one kind; the detail is empty if there are none. */
static void set_counted(struct off_rss_row *row, struct amount bytes, uint64_t n, const char *noun)
{
	row->bytes = bytes;
	if (amount_ok(bytes) && n)
		set_detail(row, "%" PRIu64 " %s%s", n, noun, plural(n));
}

/* VmSwap leaves out shared memory, so smaps is used; every user may read status. */
static void fill_swap(struct off_rss_row *row, const struct snapshot *s, const struct accounting *a)
{
	struct amount swap = a->totals.swap, pss = a->totals.swap_pss;
	char text[FMT_MAX];

	row->bytes = amount_ok(swap) ? swap : status_of(s, PS_VM_SWAP);
	if (amount_ok(swap) && amount_ok(pss) && pss.value != swap.value)
		set_detail(row, "%s with shared pages divided among their users",
			   fmt_bytes(text, pss.value, FMT_IEC));
	else if (!amount_ok(swap) && amount_ok(row->bytes))
		set_detail(row, "anonymous memory only");
}

/* Kernels 4.0 to 4.14 report the second level separately; other kernels have no VmPMD. */
static struct amount page_tables(const struct snapshot *s)
{
	struct amount pte = status_of(s, PS_VM_PTE), pmd = s->status.v[PS_VM_PMD];

	return amount_ok(pmd) ? amount_add(pte, pmd) : pte;
}

/*
 * A file that a descriptor holds, and the part of it that the process's mappings already account
 * for.
 */
struct held_file {
	uint64_t dev, inode;
	uint64_t bytes;
	uint64_t mapped_bytes; /* resident or in swap */
	bool mapped;
};

static int compare_held(const void *pa, const void *pb)
{
	const struct held_file *a = pa, *b = pb;

	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	return (a->inode > b->inode) - (a->inode < b->inode);
}

/*
 * Returns for each file of the snapshot the index + 1 of the held file with the same inode, or 0.
 * The caller frees the array.
 */
static uint32_t *match_files(const struct snapshot *s, const struct held_file *held, size_t n)
{
	uint32_t *match = xcalloc(s->n_files, sizeof(*match));

	for (size_t i = 1; i < s->n_files; i++) {
		const struct file *f = &s->files[i];
		struct held_file key = { .dev = makedev(f->major, f->minor), .inode = f->inode };
		const struct held_file *found = bsearch(&key, held, n, sizeof(*held), compare_held);

		if (found)
			match[i] = (uint32_t)(found - held) + 1;
	}
	return match;
}

/* Adds what the mappings have of each held file: file pages, its huge pages, and swapped pages. */
static void add_mapped(const struct snapshot *s, struct held_file *held, size_t n)
{
	auto_free uint32_t *match = match_files(s, held, n);

	for (size_t i = 0; i < s->n_regions; i++) {
		const struct region *r = &s->regions[i];
		struct held_file *h;
		struct mem_counts c;

		if (!match[r->file])
			continue;
		h = &held[match[r->file] - 1];
		snapshot_counts(s, r, &c);
		h->mapped = true;
		h->mapped_bytes += c.v[MC_RSS] - MIN(c.v[MC_ANONYMOUS], c.v[MC_RSS]) +
				   c.v[MC_SHARED_HUGETLB] + c.v[MC_PRIVATE_HUGETLB] + c.v[MC_SWAP];
	}
}

/*
 * Files that are not mapped count in full. For the others, what the mappings show is subtracted.
 * That is too much if two mappings show the same page: the row is then a lower bound.
 */
static void fill_files(struct off_rss_row *row, const struct snapshot *s)
{
	const struct fdscan *fds = &s->fds;
	auto_free struct held_file *held = NULL;
	size_t n_mapped = 0;

	if (!amount_ok(fds->file_bytes) || s->regions_why) {
		row->bytes = amount_absent(s->regions_why ? s->regions_why : fds->file_bytes.why);
		return;
	}
	row->bytes = amount_of(0);
	if (fds->n_files == 0)
		return;
	held = xcalloc(fds->n_files, sizeof(*held));
	for (size_t i = 0; i < fds->n_files; i++)
		held[i] = (struct held_file){
			.dev = fds->files[i].dev,
			.inode = fds->files[i].inode,
			.bytes = fds->files[i].bytes,
		};
	qsort(held, fds->n_files, sizeof(*held), compare_held);
	add_mapped(s, held, fds->n_files);
	for (size_t i = 0; i < fds->n_files; i++) {
		const struct held_file *h = &held[i];

		n_mapped += h->mapped;
		row->bytes.value += h->bytes - MIN(h->mapped_bytes, h->bytes);
	}
	if (n_mapped)
		set_detail(row, "%zu file%s; %zu mapped: counted without the mapped bytes",
			   fds->n_files, plural(fds->n_files), n_mapped);
	else
		set_detail(row, "%zu file%s, not mapped", fds->n_files, plural(fds->n_files));
}

static void fill_pipes(struct off_rss_row *row, const struct fdscan *fds)
{
	char text[FMT_MAX];

	set_counted(row, fds->pipe_bytes, fds->n_pipes, "pipe");
	if (fds->n_pipes && amount_ok(fds->pipe_bytes) && amount_ok(fds->pipe_capacity))
		set_detail(row, "%zu pipe%s, with room for %s", fds->n_pipes, plural(fds->n_pipes),
			   fmt_bytes(text, fds->pipe_capacity.value, FMT_IEC));
}

static void fill_kernel_stacks(struct off_rss_row *row, const struct snapshot *s)
{
	struct amount threads = status_of(s, PS_THREADS);

	if (s->regions_why == REASON_NO_MM) {
		row->bytes = amount_absent(REASON_NO_MM);
		return;
	}
	if (!amount_ok(threads)) {
		row->bytes = threads;
		return;
	}
	row->bytes = KERNEL_STACK_BYTES ? amount_of(num_mul_sat(threads.value, KERNEL_STACK_BYTES))
					: amount_absent(REASON_STACK_SIZE);
	if (amount_ok(row->bytes))
		set_detail(row, "%" PRIu64 " thread%s x %d KiB", threads.value,
			   plural(threads.value), KERNEL_STACK_BYTES >> 10);
}

void off_rss_init(struct off_rss *ret, const struct snapshot *s, const struct accounting *a)
{
	const struct fdscan *fds = &s->fds;
	struct off_rss_row *rows = ret->rows;

	*ret = (struct off_rss){ 0 };
	fill_swap(&rows[OUT_SWAP], s, a);
	rows[OUT_PAGE_TABLES].bytes = page_tables(s);
	rows[OUT_HUGETLB].bytes = amount_ok(a->totals.hugetlb) ? a->totals.hugetlb
							       : status_of(s, PS_HUGETLB);
	fill_files(&rows[OUT_MEMFD_TMPFS], s);
	set_counted(&rows[OUT_SYSV], s->sysv.unattached_bytes, s->sysv.n, "segment");
	fill_pipes(&rows[OUT_PIPES], fds);
	rows[OUT_UNIX_SOCKETS].bytes = s->sockets.unix_bytes;
	rows[OUT_INET_SOCKETS].bytes = s->sockets.inet_bytes;
	set_counted(&rows[OUT_GPU], fds->drm_bytes, fds->n_drm, "client");
	set_counted(&rows[OUT_DMA_BUF], fds->dmabuf_bytes, fds->n_dmabuf, "buffer");
	set_counted(&rows[OUT_BPF], fds->bpf_bytes, fds->n_bpf, "object");
	fill_kernel_stacks(&rows[OUT_KERNEL_STACKS], s);
	rows[OUT_LOCKED].bytes = status_of(s, PS_VM_LCK);
	rows[OUT_PINNED].bytes = status_of(s, PS_VM_PIN);
	ret->total = AMOUNT_UNREAD;
	for (int i = 0; i < OUT_COUNT; i++)
		if (off_rss_descs[i].adds)
			amount_sum(&ret->total, rows[i].bytes);
}
