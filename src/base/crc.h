/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checksum of files that this program writes: it tells damage, not malice.
 */
#ifndef BASE_CRC_H
#define BASE_CRC_H

#include <stdint.h>

#include "base/util.h"

/* The CRC-32 of zlib and gzip, continued over n more bytes; begins with 0. */
uint32_t crc_add(uint32_t crc, const void *bytes, size_t n);

#endif
