/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/option_set.h"

#include <errno.h>
#include <limits.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/pattern.h"
#include "walk/walkers.h"

int option_add_pid(struct options *o, const char *text, size_t len, struct err *err)
{
	auto_free char *word = xstrndup(text, len);
	uint64_t pid;
	int ret = num_parse_u64(word, &pid);

	if (ret == -EINVAL)
		return err_set(err, EINVAL, "PID '%.60s': not a number", word);
	if (ret < 0 || pid == 0 || pid > INT_MAX)
		return err_set(err, EINVAL, "PID '%.60s': out of range", word);
	for (size_t i = 0; i < o->n_pids; i++) {
		if (o->pids[i] == (pid_t)pid)
			return 0;
	}
	o->pids = xgrow(o->pids, o->n_pids, &o->cap_pids, sizeof(*o->pids));
	o->pids[o->n_pids++] = (pid_t)pid;
	return 0;
}

int option_set_pid(struct options *o, const char *arg, struct err *err)
{
	for (;; arg++) {
		size_t len = strcspn(arg, ",");
		int ret = option_add_pid(o, arg, len, err);

		if (ret < 0)
			return ret;
		arg += len;
		if (!*arg)
			return 0;
	}
}

/* Each expression must be valid on its own. Joined by '|' they match what any of them matches. */
int option_set_name(struct options *o, const char *arg, struct err *err)
{
	char why[PATTERN_WHY_MAX];
	regex_t regex;
	char *joined;

	if (!*arg)
		return err_set(err, EINVAL, "name '': it would match every process");
	if (!pattern_compile(&regex, arg, 0, why))
		return err_set(err, EINVAL, "name '%.60s': %s", arg, why);
	regfree(&regex);
	if (!o->name) {
		o->name = arg;
		return 0;
	}
	joined = xasprintf("%s|%s", o->name, arg);
	free(o->joined_names);
	o->joined_names = joined;
	o->name = joined;
	return 0;
}

int option_set_cgroup(struct options *o, const char *arg, struct err *err)
{
	if (!*arg)
		return err_set(err, EINVAL, "--cgroup: no control group given");
	o->cgroup = arg;
	return 0;
}

static int read_size(const char *option, const char *arg, uint64_t *ret_bytes, struct err *err)
{
	int ret = num_parse_size(arg, ret_bytes);

	if (ret < 0)
		return err_set(err, EINVAL, "%s '%.60s': %s", option, arg,
			       ret == -ERANGE ? "too large"
					      : "not a size (such as 512M or 1.5GiB)");
	return 0;
}

int option_set_would_fit(struct options *o, const char *arg, struct err *err)
{
	o->has_would_fit = true;
	return read_size("--would-fit", arg, &o->would_fit_bytes, err);
}

enum { WATCH_MIN_MS = 10, WATCH_MAX_DAYS = 30 };

int option_set_watch(struct options *o, const char *arg, struct err *err)
{
	int ret = num_parse_duration(arg, &o->watch_ns);

	if (ret == -EINVAL)
		return err_set(err, EINVAL, "--watch '%.60s': not a time (such as 300, 0.5 or 5m)",
			       arg);
	if (ret < 0 || o->watch_ns < WATCH_MIN_MS * NS_PER_MS ||
	    o->watch_ns > WATCH_MAX_DAYS * 86400 * NS_PER_S)
		return err_set(err, EINVAL, "--watch '%.60s': not between 0.01 s and 30 days", arg);
	o->watch_text = arg;
	return 0;
}

enum { DELAY_MIN_MS = 100, DELAY_MAX_S = 3600 };

int option_set_delay(struct options *o, const char *arg, struct err *err)
{
	if (num_parse_duration(arg, &o->delay_ns) < 0 || o->delay_ns < DELAY_MIN_MS * NS_PER_MS ||
	    o->delay_ns > DELAY_MAX_S * NS_PER_S)
		return err_set(err, EINVAL, "--delay '%.60s': not a time from 0.1 s to an hour",
			       arg);
	o->delay_text = arg;
	return 0;
}

const char *option_show_delay(const struct options *o)
{
	return o->delay_text;
}

static int set_number(const char *option, const char *arg, uint64_t *ret, struct err *err)
{
	int error = num_parse_u64(arg, ret);

	if (error < 0 || *ret == 0)
		return err_set(err, EINVAL, "%s '%.60s': %s", option, arg,
			       error == -ERANGE ? "too large" : "not a number above 0");
	return 0;
}

