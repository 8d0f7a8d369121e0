/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/crc.h"

#include <zlib.h>

uint32_t crc_add(uint32_t crc, const void *bytes, size_t n)
{
	return (uint32_t)crc32_z(crc, bytes, n);
}
