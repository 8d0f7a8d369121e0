/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/modes.h"

#include "app/cmd.h"

static bool wants_columns(const struct options *o)
{
	return o->columns && streq(o->columns, "help");
}

static bool wants_watch(const struct options *o)
{
	return o->watch_ns > 0;
}

static bool wants_judge(const struct options *o)
{
	return o->judge;
}

static bool wants_top(const struct options *o)
{
	return o->top;
}

static bool wants_diff(const struct options *o)
{
	return o->diff;
}

static bool always(const struct options *o attr_unused)
{
	return true;
}

/* The first that applies is run. */
static const struct {
	bool (*applies)(const struct options *o);
	enum status (*run)(const struct context *ctx);
} modes[] = {
	{ wants_columns, cmd_columns }, { wants_diff, cmd_diff },   { wants_watch, cmd_watch },
	{ wants_top, cmd_top },         { wants_judge, cmd_judge }, { options_want_list, cmd_list },
	{ always, cmd_show },
};

enum status mode_run(const struct context *ctx)
{
	size_t i = 0;

	while (!modes[i].applies(ctx->options))
		i++;
	return modes[i].run(ctx);
}
