/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/fdscan and proc/sockdiag on recorded processes; tests/live_fdscan.c has real ones.
 */
#include "proc/fdscan.h"

#include "amounts.h"
#include "proc/sockdiag.h"
#include "tree.h"

static const struct procfs recorded = PROCFS_INIT;

/*
 * Makes a process with these links as descriptors 0, 1, ...; each row is a link and its fdinfo,
 * NULL: no fdinfo.
 */
static struct tree make_process(const char *const links[][2], size_t n)
{
	struct tree t = tree_make();

	tree_put_dir(&t, "fd");
	for (size_t i = 0; i < n && links[i][0]; i++) {
		auto_free char *fd = xasprintf("fd/%zu", i), *info = xasprintf("fdinfo/%zu", i);

		assert_int_equal(symlinkat(links[i][0], t.fd, fd), 0);
		if (links[i][1])
			tree_put(&t, info, links[i][1]);
	}
	return t;
}

/* An object whose size is in fdinfo. */
struct object_row {
	const char *name;
	const char *links[4][2];
	size_t n, amount; /* offsets in struct fdscan */
	size_t want_n;
	uint64_t want;
	enum reason want_why;
};

#define DRM offsetof(struct fdscan, n_drm), offsetof(struct fdscan, drm_bytes)
#define DMABUF offsetof(struct fdscan, n_dmabuf), offsetof(struct fdscan, dmabuf_bytes)
#define BPF offsetof(struct fdscan, n_bpf), offsetof(struct fdscan, bpf_bytes)
#define CARD0 "drm-pdev:\t0000:00:02.0\n"
#define CARD1 "drm-pdev:\t0000:03:00.0\n"
#define CLIENT(id, kib) "drm-client-id:\t" id "\ndrm-resident-gtt:\t" kib " KiB\n"

static const struct object_row object_rows[] = {
	{ "GPU: two clients of a card",
	  { { "/dev/dri/card0", CARD0 CLIENT("1", "4") },
	    { "/dev/dri/renderD128", CARD0 CLIENT("2", "8") } },
	  DRM,
	  2,
	  12 << 10,
	  REASON_NONE },
	{ "GPU: a client counts once",
	  { { "/dev/dri/card0", CARD0 CLIENT("1", "4") },
	    { "/dev/dri/card0", CARD0 CLIENT("1", "4") } },
	  DRM,
	  1,
	  4 << 10,
	  REASON_NONE },
	{ "GPU: clients of two cards with one number",
	  { { "/dev/dri/card0", CARD0 CLIENT("1", "4") },
	    { "/dev/dri/card1", CARD1 CLIENT("1", "8") } },
	  DRM,
	  2,
	  12 << 10,
	  REASON_NONE },
	{ "GPU: an accelerator",
	  { { "/dev/accel/accel0", CLIENT("1", "4") } },
	  DRM,
	  1,
	  4096,
	  REASON_NONE },
	{ "GPU: a driver that states no memory",
	  { { "/dev/dri/card0", CARD0 CLIENT("1", "4") },
	    { "/dev/dri/card1", CARD1 "drm-client-id:\t1\n" } },
	  DRM,
	  2,
	  0,
	  REASON_NOT_REPORTED },
	{ "GPU: a driver that states no client",
	  { { "/dev/dri/card0", "pos:\t0\n" } },
	  DRM,
	  0,
	  0,
	  REASON_NOT_REPORTED },
	{ "GPU: fdinfo was not recorded",
	  { { "/dev/dri/card0", NULL } },
	  DRM,
	  0,
	  0,
	  REASON_NOT_RECORDED },
	{ "dma-buf: a buffer held twice",
	  { { "/dmabuf:", "ino:\t5\nsize:\t8192\ncount:\t2\nexp_name:\tsystem\n" },
	    { "/dmabuf:", "ino:\t5\nsize:\t8192\ncount:\t2\nexp_name:\tsystem\n" },
	    { "/dmabuf:camera", "ino:\t6\nsize:\t4096\ncount:\t2\nexp_name:\tsystem\n" } },
	  DMABUF,
	  2,
	  12288,
	  REASON_NONE },
	{ "dma-buf: its older name",
	  { { "anon_inode:dmabuf", "ino:\t5\nsize:\t8192\n" } },
	  DMABUF,
	  1,
	  8192,
	  REASON_NONE },
	{ "dma-buf: a name with a different size",
	  { { "/dmabuf:", "ino:\t5\nsize:\t8192\nname:\tx\nsize:\t1\n" } },
	  DMABUF,
	  1,
	  8192,
	  REASON_NONE },
	{ "dma-buf: kernels that do not state the inode",
	  { { "/dmabuf:", "size:\t8192\n" } },
	  DMABUF,
	  0,
	  0,
	  REASON_NOT_REPORTED },
	{ "BPF: maps and programs are numbered apart",
	  { { "anon_inode:bpf-map", "map_id:\t3\nmemlock:\t4096\n" },
	    { "anon_inode:bpf-map", "map_id:\t3\nmemlock:\t4096\n" },
	    { "anon_inode:bpf-prog", "prog_id:\t3\nmemlock:\t8192\n" } },
	  BPF,
	  2,
	  12288,
	  REASON_NONE },
	{ "BPF: a link holds no memory of its own",
	  { { "anon_inode:bpf_link", "link_id:\t3\n" } },
	  BPF,
	  0,
	  0,
	  REASON_NONE },
	{ "BPF: no memlock",
	  { { "anon_inode:bpf-map", "map_id:\t3\n" } },
	  BPF,
	  1,
	  0,
	  REASON_NOT_REPORTED },
};

