/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers from text, where the whole string has to be a number, and checked arithmetic. The parsers
 * return 0, -EINVAL (not a number, trailing bytes) or -ERANGE (does not fit).
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdint.h>

#include "base/util.h"

/* Reads a whole string as a decimal number. Returns 0, -EINVAL or -ERANGE. */
attr_must_check int num_parse_u64(const char *s, uint64_t *ret_value);
/*
 * Reads a number of bytes: a decimal number, optionally with a fraction, and a unit: nothing or B,
 * K M G T P and KiB MiB GiB TiB PiB (powers of 1024), KB MB GB TB PB (powers of 1000), in either
 * case. "1.5G", "512MiB", "100MB". Parts of a byte are dropped; a fraction needs a unit above B, or
 * it is -EINVAL.
 */
attr_must_check int num_parse_size(const char *s, uint64_t *ret_bytes);

/*
 * Reads a duration as nanoseconds: "300", "0.5", "90s", "5m", "2h", "1d"; a number without a unit
 * is seconds.
 */
attr_must_check int num_parse_duration(const char *s, int64_t *ret_ns);

/*
 * Read decimal or hexadecimal digits of a kernel text at *p, not beyond end, and move *p behind
 * them. Return false, and move nothing, if there is no digit or the value overflows.
 */
attr_must_check bool num_scan_u64(const char **p, const char *end, uint64_t *ret_value);
attr_must_check bool num_scan_hex(const char **p, const char *end, uint64_t *ret_value);

/* Reads eight bytes: decimal digits with blanks in front. Returns false if they are anything else. */
enum { NUM_PADDED = 8 };
attr_must_check bool num_parse_padded(const char p[NUM_PADDED], uint64_t *ret_value);

/* Return a + b and a * b, or UINT64_MAX if that overflows. */
attr_must_check uint64_t num_add_sat(uint64_t a, uint64_t b);
attr_must_check uint64_t num_mul_sat(uint64_t a, uint64_t b);

#endif
