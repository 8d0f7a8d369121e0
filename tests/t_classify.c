/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of model/classify: from the text of smaps to what a mapping is, whose it is and how that is
 * known.
 */
#include "model/snapshot/classify.h"

#include "elf_image.h"
#include "proc_tree.h"

#define MOUNTS                                                                                     \
	"20 1 8:1 / / rw - ext4 /dev/sda1 rw\n21 20 0:30 / /tmp rw - tmpfs tmpfs rw\n"             \
	"22 20 0:6 / /dev rw - devtmpfs udev rw\n23 20 0:31 / /dev/shm rw - tmpfs tmpfs rw\n"
#define AT(n, rest) n "0000-" n "1000 " rest "\n" FIELDS("4")
#define PROGRAM AT("4", "r-xp 00000000 08:01 1      /usr/bin/prog")

struct class_row {
	const char *name;
	const char *smaps; /* the program precedes it; the last mapping is tested */
	enum category category;
	enum evidence evidence;
	enum owner_kind kind;
	const char *owner;
	bool on_tmpfs;
};

static const struct class_row class_rows[] = {
	{ "the program", "", CAT_PROGRAM, EV_KERNEL, OWNER_FILE, "prog", false },
	{ "its data", AT("5", "rw-p 00001000 08:01 1 /usr/bin/prog"), CAT_PROGRAM, EV_KERNEL,
	  OWNER_FILE, "prog", false },
	{ "a file with the same name elsewhere", AT("5", "r-xp 0 08:01 2 /opt/prog"),
	  CAT_SHARED_LIBRARY, EV_KERNEL, OWNER_LIBRARY, "prog", false },
	{ "the heap", AT("5", "rw-p 0 00:00 0 [heap]"), CAT_HEAP, EV_KERNEL, OWNER_ALLOCATOR, "brk",
	  false },
	{ "a file called [heap]", AT("5", "rw-p 0 08:01 2 [heap]"), CAT_MAPPED_FILE, EV_KERNEL,
	  OWNER_FILE, "[heap]", false },
	{ "a library", AT("5", "r-xp 0 08:01 2 /usr/lib/libc.so.6"), CAT_SHARED_LIBRARY, EV_KERNEL,
	  OWNER_LIBRARY, "libc.so.6", false },
	{ "a library that was replaced", AT("5", "r-xp 0 08:01 2 /usr/lib/libx.so (deleted)"),
	  CAT_SHARED_LIBRARY, EV_KERNEL, OWNER_LIBRARY, "libx.so", false },
	{ "data of a file whose code is mapped too",
	  AT("5", "r-xp 0 08:01 2 /opt/plugin") AT("6", "rw-p 1000 08:01 2 /opt/plugin"),
	  CAT_SHARED_LIBRARY, EV_KERNEL, OWNER_LIBRARY, "plugin", false },
	{ "an extension",
	  AT("5", "r-xp 0 08:01 2 /usr/lib/python3/dist-packages/numpy/core/"
		  "_multiarray_umath.cpython-311-x86_64-linux-gnu.so"),
	  CAT_C_EXTENSION, EV_KERNEL, OWNER_PACKAGE, "numpy", false },
	{ "a library that came with one",
	  AT("5", "r-xp 0 08:01 2 /usr/lib/python3/site-packages/numpy.libs/libopenblas.so.0"),
	  CAT_C_EXTENSION, EV_KERNEL, OWNER_PACKAGE, "numpy", false },
	{ "a data file", AT("5", "r--p 0 08:01 2 /usr/share/x"), CAT_MAPPED_FILE, EV_KERNEL,
	  OWNER_FILE, "/usr/share/x", false },
	{ "a file on a tmpfs", AT("5", "rw-s 0 00:1e 2 /tmp/x"), CAT_SHARED_MEMORY, EV_KERNEL,
	  OWNER_FILE, "/tmp/x", true },
	{ "a file on a disk of the same minor", AT("5", "rw-s 0 08:1e 2 /tmp/x"), CAT_MAPPED_FILE,
	  EV_KERNEL, OWNER_FILE, "/tmp/x", false },
	{ "POSIX shared memory", AT("5", "rw-s 0 00:1f 2 /dev/shm/x"), CAT_SHARED_MEMORY, EV_KERNEL,
	  OWNER_FILE, "/dev/shm/x", true },
	{ "a node of a device", AT("5", "rw-s 0 00:06 2 /dev/dri/renderD128"), CAT_DEVICE,
	  EV_KERNEL, OWNER_FILE, "/dev/dri/renderD128", false },
	{ "a memfd", AT("5", "rw-s 0 00:01 2 /memfd:a b (deleted)"), CAT_SHARED_MEMORY, EV_KERNEL,
	  OWNER_FILE, "memfd:a b", true },
	{ "a memfd called like a library", AT("5", "r-xp 0 00:01 2 /memfd:libx.so (deleted)"),
	  CAT_SHARED_MEMORY, EV_KERNEL, OWNER_FILE, "memfd:libx.so", true },
	{ "the first segment of SysV has inode 0",
	  AT("5", "rw-s 0 00:01 0 /SYSV00000000 (deleted)"), CAT_SHARED_MEMORY, EV_KERNEL,
	  OWNER_FILE, "SYSV00000000", true },
	{ "shared anonymous memory", AT("5", "rw-s 0 00:01 2 /dev/zero (deleted)"),
	  CAT_SHARED_MEMORY, EV_KERNEL, OWNER_NONE, "", true },
	{ "named shared anonymous memory", AT("5", "rw-s 0 00:01 2 [anon_shmem:x]"),
	  CAT_SHARED_MEMORY, EV_KERNEL, OWNER_FILE, "x", true },
	{ "named anonymous memory", AT("5", "rw-p 0 00:00 0 [anon:my cache]"), CAT_ANONYMOUS,
	  EV_KERNEL, OWNER_FILE, "my cache", false },
	{ "named by glibc", AT("5", "rw-p 0 00:00 0 [anon: glibc: malloc arena]"), CAT_ANONYMOUS,
	  EV_KERNEL, OWNER_ALLOCATOR, "glibc malloc", false },
	{ "memory without a name", AT("5", "rw-p 0 00:00 0 "), CAT_ANONYMOUS, EV_UNKNOWN,
	  OWNER_NONE, "", false },
	{ "executable memory without a name", AT("5", "rwxp 0 00:00 0 "), CAT_JIT_CODE, EV_UNKNOWN,
	  OWNER_NONE, "", false },
	{ "executable memory, where the program's data are too",
	  AT("5", "rwxp 00001000 08:01 1 /usr/bin/prog") AT("6", "rwxp 0 00:00 0 "), CAT_ANONYMOUS,
	  EV_UNKNOWN, OWNER_NONE, "", false },
	{ "a data file, where all is executable",
	  AT("5", "rwxp 00001000 08:01 1 /usr/bin/prog") AT("6", "r-xp 0 08:01 2 /usr/share/x"),
	  CAT_MAPPED_FILE, EV_KERNEL, OWNER_FILE, "/usr/share/x", false },
	{ "executable memory, where one library writes to its code",
	  AT("5", "rwxp 00001000 08:01 2 /usr/lib/libx.so")
		  AT("6", "rw-p 00001000 08:01 1 /usr/bin/prog") AT("7", "rwxp 0 00:00 0 "),
	  CAT_JIT_CODE, EV_UNKNOWN, OWNER_NONE, "", false },
	{ "a reservation", "50000-60000 ---p 0 00:00 0 \nSize: 64 kB\nRss: 0 kB\nSwap: 0 kB\n",
	  CAT_ANONYMOUS, EV_KERNEL, OWNER_NONE, "", false },
	{ "a reservation with pages in it",
	  "50000-60000 ---p 0 00:00 0 \nSize: 64 kB\nRss: 8 kB\nSwap: 0 kB\n", CAT_ANONYMOUS,
	  EV_UNKNOWN, OWNER_NONE, "", false },
	{ "or in swap", "50000-60000 ---p 0 00:00 0 \nSize: 64 kB\nRss: 0 kB\nSwap: 8 kB\n",
	  CAT_ANONYMOUS, EV_UNKNOWN, OWNER_NONE, "", false },
	{ "huge pages by their size",
	  "200000-400000 rw-p 0 00:0f 2 /x\nKernelPageSize: 2048 kB\nRss: 0 kB\n", CAT_HUGETLB,
	  EV_KERNEL, OWNER_NONE, "", false },
	{ "huge pages by their flag",
	  "200000-400000 rw-p 0 00:0f 2 /x\nRss: 0 kB\nVmFlags: rd wr ht\n", CAT_HUGETLB, EV_KERNEL,
	  OWNER_NONE, "", false },
};

