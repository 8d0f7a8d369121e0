/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/status, which differs most between kernels: every line is optional. */
#include <errno.h>

#include "base/io.h"
#include "proc/keyfile.h"
#include "proc/procinfo.h"

enum { STATUS_MAX = 1 << 20 }; /* Groups: can list 65,536 of them */

static const struct keyfile_row rows[] = {
	[PS_VM_PEAK] = { .key = "VmPeak:", .kb = true },
	[PS_VM_SIZE] = { .key = "VmSize:", .kb = true },
	[PS_VM_LCK] = { .key = "VmLck:", .kb = true },
	[PS_VM_PIN] = { .key = "VmPin:", .kb = true },
	[PS_VM_HWM] = { .key = "VmHWM:", .kb = true },
	[PS_VM_RSS] = { .key = "VmRSS:", .kb = true },
	[PS_RSS_ANON] = { .key = "RssAnon:", .kb = true },
	[PS_RSS_FILE] = { .key = "RssFile:", .kb = true },
	[PS_RSS_SHMEM] = { .key = "RssShmem:", .kb = true },
	[PS_VM_DATA] = { .key = "VmData:", .kb = true },
	[PS_VM_STK] = { .key = "VmStk:", .kb = true },
	[PS_VM_EXE] = { .key = "VmExe:", .kb = true },
	[PS_VM_LIB] = { .key = "VmLib:", .kb = true },
	[PS_VM_PTE] = { .key = "VmPTE:", .kb = true },
	[PS_VM_PMD] = { .key = "VmPMD:", .kb = true },
	[PS_VM_SWAP] = { .key = "VmSwap:", .kb = true },
	[PS_HUGETLB] = { .key = "HugetlbPages:", .kb = true },
	[PS_THREADS] = { .key = "Threads:" },
	[PS_KTHREAD] = { .key = "Kthread:" },
	[PS_UID] = { .key = "Uid:", .skip = 1 }, /* real, effective, saved, file system */
	[PS_TGID] = { .key = "Tgid:" },
};

_Static_assert(ARRAY_SIZE(rows) == PS_COUNT, "one row for each field");

/*
 * Returns whether a line has the given key. Sets *p to the text behind the blanks that follow it.
 */
static bool line_has_key(const char **p, const char *end, const char *key)
{
	size_t n = strlen(key);
	const char *s = *p;

	if ((size_t)(end - s) < n || memcmp(s, key, n) != 0)
		return false;
	s += n;
	*p = s < end && *s == '\t' ? s + 1 : s;
	return true;
}

/*
 * Undoes the kernel's escapes; it escapes newline and backslash only (proc_task_name in
 * fs/proc/array.c).
 */
static void unescape_comm(char comm[PROC_COMM_MAX], const char *p, const char *end)
{
	size_t n = 0;

	while (p < end && n < PROC_COMM_MAX - 1) {
		char c = *p++;

		if (c == '\\' && p < end && (*p == 'n' || *p == '\\'))
			c = *p++ == 'n' ? '\n' : '\\';
		comm[n++] = c;
	}
	comm[n] = '\0';
}

static bool parse_texts(const struct sbuf *text, struct proc_status *status)
{
	struct lines lines = lines_of(text);
	const char *p, *end;
	bool named = false;

	/* They come first, so the other lines need not be read. */
	while (!(named && status->state) && lines_next(&lines, &p, &end)) {
		if (line_has_key(&p, end, "Name:")) {
			unescape_comm(status->comm, p, end);
			named = true;
		} else if (line_has_key(&p, end, "State:")) {
			status->state = p < end ? *p : '\0';
		}
	}
	return named || status->state;
}

/* Kernel threads and zombies have no line with a size; all other processes have VmSize. */
static void mark_no_mm(struct proc_status *status)
{
	if (amount_ok(status->v[PS_VM_SIZE]) || !amount_ok(status->v[PS_THREADS]))
		return;
	for (size_t i = 0; i < PS_COUNT; i++) {
		if (rows[i].kb && !amount_ok(status->v[i]))
			status->v[i] = amount_absent(REASON_NO_MM);
	}
}

static int status_parse(const struct sbuf *text, struct proc_status *ret_status)
{
	struct proc_status status = { .state = '\0' };
	size_t n_numbers;

	for (size_t i = 0; i < PS_COUNT; i++)
		status.v[i] = amount_absent(REASON_NOT_REPORTED);
	n_numbers = keyfile_parse(text, rows, PS_COUNT, status.v);
	if (!parse_texts(text, &status) && n_numbers == 0)
		return -EBADMSG;
	mark_no_mm(&status);
	*ret_status = status;
	return 0;
}

int proc_status_read(int dirfd, struct proc_status *ret_status)
{
	auto_sbuf text = SBUF_INIT;
	int r = io_read_piece_at(dirfd, "status", STATUS_MAX, &text);

	return r < 0 ? r : status_parse(&text, ret_status);
}

int proc_status_reread(int fd, struct sbuf *text, struct proc_status *ret_status)
{
	int r = io_pread_piece(fd, STATUS_MAX, text);

	return r < 0 ? r : status_parse(text, ret_status);
}
