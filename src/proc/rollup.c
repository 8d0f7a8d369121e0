/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/rollup.h"

#include <errno.h>

#include "base/io.h"
#include "proc/smaps.h"

enum { ROLLUP_MAX = 64 << 10 };

static int add_smaps(int dirfd, struct mem_counts *ret)
{
	auto_close int fd = io_open_at(dirfd, "smaps");
	struct smaps_reader reader;
	struct smaps_record record;
	bool any = false;
	int status;

	if (fd < 0)
		return fd;
	*ret = (struct mem_counts){ .present = 0 };
	smaps_reader_init(&reader, fd);
	while ((status = smaps_next(&reader, &record)) > 0) {
		mem_counts_add(ret, &record.counts);
		any = true;
	}
	smaps_reader_release(&reader);
	return status < 0 ? status : any ? 0 : -ESRCH;
}

int rollup_read(int dirfd, struct sbuf *text, struct mem_counts *ret)
{
	struct smaps_reader reader;
	struct smaps_record record;
	int status = io_read_piece_at(dirfd, "smaps_rollup", ROLLUP_MAX, text);

	if (status == -ENOENT)
		return add_smaps(dirfd, ret);
	if (status < 0)
		return status;
	smaps_reader_init_text(&reader, sbuf_str(text), text->len);
	status = smaps_next(&reader, &record);
	if (status > 0)
		*ret = record.counts;
	smaps_reader_release(&reader);
	return status > 0 ? 0 : -ESRCH;
}
