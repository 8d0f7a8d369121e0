/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads /proc/PID/fdinfo/N: one "key:\tvalue" per line; the keys depend on the kind of the
 * descriptor.
 *
 * Source: Documentation/filesystems/proc.rst, Documentation/gpu/drm-usage-stats.rst.
 */
#ifndef PROC_FDINFO_H
#define PROC_FDINFO_H

#include <stdint.h>

#include "base/amount.h"
#include "base/sbuf.h"

/*
 * Reads the text of a descriptor into `out` (reset first). infofd is the directory, or a -errno
 * that is returned instead. Returns 0 or -errno.
 */
int fdinfo_read(int infofd, const char *name, struct sbuf *out);

/*
 * Returns the number behind a key ("ino:") in the first line that starts with it: the target can
 * choose the text of later lines. Absent if there is no such line.
 */
struct amount fdinfo_number(const struct sbuf *text, const char *key);

/*
 * Returns an identifier of the device of a GPU client, because clients are numbered per device; 0
 * if the text names no device.
 */
uint64_t fdinfo_drm_device(const struct sbuf *text);

/*
 * Returns the resident bytes of a GPU client in system memory: drm-resident-REGION, or
 * drm-memory-REGION of older drivers. Memory on the card counts as 0; absent if the text has
 * neither key.
 */
struct amount fdinfo_drm_bytes(const struct sbuf *text);

#endif
