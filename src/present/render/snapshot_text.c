/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/render/snapshot_text.h"

#include <errno.h>
#include <inttypes.h>

#include "base/crc.h"
#include "model/snapfile/snapfile.h"
#include "present/build/build.h"
#include "present/render/render.h"

enum { BLOCK = 64 << 10 };

/* A stream that hands on what is written to it, and keeps its checksum. */
struct checked {
	FILE *out;
	uint32_t crc;
};

static ssize_t write_checked(void *cookie, const char *bytes, size_t n)
{
	struct checked *c = cookie;

	c->crc = crc_add(c->crc, bytes, n);
	return (ssize_t)fwrite(bytes, 1, n, c->out);
}

static int error_of(bool failed)
{
	return !failed ? 0 : errno ? -errno : -EIO;
}

/* All but the last line, through a stream of its own. */
static int write_text(const struct report *report, struct checked *c)
{
	const cookie_io_functions_t functions = { .write = write_checked };
	const struct render_opts opts = { .headings = true };
	FILE *text = fopencookie(c, "w", functions);
	int ret;

	if (!text)
		return -errno;
	(void)setvbuf(text, NULL, _IOFBF, BLOCK);
	ret = error_of(fputs(SNAPFILE_HEADER, text) < 0);
	if (ret == 0)
		ret = render_yaml(report, &opts, text);
	errno = 0;
	if (fclose(text) != 0 && ret == 0)
		ret = error_of(true);
	return ret;
}

int snapshot_write(const struct process_inputs *views, size_t n, const struct group *group,
		   const struct build_opts *opts, FILE *out)
{
	struct build_opts full = *opts;
	struct report report = REPORT_INIT;
	struct checked c = { .out = out };
	struct err never = ERR_INIT;
	int ret;

	full.regions = full.sources = true;
	full.columns = full.sort = NULL;
	ret = build_processes(&report, views, n, group, &full, &never);
	if (ret == 0)
		ret = write_text(&report, &c);
	report_release(&report);
	if (ret < 0)
		return ret;
	errno = 0;
	return error_of(fprintf(out, SNAPFILE_CHECKSUM "%08" PRIx32 "\n", c.crc) < 0 ||
			fflush(out) != 0);
}
