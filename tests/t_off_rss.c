/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of analysis/account/off_rss: the source of each number, what is subtracted for mapped
 * files, and which rows are added up.
 */
#include "analysis/account/off_rss.h"

#include <errno.h>
#include <sys/sysmacros.h>

#include "snap.h"

struct held_row {
	const char *name;
	struct fd_file files[3];
	size_t n;
	uint64_t want_kib;
	const char *detail;
};

enum { TMPFS = 1, OTHER_TMPFS = 2 }; /* minor numbers of major 0, made a dev_t by hold() */

/* Inode 5 is mapped: 16 KiB resident, 4 KiB in swap; inode 6 is not. */
static const struct held_row held_rows[] = {
	{ "no file", { { 0 } }, 0, 0, "" },
	{ "not mapped: in full", { { TMPFS, 6, KIB(100), true } }, 1, 100, "1 file, not mapped" },
	{ "mapped: without resident and swapped pages",
	  { { TMPFS, 5, KIB(64), true } },
	  1,
	  44,
	  "1 file; 1 mapped: counted without the mapped bytes" },
	{ "mapped in full: nothing is left",
	  { { TMPFS, 5, KIB(20), true } },
	  1,
	  0,
	  "1 file; 1 mapped: counted without the mapped bytes" },
	{ "fewer blocks than resident pages: not below 0",
	  { { TMPFS, 5, KIB(8), true } },
	  1,
	  0,
	  "1 file; 1 mapped: counted without the mapped bytes" },
	{ "the same inode on another device is another file",
	  { { OTHER_TMPFS, 5, KIB(64), false } },
	  1,
	  64,
	  "1 file, not mapped" },
	{ "hugetlbfs: its pages are not in Rss, but mapped",
	  { { TMPFS, 7, KIB(4096), true } },
	  1,
	  2048,
	  "1 file; 1 mapped: counted without the mapped bytes" },
	{ "several, in any order",
	  { { TMPFS, 7, KIB(4096), true },
	    { TMPFS, 6, KIB(100), false },
	    { TMPFS, 5, KIB(64), true } },
	  3,
	  2048 + 100 + 44,
	  "3 files; 2 mapped: counted without the mapped bytes" },
};

static const struct snap_region regions[] = {
	{ .start = 0x10000,
	  .size_kib = 32,
	  .perms = SNAP_RW | VMA_SHARED,
	  .name = "/memfd:x",
	  .inode = 5,
	  .tmpfs = true,
	  .category = CAT_SHARED_MEMORY,
	  .kib = { [MC_RSS] = 16, [MC_PSS] = 16, [MC_SHARED_DIRTY] = 16, [MC_SWAP] = 4 } },
	{ .start = 0x100000,
	  .size_kib = 32,
	  .perms = SNAP_RW,
	  .category = CAT_ANONYMOUS,
	  .kib = { [MC_RSS] = 8, [MC_ANONYMOUS] = 8, [MC_SWAP] = 20, [MC_SWAP_PSS] = 10 } },
	{ .start = 0x200000,
	  .size_kib = 2048,
	  .perms = SNAP_RW | VMA_SHARED,
	  .name = "/anon_hugepage",
	  .inode = 7,
	  .tmpfs = true,
	  .category = CAT_HUGETLB,
	  .kib = { [MC_SHARED_HUGETLB] = 2048 } },
};

static void build(struct snapshot *s)
{
	snap_init(s);
	for (size_t i = 0; i < ARRAY_SIZE(regions); i++)
		(void)snap_add(s, &regions[i]);
	s->fds.file_bytes = amount_of(0);
}

static struct off_rss outside_of(const struct snapshot *s)
{
	struct accounting a;
	struct off_rss o;

	accounting_init(&a, s);
	off_rss_init(&o, s, &a);
	accounting_release(&a);
	return o;
}

/* The snapshot releases its descriptors, so they are copied. */
static void hold(struct snapshot *s, const struct fd_file *files, size_t n)
{
	s->fds.files = xcalloc(n, sizeof(*files));
	s->fds.n_files = n;
	for (size_t i = 0; i < n; i++) {
		s->fds.files[i] = files[i];
		s->fds.files[i].dev = makedev(0, (unsigned int)files[i].dev);
	}
}

