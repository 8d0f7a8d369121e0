/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>

#include "base/alloc.h"

enum { ARENA_BLOCK = 16 << 10 };

struct arena_block {
	struct arena_block *next;
	_Alignas(max_align_t) unsigned char data[];
};

void *arena_alloc(struct arena *a, size_t size)
{
	size_t align = _Alignof(max_align_t);
	size_t need = (size + align - 1) & ~(align - 1);

	if (!a->head || need > a->cap - a->used) {
		size_t cap = MAX(need, (size_t)ARENA_BLOCK - sizeof(struct arena_block));
		struct arena_block *b = xcalloc(1, sizeof(*b) + cap);

		b->next = a->head;
		a->head = b;
		a->used = 0;
		a->cap = cap;
	}
	a->used += need;
	return a->head->data + a->used - need;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *copy = arena_alloc(a, n + 1);

	memcpy(copy, s, n);
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *text;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	text = arena_alloc(a, (size_t)MAX(n, 0) + 1);
	(void)vsnprintf(text, (size_t)MAX(n, 0) + 1, fmt, again);
	va_end(again);
	return text;
}

void arena_release(struct arena *a)
{
	while (a->head) {
		struct arena_block *next = a->head->next;

		free(a->head);
		a->head = next;
	}
	a->used = a->cap = 0;
}
