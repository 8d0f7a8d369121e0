/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/output.h"

#include <assert.h>
#include <errno.h>
#include <langinfo.h>
#include <sys/ioctl.h>

#include "base/named_file.h"
#include "base/num.h"

enum { REPORT_WIDTH = 100, MIN_WIDTH = 40, MAX_WIDTH = 10000 };

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

/* Decides by --color, then NO_COLOR, then CLICOLOR_FORCE and FORCE_COLOR, then the terminal. */
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

/* Returns the columns of the terminal or of COLUMNS; 0 if both are unknown. */
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
	};
}

static enum status fail(const char *what, int code)
{
	struct err err = ERR_INIT;

	(void)err_set_errno(&err, code < 0 ? -code : code, "%s", what);
	complain(&err);
	return STATUS_IO;
}

struct rendering {
	const struct options *options;
	const struct report *report;
	const struct render_opts *opts;
};

static int fill(FILE *out, void *arg)
{
	const struct rendering *r = arg;

	return r->options->renderer->render(r->report, r->opts, out);
}

enum status output_report(const struct context *ctx, const struct report *report, bool wide)
{
	const struct options *o = ctx->options;
	struct render_opts opts = render_opts(o, !o->output, wide);
	struct rendering r = { o, report, &opts };
	int ret;

	assert(report_has_main(report));
	ret = o->output ? named_file_write(o->output, fill, &r) : fill(stdout, &r);
	return ret < 0 ? fail(o->output ? o->output : "standard output", ret) : STATUS_OK;
}

FILE *output_open(const struct context *ctx)
{
	const char *path = ctx->options->output;
	FILE *out = path ? named_file_open(path) : stdout;

	if (!out)
		(void)fail(path, errno);
	return out;
}

enum status output_record(const struct context *ctx, const struct report *report, FILE *out)
{
	const struct options *o = ctx->options;
	struct render_opts opts = render_opts(o, !o->output, true);
	int ret;

	assert(report_has_main(report));
	opts.record = true;
	ret = o->renderer->render(report, &opts, out);
	return ret < 0 ? fail(o->output ? o->output : "standard output", ret) : STATUS_OK;
}

enum status output_close(const struct context *ctx, FILE *out)
{
	return out == stdout || fclose(out) == 0 ? STATUS_OK : fail(ctx->options->output, errno);
}