static void test_object(void **state)
{
	const struct object_row *row = *state;
	auto_tree t = make_process(row->links, ARRAY_SIZE(row->links));
	struct fdscan scan;
	struct amount bytes;
	size_t n;

	fdscan_read(&recorded, t.fd, 1, &scan);
	memcpy(&n, (const char *)&scan + row->n, sizeof(n));
	memcpy(&bytes, (const char *)&scan + row->amount, sizeof(bytes));
	fdscan_release(&scan);
	assert_int_equal(n, row->want_n);
	assert_same_amount(bytes, row->want, row->want_why);
}

/*
 * Files of a recorded process cannot be measured, but some are on mounts that have no files in
 * memory.
 */
struct file_row {
	const char *name;
	const char *links[4][2];
	enum reason want_why;
};

static const char mountinfo[] = "22 1 254:0 / / rw - ext4 /dev/vda rw\n"
				"23 22 0:23 / /dev/shm rw - tmpfs tmpfs rw\n"
				"24 22 0:30 / /net rw - nfs4 server:/ rw\n";

static const struct file_row file_rows[] = {
	{ "none", { { "socket:[1]", NULL }, { "anon_inode:[eventpoll]", NULL } }, REASON_NONE },
	{ "on a disk", { { "/etc/passwd", "mnt_id:\t22\n" } }, REASON_NONE },
	{ "on a server", { { "/net/x", "mnt_id:\t24\n" } }, REASON_NONE },
	{ "on a tmpfs", { { "/dev/shm/x", "mnt_id:\t23\n" } }, REASON_NOT_RECORDED },
	{ "memfd", { { "/memfd:x (deleted)", "mnt_id:\t15\n" } }, REASON_NOT_RECORDED },
	{ "on a mount that is not seen", { { "/x", "mnt_id:\t99\n" } }, REASON_NOT_RECORDED },
	{ "fdinfo was not recorded", { { "/etc/passwd", NULL } }, REASON_NOT_RECORDED },
	{ "no mount stated", { { "/etc/passwd", "pos:\t0\n" } }, REASON_NOT_RECORDED },
};

static void test_file(void **state)
{
	const struct file_row *row = *state;
	auto_tree t = make_process(row->links, ARRAY_SIZE(row->links));
	struct fdscan scan;

	tree_put(&t, "mountinfo", mountinfo);
	fdscan_read(&recorded, t.fd, 1, &scan);
	assert_same_amount(scan.file_bytes, 0, row->want_why);
	assert_int_equal(scan.n_files, 0);
	fdscan_release(&scan);
}

