/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Allocation that does not fail: if memory runs out, the program ends in one place. */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

#include "base/util.h"

/*
 * Ends the program with status 5 because memory has run out. Also called for libraries that return
 * an error in that case.
 */
attr_noreturn void alloc_die(void);

/* Allocate as malloc, calloc, reallocarray, strdup and strndup do. The caller owns the result. */
attr_alloc attr_size(1) void *xmalloc(size_t size);
attr_alloc attr_size(1, 2) void *xcalloc(size_t n, size_t size);
attr_must_check attr_size(2, 3) void *xreallocarray(void *p, size_t n, size_t size);
attr_alloc char *xstrdup(const char *s);
attr_alloc char *xstrndup(const char *s, size_t n);
/* Returns a copy of n bytes, which the caller owns. */
attr_alloc attr_size(2) void *xmemdup(const void *p, size_t n);

/* Formats as asprintf does. The caller owns the result. */
attr_alloc char *xasprintf(const char *fmt, ...) attr_printf(1, 2);

/*
 * Makes room for at least one more element of `size` bytes when `used` elements fill `*cap`. Grows
 * by half, which wastes little memory for large arrays. All arrays grow by this function. Returns
 * the array, which may have moved; the caller owns it.
 */
attr_must_check void *xgrow(void *p, size_t used, size_t *cap, size_t size);

#endif
