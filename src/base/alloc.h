/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocation that does not fail: running out of memory ends the program in one place.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

#include "base/util.h"

/* Ends the program for want of memory, status 5. For libraries that report it by their own means. */
attr_noreturn void alloc_die(void);

/* As malloc, calloc, realloc, strdup, strndup; never NULL. The caller owns the result. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
/* A copy of n bytes. */
void *xmemdup(const void *p, size_t n);

/* As asprintf; never NULL. The caller owns the result. */
char *xasprintf(const char *fmt, ...) attr_printf(1, 2);

/*
 * The one way arrays grow: makes room for at least one more element of `size` bytes when `used`
 * elements fill `*cap`. Grows by half, which keeps the slack of large arrays small. Returns the array,
 * which may have moved; the caller owns it.
 */
void *xgrow(void *p, size_t used, size_t *cap, size_t size);

#endif
