/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checksum of the files that this program writes. It detects damage, not manipulation. */
#ifndef BASE_CRC_H
#define BASE_CRC_H

#include <stdint.h>

#include "base/util.h"

/* Returns the CRC-32 of zlib and gzip, continued over n more bytes. The first call passes 0. */
uint32_t crc_add(uint32_t crc, const void *bytes, size_t n);

#endif
