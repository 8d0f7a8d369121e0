/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The only place where the program ends because memory has run out. */
#include "base/alloc.h"

#include <assert.h>
#include <stdarg.h>

enum {
	EXIT_NO_MEMORY = 5,
	GROW_MIN = 16, /* elements */
};

void alloc_die(void)
{
	static const char text[] = "memspect: out of memory\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0) {
		/* If even this message cannot be written, nothing more can be done. */
	}
	quick_exit(EXIT_NO_MEMORY);
}

static void *or_die(void *p)
{
	if (!p)
		alloc_die();
	return p;
}

void *xmalloc(size_t size)
{
	return or_die(malloc(MAX(size, 1)));
}

void *xcalloc(size_t n, size_t size)
{
	return or_die(calloc(MAX(n, 1), MAX(size, 1)));
}

void *xreallocarray(void *p, size_t n, size_t size)
{
	return or_die(reallocarray(p, MAX(n, 1), MAX(size, 1)));
}

char *xstrdup(const char *s)
{
	return or_die(strdup(s));
}

char *xstrndup(const char *s, size_t n)
{
	return or_die(strndup(s, n));
}

void *xmemdup(const void *p, size_t n)
{
	return memcpy(xmalloc(n), p, n);
}

char *xasprintf(const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		alloc_die();
	return s;
}

void *xgrow(void *p, size_t used, size_t *cap, size_t size)
{
	size_t wanted;

	assert(used <= *cap);
	if (used < *cap)
		return p;
	if (__builtin_add_overflow(*cap, *cap / 2, &wanted))
		alloc_die();
	wanted = MAX(wanted, GROW_MIN);
	p = xreallocarray(p, wanted, size);
	*cap = wanted;
	return p;
}