static void capture(const struct tree *t, const char *smaps, struct snapshot *s)
{
	struct err err = ERR_INIT;

	tree_put(t, "proc/40/stat", STAT("S", "1"));
	tree_put(t, "proc/40/status", STATUS);
	tree_put(t, "proc/40/mountinfo", MOUNTS);
	tree_put(t, "proc/40/smaps", smaps);
	assert_int_equal(symlinkat("/usr/bin/prog", t->fd, "proc/40/exe"), 0);
	assert_int_equal(proc_tree_capture(t, true, s, &err), 0);
}

static void test_class(void **state)
{
	const struct class_row *row = *state;
	auto_free char *smaps = xasprintf(PROGRAM "%s", row->smaps);
	auto_tree t = tree_make();
	auto_snapshot s;
	const struct region *r;

	capture(&t, smaps, &s);
	r = &s.regions[s.n_regions - 1];
	assert_int_equal(r->category, row->category);
	assert_int_equal(r->evidence, row->evidence);
	assert_int_equal(s.owners[r->owner].kind, row->kind);
	assert_string_equal(s.owners[r->owner].name, row->owner);
	assert_int_equal(s.files[r->file].on_tmpfs, row->on_tmpfs);
}

static void test_personality(void **state attr_unused)
{
	static const char smaps[] = PROGRAM AT("5", "rw-p 00001000 08:01 1 /usr/bin/prog")
		AT("6", "rwxp 0 00:00 0 ");
	auto_tree t = tree_make();
	auto_snapshot s;

	tree_put(&t, "proc/40/personality", "00400000\n");
	capture(&t, smaps, &s);
	assert_int_equal(s.regions[s.n_regions - 1].category, CAT_ANONYMOUS);
}

