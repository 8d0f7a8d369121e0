/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/sysmem.h"

#include <errno.h>

#include "base/io.h"
#include "base/num.h"
#include "proc/keyfile.h"

enum { SYS_FILE_MAX = 64 << 10, BOOT_ID_LEN = 36 };

static const struct keyfile_row meminfo_rows[] = {
	[SM_MEM_TOTAL] = { .key = "MemTotal:", .kb = true },
	[SM_MEM_FREE] = { .key = "MemFree:", .kb = true },
	[SM_MEM_AVAILABLE] = { .key = "MemAvailable:", .kb = true },
	[SM_SWAP_TOTAL] = { .key = "SwapTotal:", .kb = true },
	[SM_SWAP_FREE] = { .key = "SwapFree:", .kb = true },
	[SM_COMMIT_LIMIT] = { .key = "CommitLimit:", .kb = true },
	[SM_COMMITTED] = { .key = "Committed_AS:", .kb = true },
};

_Static_assert(ARRAY_SIZE(meminfo_rows) == SM_COUNT, "one row for each field");

static enum reason why_failed(const struct procfs *fs, int code)
{
	return code == -ENOENT && !fs->live ? REASON_NOT_RECORDED : reason_of_errno(code);
}

static void meminfo_read(const struct procfs *fs, struct sbuf *text, struct amount v[SM_COUNT])
{
	int r = io_read_piece_at(fs->rootfd, "meminfo", SYS_FILE_MAX, text);
	enum reason why = r < 0 ? why_failed(fs, r) : REASON_NOT_REPORTED;

	for (size_t i = 0; i < SM_COUNT; i++)
		v[i] = amount_absent(why);
	if (r == 0)
		(void)keyfile_parse(text, meminfo_rows, SM_COUNT, v);
}

/* Reads a file that holds one number and a newline. */
static struct amount number_read(const struct procfs *fs, struct sbuf *text, const char *name)
{
	static const struct keyfile_row plain = { .key = "" };
	struct lines lines;
	const char *line, *end;
	int r;

	r = io_read_piece_at(fs->rootfd, name, SYS_FILE_MAX, text);
	if (r < 0)
		return amount_absent(why_failed(fs, r));
	lines = lines_of(text);
	if (!lines_next(&lines, &line, &end))
		return amount_absent(REASON_BAD_FORMAT);
	return keyfile_value(&plain, line, end);
}

/* Parses "SECONDS.HUNDREDTHS SECONDS.HUNDREDTHS": since boot, and idle. */
static struct amount uptime_read(const struct procfs *fs, struct sbuf *text)
{
	const char *p, *end;
	uint64_t seconds, hundredths;
	int r;

	r = io_read_piece_at(fs->rootfd, "uptime", SYS_FILE_MAX, text);
	if (r < 0)
		return amount_absent(why_failed(fs, r));
	p = sbuf_str(text);
	end = p + text->len;
	if (!num_scan_u64(&p, end, &seconds) || p == end || *p++ != '.' ||
	    !num_scan_u64(&p, end, &hundredths) || p == end || *p != ' ' || hundredths > 99)
		return amount_absent(REASON_BAD_FORMAT);
	return amount_of(num_add_sat(num_mul_sat(seconds, 1000), hundredths * 10));
}

static void boot_id_read(const struct procfs *fs, struct sbuf *text, char *boot_id)
{
	size_t n;

	boot_id[0] = '\0';
	if (io_read_piece_at(fs->rootfd, "sys/kernel/random/boot_id", SYS_FILE_MAX, text) < 0)
		return;
	n = strspn(sbuf_str(text), "0123456789abcdef-");
	if (n != BOOT_ID_LEN || n + 1 != text->len)
		return;
	memcpy(boot_id, text->data, n);
	boot_id[n] = '\0';
}

void sysmem_read(const struct procfs *fs, struct sysmem *ret_mem)
{
	auto_sbuf text = SBUF_INIT;

	meminfo_read(fs, &text, ret_mem->v);
	ret_mem->overcommit = number_read(fs, &text, "sys/vm/overcommit_memory");
	ret_mem->max_map_count = number_read(fs, &text, "sys/vm/max_map_count");
	ret_mem->uptime_ms = uptime_read(fs, &text);
	boot_id_read(fs, &text, ret_mem->boot_id);
}
