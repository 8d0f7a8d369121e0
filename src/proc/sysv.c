/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/sysv.h"

#include <errno.h>

#include "base/io.h"
#include "base/num.h"
#include "base/sbuf.h"
#include "proc/keyfile.h"

enum { TABLE_MAX = 16 << 20, COLUMNS_MAX = 32 };

enum column { COL_CPID, COL_NATTCH, COL_RSS, COL_SWAP, COL_COUNT };

static const char *const column_names[COL_COUNT] = {
	[COL_CPID] = "cpid",
	[COL_NATTCH] = "nattch",
	[COL_RSS] = "rss",
	[COL_SWAP] = "swap",
};

struct word {
	const char *p, *end;
};

static size_t split_line(const char *p, const char *end, struct word words[COLUMNS_MAX])
{
	size_t n = 0;

	while (n < COLUMNS_MAX) {
		while (p < end && *p == ' ')
			p++;
		if (p == end)
			break;
		words[n].p = p;
		while (p < end && *p != ' ')
			p++;
		words[n++].end = p;
	}
	return n;
}

/* Finds the positions of the columns. Returns false if one is missing. */
static bool parse_header(const char *line, const char *end, size_t at[COL_COUNT])
{
	struct word words[COLUMNS_MAX];
	size_t n = split_line(line, end, words);

	for (int c = 0; c < COL_COUNT; c++) {
		size_t len = strlen(column_names[c]), i = 0;

		while (i < n && ((size_t)(words[i].end - words[i].p) != len ||
				 memcmp(words[i].p, column_names[c], len) != 0))
			i++;
		if (i == n)
			return false;
		at[c] = i;
	}
	return true;
}

static bool parse_segment(const char *line, const char *end, const size_t at[COL_COUNT],
			  uint64_t v[COL_COUNT])
{
	struct word words[COLUMNS_MAX];
	size_t n = split_line(line, end, words);

	for (int c = 0; c < COL_COUNT; c++) {
		if (at[c] >= n)
			return false;
		if (!num_scan_u64(&words[at[c]].p, words[at[c]].end, &v[c]) ||
		    words[at[c]].p != words[at[c]].end)
			return false;
	}
	return true;
}

static void sum_segments(const struct sbuf *text, pid_t pid, struct sysv_scan *scan)
{
	struct lines lines = lines_of(text);
	const char *line, *end;
	size_t at[COL_COUNT];
	uint64_t v[COL_COUNT];

	if (!lines_next(&lines, &line, &end) || !parse_header(line, end, at)) {
		scan->unattached_bytes = amount_absent(REASON_NOT_REPORTED);
		return;
	}
	while (lines_next(&lines, &line, &end)) {
		if (!parse_segment(line, end, at, v)) {
			scan->unattached_bytes = amount_absent(REASON_BAD_FORMAT);
			return;
		}
		if (v[COL_CPID] != (uint64_t)pid || v[COL_NATTCH] != 0)
			continue;
		amount_sum(&scan->unattached_bytes, amount_of(v[COL_RSS]));
		amount_sum(&scan->unattached_bytes, amount_of(v[COL_SWAP]));
		scan->n++;
	}
}

static struct amount absent_for(const struct procfs *fs, int code)
{
	if (code == -ENOENT)
		return amount_absent(fs->live ? REASON_NOT_REPORTED : REASON_NOT_RECORDED);
	return amount_absent(reason_of_errno(code));
}

void sysv_read(const struct procfs *fs, int dirfd, pid_t pid, struct sysv_scan *ret_scan)
{
	auto_sbuf text = SBUF_INIT;
	int ret = fs->live ? procfs_same_namespace(fs, dirfd, "ipc") : 1;

	*ret_scan = (struct sysv_scan){ amount_of(0), 0 };
	if (ret == 0) {
		ret_scan->unattached_bytes = amount_absent(REASON_IPC_NAMESPACE);
		return;
	}
	if (ret > 0)
		ret = io_read_at(fs->rootfd, "sysvipc/shm", TABLE_MAX, &text);
	if (ret < 0)
		ret_scan->unattached_bytes = absent_for(fs, ret);
	else
		sum_segments(&text, pid, ret_scan);
}
