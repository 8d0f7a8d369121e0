/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Edited snapshot files, and how the reader reacts to them. */
#ifndef TESTS_EDITED_H
#define TESTS_EDITED_H

#include <errno.h>
#include <inttypes.h>

#include "judged.h"

/* Replaces the last line by the checksum of the text before it. */
static inline void seal(struct sbuf *text)
{
	sbuf_addf(text, SNAPFILE_CHECKSUM "%08" PRIx32 "\n", crc_add(0, sbuf_str(text), text->len));
}

/* Appends the first n bytes of a good file without its last line. */
static inline void add_body(struct sbuf *text, const char *file, size_t n)
{
	sbuf_add(text, file, MIN(n, strlen(file) - sizeof(SNAPFILE_CHECKSUM) - 8));
}

static inline void replace(struct sbuf *text, const char *file, const char *from, const char *to)
{
	const char *at = strstr(file, from);

	assert_non_null(at);
	sbuf_add(text, file, (size_t)(at - file));
	sbuf_adds(text, to);
	add_body(text, at + strlen(from), SIZE_MAX);
}

static inline void assert_refused(const struct sbuf *text, const char *want)
{
	struct err err = ERR_INIT;
	struct snapfile f;

	assert_int_equal(read_bytes(sbuf_str(text), text->len, &f, &err), -EINVAL);
	if (!strstr(err.text, want))
		print_error("%s\n", err.text);
	assert_non_null(strstr(err.text, want));
	assert_true(starts_with(err.text, "f:"));
	assert_null(strchr(err.text, '\n'));
}

#endif
