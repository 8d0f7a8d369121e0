/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What /proc/PID/fdinfo/N says: "key:\tvalue" a line, keys by the kind of the descriptor.
 *
 * Source: Documentation/filesystems/proc.rst, Documentation/gpu/drm-usage-stats.rst.
 */
#ifndef PROC_FDINFO_H
#define PROC_FDINFO_H

#include <stdint.h>

#include "base/amount.h"
#include "base/sbuf.h"

/*
 * The text of a descriptor into `out` (reset first); infofd is the directory, or the -errno that is
 * returned for want of it. 0 or -errno.
 */
int fdinfo_read(int infofd, const char *name, struct sbuf *out);

/*
 * The number behind a key ("ino:"), on the first line that starts with it: later lines may hold
 * text of the target's choice. Absent if there is none.
 */
struct amount fdinfo_number(const struct sbuf *text, const char *key);

/* Tells devices of GPU clients apart, whose numbers count within one; 0 if the text names none. */
uint64_t fdinfo_drm_device(const struct sbuf *text);

/*
 * Resident bytes of a GPU client in system memory: drm-resident-REGION, or drm-memory-REGION of older
 * drivers. What is on the card counts 0; absent if there is neither.
 */
struct amount fdinfo_drm_bytes(const struct sbuf *text);

#endif
