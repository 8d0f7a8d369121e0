/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few macros that all floors use: attributes, cleanup, array and pointer helpers. */
#ifndef BASE_UTIL_H
#define BASE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/banned.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
/* Each argument is evaluated once or twice, so it must not have side effects. */
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define attr_printf(fmt, first) __attribute__((format(printf, fmt, first)))
#define attr_unused __attribute__((unused))
#define attr_noreturn __attribute__((noreturn))
#define attr_must_check __attribute__((warn_unused_result))
/*
 * Marks an allocation that does not fail; `attr_size` names the arguments whose product is its
 * size.
 */
#define attr_alloc __attribute__((malloc, returns_nonnull, warn_unused_result))
#define attr_size(...) __attribute__((alloc_size(__VA_ARGS__)))

/* Frees what the variable points to when it goes out of scope. */
#define auto_free __attribute__((cleanup(util_cleanup_free)))
#define auto_close __attribute__((cleanup(util_cleanup_close)))
#define auto_fclose __attribute__((cleanup(util_cleanup_fclose)))

/* Hands a pointer over to a new owner: returns it and leaves NULL behind. */
#define steal_ptr(p)                                                                               \
	({                                                                                         \
		__typeof__(p) stolen_ptr_ = (p);                                                   \
		(p) = NULL;                                                                        \
		stolen_ptr_;                                                                       \
	})

/* Hands a file descriptor over to a new owner: returns it and leaves -1 behind. */
static inline int steal_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

static inline void util_cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void util_cleanup_close(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static inline void util_cleanup_fclose(FILE **f)
{
	if (*f)
		(void)fclose(*f);
}

static inline bool streq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static inline bool starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static inline bool ends_with(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

#endif
