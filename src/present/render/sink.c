/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/render/sink.h"

#include <errno.h>

void sink_release(struct sink *s)
{
	sbuf_release(&s->buf);
}

static void sink_fail(struct sink *s)
{
	if (s->error == 0)
		s->error = errno ? -errno : -EIO;
}

int sink_write(struct sink *s)
{
	errno = 0;
	if (s->error == 0 && fwrite(sbuf_str(&s->buf), 1, s->buf.len, s->file) < s->buf.len)
		sink_fail(s);
	sbuf_reset(&s->buf);
	return s->error;
}

int sink_finish(struct sink *s)
{
	if (sink_write(s) == 0 && fflush(s->file) != 0)
		sink_fail(s);
	return s->error;
}
