/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/memsrc on the memory of the test itself and of a child: what the kernel reports
 * about each kind of page, and that reading changes no page.
 */
#include "proc/memsrc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "proc/pagemap.h"
#include "proc/procfs.h"
#include "rows.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

enum { PAGES = 16 };

/* The memory of a process, open. */
struct opened {
	struct procfs fs;
	int dirfd;
	struct memsrc *mem;
};

static int open_process(pid_t pid, struct opened *ret)
{
	*ret = (struct opened){ .fs = PROCFS_INIT };
	assert_int_equal(procfs_open(NULL, &ret->fs, NULL), 0);
	ret->dirfd = procfs_open_pid(&ret->fs, pid);
	assert_true(ret->dirfd >= 0);
	return memsrc_open(ret->dirfd, NULL, &ret->mem);
}

static void close_process(struct opened *o)
{
	memsrc_free(o->mem);
	(void)close(o->dirfd);
	procfs_close(&o->fs);
}

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static uint8_t *map_pages(int prot)
{
	uint8_t *p = mmap(NULL, PAGES * page_size(), prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(p != MAP_FAILED);
	(void)madvise(p, PAGES * page_size(), MADV_NOHUGEPAGE);
	return p;
}

static void touch(uint8_t *p, size_t page, uint8_t value)
{
	*(volatile uint8_t *)(p + page * page_size()) = value;
}

static uint8_t resident_pages(uint8_t *p)
{
	unsigned char in[PAGES];
	uint8_t n = 0;

	assert_int_equal(mincore(p, sizeof(in) * page_size(), in), 0);
	for (size_t i = 0; i < PAGES; i++)
		n += in[i] & 1;
	return n;
}

static void expect(struct memsrc *m, const uint8_t *p, size_t page, enum mem_why want)
{
	uint64_t addr = (uintptr_t)p + page * page_size();
	const uint8_t *got = memsrc_at(m, addr, 1);

	assert_int_equal(got ? MEM_READ : m->why, want);
	if (got)
		assert_int_equal(*got, p[page * page_size()]);
}

static void test_pages(void **state attr_unused)
{
	uint8_t *p = map_pages(PROT_READ | PROT_WRITE), *wall = map_pages(PROT_NONE);
	volatile uint8_t zero;
	struct opened o;
	bool guard;

	touch(p, 0, 11);
	touch(p, 3, 33);
	zero = p[5 * page_size()];
	assert_int_equal(zero, 0);
	guard = madvise(p + 7 * page_size(), page_size(), MADV_GUARD_INSTALL) == 0;
	assert_int_equal(open_process(getpid(), &o), 0);
	expect(o.mem, p, 0, MEM_READ);
	expect(o.mem, p, 1, MEM_NOT_PRESENT);
	expect(o.mem, p, 3, MEM_READ);
	expect(o.mem, p, 5, MEM_READ); /* the zero page */
	if (guard)
		expect(o.mem, p, 7, MEM_GUARD);
	expect(o.mem, wall, 0, MEM_NO_ACCESS);
	assert_null(memsrc_at(o.mem, 0, 1));
	assert_int_equal(o.mem->why, MEM_UNMAPPED);
	close_process(&o);
	(void)munmap(p, PAGES * page_size());
	(void)munmap(wall, PAGES * page_size());
}

/* The zero page is present, but not resident; reading makes no page present. */
static void test_presence(void **state attr_unused)
{
	uint8_t *p = map_pages(PROT_READ | PROT_WRITE);
	volatile uint8_t zero = p[5 * page_size()];
	struct mem_presence got;
	struct mem_run run;
	uint64_t at = (uintptr_t)p, end = at + PAGES * page_size(), n = 0;
	uint8_t before;
	struct opened o;

	assert_int_equal(zero, 0);
	touch(p, 0, 1);
	touch(p, 1, 1);
	before = resident_pages(p);
	assert_int_equal(open_process(getpid(), &o), 0);
	while (memsrc_next(o.mem, &at, end, &run))
		n += run.len;
	assert_int_equal(n, 3 * page_size());
	assert_true(memsrc_presence(o.mem, (uintptr_t)p, end, &got));
	assert_int_equal(got.resident_bytes + got.zero_bytes, 3 * page_size());
	assert_true(got.zero_bytes <= page_size()); /* not reported before Linux 6.7 */
	assert_int_equal(resident_pages(p), before);
	close_process(&o);
	(void)munmap(p, PAGES * page_size());
}

static void test_kernel_pages(void **state attr_unused)
{
	struct opened o;
	size_t special = 0;

	assert_int_equal(open_process(getpid(), &o), 0);
	for (size_t i = 0; i < o.mem->n_maps; i++) {
		if (o.mem->maps[i].kind != MEM_SPECIAL)
			continue;
		special++;
		assert_null(memsrc_at(o.mem, o.mem->maps[i].start, 1));
		assert_int_equal(o.mem->why, MEM_DEVICE);
	}
	assert_true(special > 0);
	close_process(&o);
}

/* Pages that a handler would have to provide are absent: reading does not block. */
static void test_userfaultfd(void **state attr_unused)
{
	auto_close int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	uint8_t *p = map_pages(PROT_READ | PROT_WRITE);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = {
		.range = { (uintptr_t)p, PAGES * page_size() },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct opened o;

	touch(p, 2, 5);
	if (fd >= 0 && ioctl(fd, UFFDIO_API, &api) == 0)
		assert_int_equal(ioctl(fd, UFFDIO_REGISTER, &reg), 0);
	assert_int_equal(open_process(getpid(), &o), 0);
	expect(o.mem, p, 0, MEM_NOT_PRESENT);
	memsrc_avoid(o.mem, (uintptr_t)p, (uintptr_t)p + PAGES * page_size(), MEM_UFFD);
	expect(o.mem, p, 2, MEM_UFFD);
	close_process(&o);
	(void)munmap(p, PAGES * page_size());
}

static void test_child(void **state attr_unused)
{
	uint8_t *p = map_pages(PROT_READ | PROT_WRITE);
	struct opened o;
	uint64_t word;
	pid_t child;

	touch(p, 0, 7);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)pause();
		_exit(0);
	}
	assert_int_equal(open_process(child, &o), 0);
	touch(p, 0, 8); /* ours; the child keeps its own */
	assert_true(memsrc_u64(o.mem, (uintptr_t)p, &word));
	assert_int_equal(word, 7);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	memsrc_forget(o.mem, (uintptr_t)p, 1);
	assert_false(memsrc_u64(o.mem, (uintptr_t)p, &word));
	assert_int_equal(o.mem->why, MEM_GONE);
	assert_true(memsrc_is_over(o.mem));
	assert_true(memsrc_refresh(o.mem) < 0);
	close_process(&o);
	(void)munmap(p, PAGES * page_size());
}

/* Kernel threads and zombies have nothing to read. */
static void test_no_memory(void **state attr_unused)
{
	pid_t child = fork();
	struct opened o;
	siginfo_t info;

	assert_true(child >= 0);
	if (child == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	assert_true(open_process(child, &o) < 0);
	close_process(&o);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	rows_add_one(&list, "each kind of page", test_pages);
	rows_add_one(&list, "what is present, without touching the rest", test_presence);
	rows_add_one(&list, "the kernel's mappings", test_kernel_pages);
	rows_add_one(&list, "a range served by userfaultfd", test_userfaultfd);
	rows_add_one(&list, "a child, and its end", test_child);
	rows_add_one(&list, "a zombie", test_no_memory);
	return rows_run("memsrc, live", &list);
}