static void test_held(void **state)
{
	const struct held_row *row = *state;
	auto_snapshot s;
	struct off_rss o;

	build(&s);
	hold(&s, row->files, row->n);
	o = outside_of(&s);
	assert_kib(o.rows[OUT_MEMFD_TMPFS].bytes, row->want_kib);
	assert_string_equal(o.rows[OUT_MEMFD_TMPFS].detail, row->detail);
}

static void test_held_denied(void **state attr_unused)
{
	auto_snapshot s;
	struct off_rss o;

	build(&s);
	s.fds.file_bytes = amount_absent(REASON_DENIED);
	o = outside_of(&s);
	assert_absent(o.rows[OUT_MEMFD_TMPFS].bytes, REASON_DENIED);
}

static void test_held_without_maps(void **state attr_unused)
{
	auto_snapshot s;
	struct off_rss o;

	snap_init(&s);
	s.fds.file_bytes = amount_of(KIB(100));
	s.regions_why = REASON_DENIED;
	o = outside_of(&s);
	assert_absent(o.rows[OUT_MEMFD_TMPFS].bytes, REASON_DENIED);
}

static void test_swap(void **state attr_unused)
{
	auto_snapshot s;
	struct off_rss o;

	build(&s);
	s.status.v[PS_VM_SWAP] = amount_of(KIB(20)); /* without the shared memory */
	o = outside_of(&s);
	assert_kib(o.rows[OUT_SWAP].bytes, 24);
	assert_string_equal(o.rows[OUT_SWAP].detail,
			    "10.0 KiB with shared pages divided among their users");
}

static void test_swap_from_status(void **state attr_unused)
{
	auto_snapshot s;
	struct off_rss o;

	snap_init(&s);
	s.regions_why = REASON_DENIED;
	s.status.v[PS_VM_SWAP] = amount_of(KIB(20));
	s.status.v[PS_HUGETLB] = amount_of(KIB(2048));
	o = outside_of(&s);
	assert_kib(o.rows[OUT_SWAP].bytes, 20);
	assert_string_equal(o.rows[OUT_SWAP].detail, "anonymous memory only");
	assert_kib(o.rows[OUT_HUGETLB].bytes, 2048);
}

static void test_page_tables(void **state attr_unused)
{
	auto_snapshot s;

	build(&s);
	s.status.v[PS_VM_PTE] = amount_of(KIB(236));
	assert_kib(outside_of(&s).rows[OUT_PAGE_TABLES].bytes, 236);
	s.status.v[PS_VM_PMD] = amount_of(KIB(12));
	assert_kib(outside_of(&s).rows[OUT_PAGE_TABLES].bytes, 248);
	s.status.v[PS_VM_PTE] = amount_absent(REASON_NOT_REPORTED);
	assert_absent(outside_of(&s).rows[OUT_PAGE_TABLES].bytes, REASON_NOT_REPORTED);
}

static void test_no_address_space(void **state attr_unused)
{
	static const enum off_rss_id ids[] = { OUT_SWAP,        OUT_PAGE_TABLES,   OUT_HUGETLB,
					       OUT_MEMFD_TMPFS, OUT_KERNEL_STACKS, OUT_LOCKED,
					       OUT_PINNED };
	auto_snapshot s;
	struct off_rss o;

	snap_init(&s);
	s.regions_why = REASON_NO_MM;
	s.status.v[PS_THREADS] = amount_of(1);
	s.fds.file_bytes = amount_of(0);
	o = outside_of(&s);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		assert_absent(o.rows[ids[i]].bytes, REASON_NO_MM);
}

static void test_kernel_stacks(void **state attr_unused)
{
	auto_snapshot s;
	struct off_rss o;

	build(&s);
	s.status.v[PS_THREADS] = amount_of(3);
	o = outside_of(&s);
#if defined(__x86_64__) || defined(__aarch64__)
	assert_kib(o.rows[OUT_KERNEL_STACKS].bytes, 48);
	assert_string_equal(o.rows[OUT_KERNEL_STACKS].detail, "3 threads x 16 KiB");
#else
	assert_false(amount_ok(o.rows[OUT_KERNEL_STACKS].bytes));
#endif
}

