/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <locale.h>

#include "app/help.h"
#include "app/modes.h"
#include "app/options_check.h"
#include "app/options_parse.h"

static void print_version(void)
{
	(void)fputs(
		PACKAGE_NAME
		" " PACKAGE_VERSION "\n"
		"License GPL-2.0-or-later.\n"
		"This is free software; there is no warranty, to the extent permitted by law.\n",
		stdout);
}

static enum status run(const struct options *o, const struct config *config,
		       const struct clock *clock)
{
	struct context ctx = {
		.options = o,
		.config = config,
		.clock = clock,
		.started_ns = clock->boot_ns(clock->arg),
	};
	struct procfs fs = PROCFS_INIT;
	struct err err = ERR_INIT;
	enum status status;

	/* The columns are those of the program, on any machine. */
	if (options_mode(o) != MODE_COLUMNS && procfs_open(o->proc_root, &fs, &err) < 0) {
		complain(&err);
		return STATUS_IO;
	}
	ctx.fs = &fs;
	if (fs.live)
		(void)gethostname(ctx.host, sizeof(ctx.host) - 1);
	status = mode_run(&ctx);
	procfs_close(&fs);
	return status;
}

/*
 * Reports output that could not be written, because of a full disk or a closed stream. If a report
 * could not be written, the mode has already printed the error.
 */
static enum status close_stdout(enum status status)
{
	struct err err = ERR_INIT;
	bool failed = ferror(stdout);

	errno = 0;
	if ((fclose(stdout) == 0 && !failed) || status == STATUS_IO)
		return status;
	(void)err_set_errno(&err, errno ? errno : EIO, "standard output");
	complain(&err);
	return STATUS_IO;
}

static enum status configure_and_run(struct options *o)
{
	/* An abandoned thread may still read its rules while the program ends. */
	static struct config config;
	struct err err = ERR_INIT;

	if (config_load(o, &config, &err) == 0 && !o->print_config)
		return run(o, &config, &clock_system);
	if (err.code)
		complain(&err);
	else
		config_print(&config, o, stdout);
	config_release(&config);
	return err.code ? STATUS_USAGE : STATUS_OK;
}

int main(int argc, char **argv)
{
	struct options o;
	struct err err = ERR_INIT;
	enum status status = STATUS_OK;

	(void)setlocale(LC_CTYPE, "");
	if (options_parse(argc, argv, &o, &err) < 0) {
		complain(&err);
		(void)fputs("Try 'memspect --help' for more information.\n", stderr);
		status = STATUS_USAGE;
	} else if (o.help) {
		help_print(stdout);
	} else if (o.version) {
		print_version();
	} else {
		status = configure_and_run(&o);
	}
	options_release(&o);
	return (int)close_stdout(status);
}
