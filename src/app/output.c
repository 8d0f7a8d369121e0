/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a report goes, and how it is fitted to that place.
 */
#include "app/modes.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/num.h"

enum { REPORT_WIDTH = 100, MIN_WIDTH = 40, MAX_WIDTH = 10000 };

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

/* Option, then NO_COLOR, then CLICOLOR_FORCE and FORCE_COLOR, then what the terminal is. */
static bool use_color(const struct options *o, bool tty)
{
	const char *term = getenv("TERM");

	if (o->color != COLOR_AUTO)
		return o->color == COLOR_ALWAYS;
	if (is_set("NO_COLOR"))
		return false;
	if (is_set("CLICOLOR_FORCE") || is_set("FORCE_COLOR"))
		return true;
	return tty && term && *term && !streq(term, "dumb");
}

/* Columns of the terminal or of COLUMNS; 0 if neither is there. */
static unsigned int line_width(bool tty)
{
	const char *columns = getenv("COLUMNS");
	struct winsize ws;
	uint64_t value;

	if (tty && ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0)
		return MAX(ws.ws_col, (unsigned int)MIN_WIDTH);
	if (columns && num_parse_u64(columns, &value) == 0 && value > 0 && value <= MAX_WIDTH)
		return MAX((unsigned int)value, (unsigned int)MIN_WIDTH);
	return 0;
}

static struct render_opts render_opts(const struct options *o, bool to_stdout, bool wide)
{
	bool tty = to_stdout && isatty(STDOUT_FILENO);
	unsigned int width = line_width(tty);

	return (struct render_opts){
		.unit = o->unit,
		.width = wide    ? width
			 : width ? MIN(width, (unsigned int)REPORT_WIDTH)
				 : (unsigned int)REPORT_WIDTH,
		.color = use_color(o, tty),
		.ascii = o->ascii || !streq(nl_langinfo(CODESET), "UTF-8"),
		.headings = !o->no_headings,
		.record = o->watch_ns > 0,
	};
}

static enum status fail(const char *what, int code)
{
	struct err err = ERR_INIT;

	(void)err_set_errno(&err, code < 0 ? -code : code, "%s", what);
	complain(&err);
	return STATUS_IO;
}

static int render_to_fd(const struct context *ctx, const struct report *report,
			const struct render_opts *opts, int fd)
{
	auto_fclose FILE *out = fdopen(fd, "w");
	FILE *f = out;
	int ret;

	if (!out) {
		ret = -errno;
		(void)close(fd);
		return ret;
	}
	ret = ctx->options->renderer->render(report, opts, out);
	if (ret == 0 && (fflush(out) != 0 || fsync(fd) != 0) && errno != EINVAL && errno != EROFS)
		ret = -errno;
	out = NULL;
	if (fclose(f) != 0 && ret == 0)
		ret = -errno;
	return ret;
}

/* A temporary beside the file, renamed over it once it is complete and on disk. */
static enum status output_file(const struct context *ctx, const struct report *report,
			       const struct render_opts *opts)
{
	const char *path = ctx->options->output;
	auto_free char *tmp = xasprintf("%s.%d.tmp", path, getpid());
	struct stat st;
	int fd, ret;

	/* A device or a pipe is written to as it is. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		ret = fd < 0 ? -errno : render_to_fd(ctx, report, opts, fd);
		return ret < 0 ? fail(path, ret) : STATUS_OK;
	}
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(path, errno);
	ret = render_to_fd(ctx, report, opts, fd);
	if (ret == 0 && rename(tmp, path) != 0)
		ret = -errno;
	if (ret < 0) {
		(void)unlink(tmp);
		return fail(path, ret);
	}
	return STATUS_OK;
}

enum status output_report(const struct context *ctx, const struct report *report, bool wide)
{
	const struct options *o = ctx->options;
	struct render_opts opts = render_opts(o, !o->output, wide);
	int ret;

	if (o->output)
		return output_file(ctx, report, &opts);
	ret = o->renderer->render(report, &opts, stdout);
	return ret < 0 ? fail("standard output", ret) : STATUS_OK;
}