int option_set_count(struct options *o, const char *arg, struct err *err)
{
	return set_number("-n", arg, &o->count, err);
}

int option_set_keep(struct options *o, const char *arg, struct err *err)
{
	o->keep_text = arg;
	return set_number("--keep", arg, &o->keep, err);
}

const char *option_show_keep(const struct options *o)
{
	return o->keep_text;
}

int option_set_snapshot(struct options *o, const char *arg, struct err *err)
{
	if (arg && !*arg)
		return err_set(err, EINVAL, "--snapshot: no directory given");
	o->snapshot = true;
	o->snapshot_dir = arg;
	return 0;
}

/* Accepts "512M", for growth also "40M/h", and for a percentage "50". */
int option_set_ceiling(struct options *o, enum ceiling id, const char *arg, struct err *err)
{
	auto_free char *size = xstrdup(arg);
	bool hourly = id == CEILING_GROWTH && ends_with(size, "/h");
	bool is_share = id == CEILING_UNEXPLAINED;
	uint64_t value;
	int ret;

	if (hourly)
		size[strlen(size) - strlen("/h")] = '\0';
	ret = is_share ? num_parse_u64(size, &value) : num_parse_size(size, &value);
	if (is_share && (ret < 0 || value > 100))
		return err_set(err, EINVAL, "--%s '%.60s': not a percentage",
			       ceiling_descs[id].option, arg);
	if (ret < 0)
		return err_set(err, EINVAL, "--%s '%.60s': %s", ceiling_descs[id].option, arg,
			       ret == -ERANGE ? "too large"
					      : "not a size (such as 512M or 1.5GiB)");
	o->ceilings.max[id] = is_share ? value * 10 : value;
	o->ceilings.set |= 1U << id;
	return 0;
}

int option_set_judge(struct options *o, const char *arg, struct err *err)
{
	if (!*arg)
		return err_set(err, EINVAL, "--judge: no file given");
	o->judge = arg;
	return 0;
}

int option_set_proc_root(struct options *o, const char *arg, struct err *err)
{
	if (!*arg)
		return err_set(err, EINVAL, "--proc-root: no directory given");
	o->proc_root = arg;
	return 0;
}

int option_set_output(struct options *o, const char *arg, struct err *err)
{
	if (!*arg)
		return err_set(err, EINVAL, "-o: no file given");
	o->output = arg;
	return 0;
}

int option_set_limit(struct options *o, const char *arg, struct err *err)
{
	o->has_limit = true;
	return read_size("--limit", arg, &o->limit_bytes, err);
}

int option_set_deep(struct options *o, const char *arg, struct err *err)
{
	return walk_parse_want(arg ? arg : "all", &o->deep, err);
}

int option_set_large(struct options *o, const char *arg, struct err *err)
{
	int ret = read_size("--large", arg, &o->large_bytes, err);

	if (ret == 0 && o->large_bytes == 0)
		return err_set(err, EINVAL, "--large '%.60s': not a size above 0", arg);
	return ret;
}

int option_set_format(struct options *o, const char *arg, struct err *err)
{
	o->renderer = renderer_find(arg);
	if (!o->renderer)
		return err_set(err, EINVAL, "--format '%.60s': no such format", arg);
	return 0;
}

int option_set_json(struct options *o, const char *arg attr_unused, struct err *err)
{
	return option_set_format(o, "json", err);
}

int option_set_bytes(struct options *o, const char *arg attr_unused, struct err *err attr_unused)
{
	o->unit = FMT_EXACT;
	return 0;
}

int option_set_si(struct options *o, const char *arg attr_unused, struct err *err attr_unused)
{
	o->unit = FMT_SI;
	return 0;
}

static const char *const color_names[] = {
	[COLOR_AUTO] = "auto",
	[COLOR_ALWAYS] = "always",
	[COLOR_NEVER] = "never",
};

int option_set_color(struct options *o, const char *arg, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(color_names); i++) {
		if (streq(arg, color_names[i])) {
			o->color = (enum color_when)i;
			return 0;
		}
	}
	return err_set(err, EINVAL, "--color '%.60s': not auto, always or never", arg);
}

const char *option_show_format(const struct options *o)
{
	return o->renderer->name;
}

static const char *bool_name(bool value)
{
	return value ? "true" : "false";
}

const char *option_show_bytes(const struct options *o)
{
	return bool_name(o->unit == FMT_EXACT);
}

const char *option_show_si(const struct options *o)
{
	return bool_name(o->unit == FMT_SI);
}

const char *option_show_color(const struct options *o)
{
	return color_names[o->color];
}
