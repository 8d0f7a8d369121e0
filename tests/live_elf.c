/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/elf and proc/pagemap on the program and the memory of the test itself.
 */
#include "proc/elf.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/io.h"
#include "proc/pagemap.h"
#include "rows.h"

static struct procfs open_live(int *ret_dirfd)
{
	struct procfs fs = PROCFS_INIT;

	assert_int_equal(procfs_open(NULL, &fs, NULL), 0);
	*ret_dirfd = procfs_open_pid(&fs, getpid());
	assert_true(*ret_dirfd >= 0);
	return fs;
}

static int take_first(struct dl_phdr_info *info, size_t size attr_unused, void *arg)
{
	*(struct dl_phdr_info *)arg = *info;
	return 1;
}

/* The kernel passed the same headers to the dynamic linker. */
static void test_headers(void **state attr_unused)
{
	auto_close int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct dl_phdr_info want;
	struct elf_info info;
	size_t n = 0;

	assert_int_equal(dl_iterate_phdr(take_first, &want), 1);
	assert_int_equal(elf_info_read(fd, &info), 0);
	for (size_t i = 0; i < want.dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &want.dlpi_phdr[i];

		if (ph->p_type != PT_LOAD)
			continue;
		assert_true(n < info.n_load);
		assert_int_equal(info.load[n].vaddr, ph->p_vaddr);
		assert_int_equal(info.load[n].memsz, ph->p_memsz);
		assert_int_equal(info.load[n++].flags, ph->p_flags);
	}
	assert_int_equal(n, info.n_load);
	elf_info_release(&info);
}

/* With privileges through map_files, otherwise by the path, which must have the right inode. */
static void test_open(void **state attr_unused)
{
	auto_sbuf path = SBUF_INIT;
	auto_close int dirfd = -1, fd = -1;
	struct procfs fs = open_live(&dirfd);
	struct stat exe, st;
	uint32_t dev_major, dev_minor;
	size_t size;
	void *map;

	assert_int_equal(io_readlink_at(dirfd, "exe", &path), 0);
	assert_int_equal(stat("/proc/self/exe", &exe), 0);
	dev_major = major(exe.st_dev);
	dev_minor = minor(exe.st_dev);
	size = (size_t)sysconf(_SC_PAGESIZE);
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	(void)close(fd);

	fd = elf_open_mapped(&fs, dirfd, (uintptr_t)map, (uintptr_t)map + size, path.data,
			     dev_major, dev_minor, exe.st_ino);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_ino, exe.st_ino);
	(void)close(fd);
	fd = elf_open_mapped(&fs, dirfd, 1, 2, path.data, dev_major, dev_minor, exe.st_ino);
	assert_true(fd >= 0);
	(void)close(fd);
	fd = elf_open_mapped(&fs, dirfd, 1, 2, path.data, dev_major, dev_minor, exe.st_ino + 1);
	assert_int_equal(fd, -ESTALE);
	fd = elf_open_mapped(&fs, dirfd, 1, 2, "/nowhere", dev_major, dev_minor, exe.st_ino);
	assert_int_equal(fd, -ENOENT);
	(void)munmap(map, size);
	procfs_close(&fs);
}

static void test_pagemap(void **state attr_unused)
{
	enum { PAGES = 16 };
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	auto_close int dirfd = -1;
	struct procfs fs = open_live(&dirfd);
	volatile char *map = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t bytes;

	assert_ptr_not_equal((void *)(uintptr_t)map, MAP_FAILED);
	(void)madvise((void *)(uintptr_t)map, PAGES * page, MADV_NOHUGEPAGE);
	map[0] = map[7 * page] = map[15 * page] = 1;
	assert_int_equal(
		pagemap_present(dirfd, (uintptr_t)map, (uintptr_t)map + PAGES * page, &bytes), 0);
	assert_int_equal(bytes, 3 * page);
	(void)munmap((void *)(uintptr_t)map, PAGES * page);
	procfs_close(&fs);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	rows_add_one(&list, "headers are those the kernel saw", test_headers);
	rows_add_one(&list, "the file behind a mapping", test_open);
	rows_add_one(&list, "pages that are present", test_pagemap);
	return rows_run("elf, live", &list);
}
