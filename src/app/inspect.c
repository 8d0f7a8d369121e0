/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/inspect.h"

struct inspect_opts context_inspect_opts(const struct context *ctx)
{
	const struct options *o = ctx->options;
	const struct config *c = ctx->config;

	return (struct inspect_opts){
		.fs = ctx->fs,
		.clock = ctx->clock,
		.rules = &c->rules,
		.with_cmdline = !o->no_cmdline,
		.deep = o->deep,
		.large_bytes = o->large_bytes,
		.preview = o->preview,
		.freeze = o->freeze,
		.ceilings = &o->ceilings,
		.unexplained_percent = (double)c->unexplained_percent,
		.beyond_percent = (double)c->beyond_percent,
		.growth_bytes_per_hour = c->growth_mb_per_hour * 1000000,
		.has_would_fit = o->has_would_fit,
		.would_fit_bytes = o->would_fit_bytes,
	};
}

/* SIGINT was received: the user wants the walk to end. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal attr_unused)
{
	interrupted = 1;
}

void inspect_catch_interrupt(struct inspect_opts *opts)
{
	(void)signal(SIGINT, on_interrupt);
	opts->cancel = &interrupted;
}

enum status status_of_walk(const struct inspection *in)
{
	struct err err = ERR_INIT;

	if (in->walk_error == 0)
		return STATUS_OK;
	(void)err_set(&err, -in->walk_error, "process %d: memory: %s", in->pid,
		      reason_text(in->snapshot.heap_stats.why));
	complain(&err);
	return status_of_error(in->walk_error);
}
