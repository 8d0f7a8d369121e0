/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/PID/pagemap: which pages of a range are present.
 * Source: Documentation/admin-guide/mm/pagemap.rst.
 */
#ifndef PROC_PAGEMAP_H
#define PROC_PAGEMAP_H

#include <stdint.h>

#include "base/util.h"

/*
 * Bytes of [start, end), whole pages, that are present, zero pages included (smaps leaves those out
 * of Rss, so cut the result to it). 0 or -errno; -ENODATA once the process has no address space.
 * Reads 8 bytes a page, in blocks.
 */
int pagemap_present(int dirfd, uint64_t start, uint64_t end, uint64_t *ret_bytes);

#endif
