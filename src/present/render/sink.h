/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Collects text in memory and writes it to a file in large blocks.
 */
#ifndef PRESENT_RENDER_SINK_H
#define PRESENT_RENDER_SINK_H

#include <stdio.h>

#include "base/sbuf.h"

enum { SINK_BLOCK = 64 << 10 };

struct sink {
	struct sbuf buf; /* text is added here */
	FILE *file;      /* not owned */
	int error;       /* 0, or the first -errno; nothing is written after it */
};

void sink_release(struct sink *s);
#define auto_sink __attribute__((cleanup(sink_release))) struct sink

/* Writes all that was collected. Returns 0 or the first -errno. */
int sink_write(struct sink *s);
/* Writes all that was collected and flushes the file. Returns 0 or the first -errno. */
int sink_finish(struct sink *s);

/* Writes if a block is full; called between pieces of text. Returns false after an error. */
static inline bool sink_goes_on(struct sink *s)
{
	if (s->buf.len >= SINK_BLOCK)
		(void)sink_write(s);
	return s->error == 0;
}

#endif
