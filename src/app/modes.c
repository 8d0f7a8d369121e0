/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/modes.h"

#include "app/cmd.h"
#include "app/options_check.h"

static enum status (*const commands[])(const struct context *ctx) = {
	[MODE_COLUMNS] = cmd_columns, [MODE_DIFF] = cmd_diff,   [MODE_WATCH] = cmd_watch,
	[MODE_TOP] = cmd_top,         [MODE_JUDGE] = cmd_judge, [MODE_LIST] = cmd_list,
	[MODE_SHOW] = cmd_show,
};

_Static_assert(ARRAY_SIZE(commands) == MODE_COUNT, "each mode has a command");

enum status mode_run(const struct context *ctx)
{
	return commands[options_mode(ctx->options)](ctx);
}
