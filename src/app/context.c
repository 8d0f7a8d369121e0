/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/context.h"

#include <errno.h>
#include <time.h>

#include "base/text.h"
#include "proc/procinfo.h"

enum status status_worse(enum status a, enum status b)
{
	static const int rank[] = {
		[STATUS_OK] = 0,    [STATUS_LIMIT] = 1,  [STATUS_NONE] = 2,
		[STATUS_USAGE] = 3, [STATUS_DENIED] = 4, [STATUS_IO] = 5,
	};

	return rank[a] >= rank[b] ? a : b;
}

enum status status_of_error(int error)
{
	switch (error) {
	case -EINVAL:
		return STATUS_USAGE;
	case -ENOENT:
	case -ESRCH:
		return STATUS_NONE;
	case -EACCES:
	case -EPERM:
		return STATUS_DENIED;
	default:
		return STATUS_IO;
	}
}

enum status status_of_regions(const struct snapshot *s)
{
	struct err err = ERR_INIT;

	if (!s->regions_why || s->regions_why == REASON_NO_MM)
		return STATUS_OK;
	(void)err_set(&err, -s->regions_error, "process %d: smaps: %s", s->pid,
		      reason_text(s->regions_why));
	complain(&err);
	return s->regions_error ? status_of_error(s->regions_error) : STATUS_OK;
}

void complain(const struct err *err)
{
	auto_sbuf text = SBUF_INIT;

	sbuf_adds(&text, "memspect: ");
	text_escape(&text, err->text, strlen(err->text));
	sbuf_addch(&text, '\n');
	(void)fputs(sbuf_str(&text), stderr);
}

static struct amount own_rss(const struct context *ctx)
{
	uint64_t size, rss;
	auto_close int dirfd = ctx->fs->live ? procfs_open_pid(ctx->fs, getpid()) : -1;
	int ret = dirfd < 0 ? dirfd : proc_statm_read(dirfd, &size, &rss);

	return ret < 0 ? amount_absent(REASON_NOT_READ) : amount_of(rss);
}

static double own_cpu_ms(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0)
		return 0;
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

struct build_opts context_build_opts(const struct context *ctx, const char *boot_id)
{
	const struct clock *clock = ctx->clock;

	return (struct build_opts){
		.version = PACKAGE_VERSION,
		.host = *ctx->host ? ctx->host : NULL,
		.boot_id = boot_id,
		.generated_wall_ns = clock->wall_ns(clock->arg),
		.cpu_ms = own_cpu_ms(),
		.elapsed_ms = (double)(clock->boot_ns(clock->arg) - ctx->started_ns) / 1e6,
		.tool_rss = own_rss(ctx),
		.rules = &ctx->config->rules,
		.regions = ctx->options->regions,
		.columns = ctx->options->columns,
		.sort = ctx->options->sort,
	};
}