static void test_sockets_and_pipes(void **state attr_unused)
{
	static const char *const links[][2] = {
		{ "socket:[77]", NULL },
		{ "pipe:[5]", NULL },
		{ "socket:[9]", NULL },
		{ "pipe:[5]", NULL },
		{ "socket:[77]", NULL },
		{ "pipe:[77]", NULL },
		{ "socket:[18446744073709551615]", NULL },
		/* The kernel does not write this. */
		{ "socket:[18446744073709551616]", NULL },
		{ "socket:[x]", NULL },
		{ "socket:[1]2", NULL },
		{ "socket:[1", NULL },
		{ "pipe:[]", NULL },
		{ "pipe:", NULL },
	};
	auto_tree t = make_process(links, ARRAY_SIZE(links));
	struct sockdiag diag;
	struct fdscan scan;

	tree_put(&t, "fd/.keep", "");
	fdscan_read(&recorded, t.fd, 1, &scan);
	assert_same_amount(scan.descriptors, ARRAY_SIZE(links), REASON_NONE);
	assert_int_equal(scan.n_sockets, 3);
	assert_int_equal(scan.sockets[0], 9);
	assert_int_equal(scan.sockets[1], 77);
	assert_int_equal(scan.sockets[2], UINT64_MAX);
	assert_int_equal(scan.n_pipes, 2);
	assert_same_amount(scan.pipe_bytes, 0, REASON_NOT_RECORDED);
	assert_same_amount(scan.pipe_capacity, 0, REASON_NOT_RECORDED);
	sockdiag_read(&recorded, t.fd, &scan, &diag);
	assert_same_amount(diag.unix_bytes, 0, REASON_NOT_RECORDED);
	assert_same_amount(diag.inet_bytes, 0, REASON_NOT_RECORDED);
	fdscan_release(&scan);
}

static void test_none(void **state attr_unused)
{
	auto_tree t = make_process(NULL, 0);
	struct sockdiag diag;
	struct fdscan scan;

	fdscan_read(&recorded, t.fd, 1, &scan);
	sockdiag_read(&recorded, t.fd, &scan, &diag);
	assert_same_amount(scan.descriptors, 0, REASON_NONE);
	assert_same_amount(scan.file_bytes, 0, REASON_NONE);
	assert_same_amount(scan.pipe_bytes, 0, REASON_NONE);
	assert_same_amount(scan.drm_bytes, 0, REASON_NONE);
	assert_same_amount(diag.unix_bytes, 0, REASON_NONE);
	assert_same_amount(diag.inet_bytes, 0, REASON_NONE);
	fdscan_release(&scan);
}

static void test_no_directory(void **state attr_unused)
{
	auto_tree t = tree_make();
	struct sockdiag diag;
	struct fdscan scan;

	fdscan_read(&recorded, t.fd, 1, &scan);
	sockdiag_read(&recorded, t.fd, &scan, &diag);
	assert_same_amount(scan.descriptors, 0, REASON_NOT_RECORDED);
	assert_same_amount(scan.file_bytes, 0, REASON_NOT_RECORDED);
	assert_same_amount(scan.pipe_bytes, 0, REASON_NOT_RECORDED);
	assert_same_amount(scan.pipe_capacity, 0, REASON_NOT_RECORDED);
	assert_same_amount(scan.drm_bytes, 0, REASON_NOT_RECORDED);
	assert_same_amount(scan.dmabuf_bytes, 0, REASON_NOT_RECORDED);
	assert_same_amount(scan.bpf_bytes, 0, REASON_NOT_RECORDED);
	assert_same_amount(diag.unix_bytes, 0, REASON_NOT_RECORDED);
	assert_same_amount(diag.inet_bytes, 0, REASON_NOT_RECORDED);
	fdscan_release(&scan);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "objects", object_rows, test_object);
	ROWS_ADD(&list, "files", file_rows, test_file);
	rows_add_one(&list, "sockets and pipes count once", test_sockets_and_pipes);
	rows_add_one(&list, "no descriptors", test_none);
	rows_add_one(&list, "descriptors were not recorded", test_no_directory);
	return rows_run("fdscan", &list);
}
