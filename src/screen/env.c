/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/env.h"

struct build_opts env_build_opts(const struct screen_env *env, const struct inspection *in)
{
	return (struct build_opts){
		.version = env->version,
		.host = *env->host ? env->host : NULL,
		.boot_id = in->snapshot.sys.boot_id,
		.generated_wall_ns = env_wall(env),
		.elapsed_ms = (double)in->cost_ns / NS_PER_MS,
		.tool_rss = AMOUNT_UNREAD,
		.rules = env->inspect.rules,
		.regions = true,
		.sources = true,
	};
}