static void test_descriptors(void **state attr_unused)
{
	auto_snapshot s;
	struct off_rss o;

	build(&s);
	s.fds.drm_bytes = amount_of(KIB(1));
	s.fds.n_drm = 1;
	s.fds.dmabuf_bytes = amount_of(KIB(2));
	s.fds.n_dmabuf = 2;
	s.fds.bpf_bytes = amount_of(KIB(3));
	s.fds.n_bpf = 3;
	s.fds.pipe_bytes = amount_of(KIB(4));
	s.fds.pipe_capacity = amount_of(KIB(64));
	s.fds.n_pipes = 1;
	s.sockets.unix_bytes = amount_of(KIB(5));
	s.sockets.inet_bytes = amount_of(KIB(6));
	s.sysv.unattached_bytes = amount_of(KIB(7));
	s.sysv.n = 2;
	o = outside_of(&s);
	assert_kib(o.rows[OUT_GPU].bytes, 1);
	assert_string_equal(o.rows[OUT_GPU].detail, "1 client");
	assert_kib(o.rows[OUT_DMA_BUF].bytes, 2);
	assert_string_equal(o.rows[OUT_DMA_BUF].detail, "2 buffers");
	assert_kib(o.rows[OUT_BPF].bytes, 3);
	assert_string_equal(o.rows[OUT_BPF].detail, "3 objects");
	assert_kib(o.rows[OUT_PIPES].bytes, 4);
	assert_string_equal(o.rows[OUT_PIPES].detail, "1 pipe, with room for 64.0 KiB");
	assert_kib(o.rows[OUT_UNIX_SOCKETS].bytes, 5);
	assert_kib(o.rows[OUT_INET_SOCKETS].bytes, 6);
	assert_kib(o.rows[OUT_SYSV].bytes, 7);
	assert_string_equal(o.rows[OUT_SYSV].detail, "2 segments");
}

static void test_total(void **state attr_unused)
{
	static const struct fd_file file = { TMPFS, 6, KIB(100), true };
	auto_snapshot s;
	struct off_rss o;

	build(&s); /* 24 KiB in swap and 2048 in huge pages */
	hold(&s, &file, 1);
	s.status.v[PS_VM_PTE] = amount_of(KIB(40));
	s.status.v[PS_VM_LCK] = amount_of(KIB(5000));
	s.status.v[PS_VM_PIN] = amount_of(KIB(6000));
	s.fds.pipe_bytes = amount_absent(REASON_DENIED);
	o = outside_of(&s);
	assert_kib(o.rows[OUT_LOCKED].bytes, 5000);
	assert_kib(o.rows[OUT_PINNED].bytes, 6000);
	assert_absent(o.rows[OUT_PIPES].bytes, REASON_DENIED);
	assert_kib(o.total, 2048 + 40 + 100);
}

static void test_descs(void **state attr_unused)
{
	for (int i = 0; i < OUT_COUNT; i++) {
		assert_non_null(off_rss_descs[i].id);
		assert_non_null(off_rss_descs[i].title);
		assert_non_null(off_rss_descs[i].help);
	}
}

int main(void)
{
	struct row_tests list = { 0 };

	rows_add_one(&list, "each row is described", test_descs);
	ROWS_ADD(&list, "held files", held_rows, test_held);
	rows_add_one(&list, "held files: denied is absent", test_held_denied);
	rows_add_one(&list, "held files: absent where mappings are not known",
		     test_held_without_maps);
	rows_add_one(&list, "swap is that of smaps, shared memory included", test_swap);
	rows_add_one(&list, "swap and hugetlb come from status where smaps is denied",
		     test_swap_from_status);
	rows_add_one(&list, "page tables: VmPMD is added where it is stated", test_page_tables);
	rows_add_one(&list, "no address space: absent, with that reason", test_no_address_space);
	rows_add_one(&list, "kernel stacks are derived from the threads", test_kernel_stacks);
	rows_add_one(&list, "memory of descriptors and sockets", test_descriptors);
	rows_add_one(&list, "the total: neither swap nor properties of resident pages", test_total);
	return rows_run("outside", &list);
}
