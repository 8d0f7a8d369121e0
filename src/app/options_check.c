/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What options have to do with one another.
 */
#include <errno.h>

#include "app/options.h"

static int check_selection(const struct options *o, struct err *err)
{
	if (o->full && !o->name)
		return err_set(err, EINVAL, "-f: needs -C, the expression to match");
	return 0;
}

/* What makes sense only over time. */
static int check_watch(const struct options *o, struct err *err)
{
	const char *given = o->count ? "-n" : o->snapshot ? "--snapshot" : NULL;

	if (given && !o->watch_ns)
		return err_set(err, EINVAL, "%s: needs --watch", given);
	if (o->ceilings.set >> CEILING_GROWTH & 1 && !o->watch_ns && !o->judge)
		return err_set(err, EINVAL, "--max-growth: needs --watch or --judge");
	return 0;
}

/*
 * What touches a process is never implied, and done once. Walks of everything that runs would keep
 * a machine busy.
 */
static int check_walk(const struct options *o, struct err *err)
{
	const char *given = o->freeze        ? "--freeze"
			    : o->large_bytes ? "--large"
			    : o->preview     ? "--preview"
					     : NULL;

	if (o->freeze && o->watch_ns)
		return err_set(err, EINVAL, "--freeze: not with --watch");
	if (o->deep && o->watch_ns && options_want_list(o) && !o->user)
		return err_set(err, EINVAL, "--deep: with --watch, say which processes");
	if (given && !o->deep)
		return err_set(err, EINVAL, "%s: needs --deep", given);
	return 0;
}

/* What makes sense only for a file of a series, or not for one. */
static int check_judge(const struct options *o, struct err *err)
{
	bool selects = o->n_pids || o->name || o->user || o->tree || o->cgroup || o->list;
	bool limits = o->has_would_fit || o->ceilings.set & ~(1U << CEILING_GROWTH);
	bool inspects = o->regions || limits || o->watch_ns || o->deep;

	if (o->has_limit && !o->judge)
		return err_set(err, EINVAL, "--limit: needs --judge");
	if (o->judge && (selects || inspects))
		return err_set(err, EINVAL, "--judge: is about a file, not about processes");
	return 0;
}

/* What the full screen has no use for: it says so rather than to leave it undone. */
static int check_top(const struct options *o, struct err *err)
{
	const char *given = o->watch_ns                         ? "--watch"
			    : o->diff                           ? "--diff"
			    : o->judge                          ? "--judge"
			    : o->deep                           ? "--deep"
			    : o->tree                           ? "-t"
			    : o->cgroup                         ? "--cgroup"
			    : o->list                           ? "--list"
			    : o->regions                        ? "-r"
			    : o->has_would_fit                  ? "--would-fit"
			    : o->ceilings.set                   ? "--max-*"
			    : o->output                         ? "-o"
			    : !streq(o->renderer->name, "text") ? "--format"
								: NULL;

	if (o->delay_ns && !o->top)
		return err_set(err, EINVAL, "--delay: needs --top");
	if (o->top && given)
		return err_set(err, EINVAL, "--top: not with %s", given);
	return 0;
}

int options_check(const struct options *o, struct err *err)
{
	static int (*const checks[])(const struct options *o,
				     struct err *err) = { check_selection, check_watch, check_walk,
							  check_judge, check_top };
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < ARRAY_SIZE(checks); i++)
		ret = checks[i](o, err);
	return ret;
}
