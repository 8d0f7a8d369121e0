/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/fdinfo: numbers of descriptors, and the memory of GPU clients.
 */
#include "proc/fdinfo.h"

#include <errno.h>

#include "amounts.h"
#include "tree.h"

struct number_row {
	const char *name;
	const char *text;
	uint64_t want;
	enum reason want_why;
};

static const struct number_row number_rows[] = {
	{ "a number", "pos:\t0\nmnt_id:\t29\nino:\t77\n", 29, REASON_NONE },
	{ "no such line", "pos:\t0\n", 0, REASON_NOT_REPORTED },
	{ "an empty text", "", 0, REASON_NOT_REPORTED },
	{ "no newline yet", "mnt_id:\t2", 0, REASON_NOT_REPORTED },
	{ "the key inside a line", "x mnt_id:\t29\n", 0, REASON_NOT_REPORTED },
	{ "the first of two", "mnt_id:\t29\nname:\t\nmnt_id:\t5\n", 29, REASON_NONE },
	{ "no digits", "mnt_id:\t\n", 0, REASON_BAD_FORMAT },
	{ "letters", "mnt_id:\tabc\n", 0, REASON_BAD_FORMAT },
	{ "too large", "mnt_id:\t18446744073709551616\n", 0, REASON_BAD_FORMAT },
	{ "the largest", "mnt_id:\t18446744073709551615\n", UINT64_MAX, REASON_NONE },
};

static void test_number(void **state)
{
	const struct number_row *row = *state;
	auto_sbuf text = SBUF_INIT;

	sbuf_adds(&text, row->text);
	assert_same_amount(fdinfo_number(&text, "mnt_id:"), row->want, row->want_why);
}

#define KIB(n) (UINT64_C(n) << 10)

static const struct number_row drm_rows[] = {
	{ "i915",
	  "drm-driver:\ti915\ndrm-client-id:\t9\n"
	  "drm-total-local0:\t40 MiB\ndrm-shared-local0:\t0\ndrm-resident-local0:\t30 MiB\n"
	  "drm-total-system0:\t100 KiB\ndrm-resident-system0:\t64 KiB\n"
	  "drm-resident-stolen-system0:\t8 KiB\n",
	  KIB(64), REASON_NONE },
	{ "amdgpu, which states memory in two ways",
	  "drm-memory-vram:\t4000 KiB\ndrm-memory-gtt: \t16 KiB\ndrm-memory-cpu: \t8 KiB\n"
	  "drm-resident-vram:\t3000 KiB\ndrm-resident-gtt:\t12 KiB\ndrm-resident-cpu:\t4 KiB\n",
	  KIB(16), REASON_NONE },
	{ "amdgpu before it reported resident bytes",
	  "drm-memory-vram:\t4000 KiB\ndrm-memory-gtt: \t16 KiB\ndrm-memory-cpu: \t8 KiB\n",
	  KIB(24), REASON_NONE },
	{ "a driver with one region", "drm-resident-memory:\t3 MiB\n", KIB(3072), REASON_NONE },
	{ "bytes", "drm-resident-system:\t4096\n", 4096, REASON_NONE },
	{ "GiB", "drm-resident-gtt:\t1 GiB\n", KIB(1048576), REASON_NONE },
	{ "memory of the card only", "drm-resident-vram:\t3000 KiB\n", 0, REASON_NONE },
	{ "an impossible size", "drm-total-system:\t4096\n", 0, REASON_NOT_REPORTED },
	{ "no memory stated", "drm-driver:\tvgem\n", 0, REASON_NOT_REPORTED },
	{ "another unit", "drm-resident-gtt:\t1 kB\n", 0, REASON_BAD_FORMAT },
	{ "no number", "drm-resident-gtt:\tmany\n", 0, REASON_BAD_FORMAT },
	{ "a sum too large for 64 bits",
	  "drm-resident-gtt:\t18446744073709551615 GiB\ndrm-resident-cpu:\t1 KiB\n", UINT64_MAX,
	  REASON_NONE },
	{ "no colon", "drm-resident-gtt 12 KiB\n", 0, REASON_NOT_REPORTED },
};

static void test_drm(void **state)
{
	const struct number_row *row = *state;
	auto_sbuf text = SBUF_INIT;

	sbuf_adds(&text, row->text);
	assert_same_amount(fdinfo_drm_bytes(&text), row->want, row->want_why);
}

static uint64_t device_of(const char *s)
{
	auto_sbuf text = SBUF_INIT;

	sbuf_adds(&text, s);
	return fdinfo_drm_device(&text);
}

static void test_device(void **state attr_unused)
{
	uint64_t one = device_of("drm-driver:\ti915\ndrm-pdev:\t0000:00:02.0\n");

	assert_int_equal(one, device_of("drm-pdev:\t0000:00:02.0\n"));
	assert_int_not_equal(one, device_of("drm-driver:\ti915\ndrm-pdev:\t0000:03:00.0\n"));
	assert_int_not_equal(device_of("drm-driver:\tv3d\n"), device_of("drm-driver:\tvc4\n"));
	assert_int_equal(device_of("drm-client-id:\t1\n"), 0);
}

static void test_read(void **state attr_unused)
{
	auto_tree t = tree_make();
	auto_sbuf text = SBUF_INIT;

	tree_put(&t, "7", "pos:\t0\n");
	assert_int_equal(fdinfo_read(t.fd, "7", &text), 0);
	assert_string_equal(sbuf_str(&text), "pos:\t0\n");
	assert_int_equal(fdinfo_read(t.fd, "8", &text), -ENOENT);
	assert_int_equal(text.len, 0);
	assert_int_equal(fdinfo_read(-EACCES, "7", &text), -EACCES);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "number", number_rows, test_number);
	ROWS_ADD(&list, "GPU memory", drm_rows, test_drm);
	rows_add_one(&list, "GPU devices are told apart", test_device);
	rows_add_one(&list, "reading", test_read);
	return rows_run("fdinfo", &list);
}