#define IMAGE                                                                                      \
	"100000-101000 r-xp 00000000 08:01 2 /lib/libx.so\n" FIELDS(                               \
		"4") "102000-104000 rw-p 00001000 08:01 2 /lib/libx.so\n" FIELDS("8")

static void test_bss(void **state attr_unused)
{
	auto_tree t = tree_make();
	auto_snapshot s;
	const struct region *r;

	elf_image_put(&t, "proc/40/root/lib/libx.so", 0x7000);
	capture(&t, PROGRAM IMAGE "104000-107000 rw-p 0 00:00 0 \n" FIELDS("12"), &s);
	r = &s.regions[3];
	assert_int_equal(r->category, CAT_SHARED_LIBRARY);
	assert_int_equal(r->evidence, EV_INFERRED);
	assert_int_equal(r->owner, s.regions[2].owner);
	assert_false(r->split);
}

/* A chunk that the kernel placed right behind a .bss does not belong to the library. */
static void test_split(void **state attr_unused)
{
	auto_tree t = tree_make();
	auto_snapshot s;
	const struct region *r;
	const struct part *parts;
	size_t n;

	elf_image_put(&t, "proc/40/root/lib/libx.so", 0x7000);
	capture(&t, PROGRAM IMAGE "104000-307000 rw-p 0 00:00 0 \n" FIELDS("2060"), &s);
	r = &s.regions[3];
	parts = snapshot_parts(&s, r, &n);
	assert_true(r->split);
	assert_int_equal(n, 2);
	assert_int_equal(parts[0].category, CAT_SHARED_LIBRARY);
	assert_int_equal(parts[0].evidence, EV_INFERRED);
	assert_string_equal(s.owners[parts[0].owner].name, "libx.so");
	assert_true(parts[0].rss_bytes == KIB(12));
	assert_int_equal(parts[1].category, CAT_ANONYMOUS);
	assert_int_equal(parts[1].evidence, EV_UNKNOWN);
	assert_int_equal(s.owners[parts[1].owner].kind, OWNER_NONE);
	assert_true(parts[1].rss_bytes == KIB(2048));
}

/* Two inodes with one path are two files, each with its own state. */
static void test_replaced(void **state attr_unused)
{
	auto_tree t = tree_make();
	auto_snapshot s;

	capture(&t,
		PROGRAM AT("5", "r-xp 0 08:01 2 /lib/libx.so (deleted)")
			AT("6", "r-xp 0 08:01 3 /lib/libx.so"),
		&s);
	assert_int_equal(s.n_files, 4);
	assert_true(s.files[2].deleted && !s.files[3].deleted);
	assert_string_equal(s.files[2].path, s.files[3].path);
	assert_int_equal(s.regions[1].owner, s.regions[2].owner);
	assert_int_equal(s.files[2].category, CAT_SHARED_LIBRARY);
}

/* Many rules and marks share few slots of the cache: every mapping still gets its own rule. */
static void test_memo(void **state attr_unused)
{
	auto_sbuf text = SBUF_INIT;
	auto_tree t = tree_make();
	auto_snapshot s;

	sbuf_adds(&text, PROGRAM);
	for (unsigned int i = 0; i < 3000; i++)
		sbuf_addf(&text, "%x000-%x000 rw-%c 0 %s %s%u\n" FIELDS("4"), i + 0x100, i + 0x101,
			  i % 2 ? 's' : 'p', i % 3 ? "08:01" : "00:1e",
			  i % 5 ? "7 /d/" : "8 /dev/shm/", i);
	capture(&t, sbuf_str(&text), &s);
	assert_int_equal(s.n_regions, 3001);
	for (size_t i = 1; i < s.n_regions; i++) {
		const char *id = rules_std.rules[s.regions[i].rule].id;
		const char *name = snapshot_region_name(&s, &s.regions[i]);

		if (starts_with(name, "/dev/shm/"))
			assert_string_equal(id, "posix-shm");
		else
			assert_string_equal(id, s.files[s.regions[i].file].on_tmpfs ? "tmpfs-file"
										    : "file");
	}
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "class", class_rows, test_class);
	rows_add_one(&list, "class: all that is readable is executable", test_personality);
	rows_add_one(&list, ".bss: the library's", test_bss);
	rows_add_one(&list, ".bss: memory behind its end is not the library's", test_split);
	rows_add_one(&list, "files: one a device and inode", test_replaced);
	rows_add_one(&list, "memo: 3,000 names", test_memo);
	return rows_run("classify", &list);
}
