/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/num.h"
#include "walk/walkers.h"

enum { OPT_BASE = 0x100 }; /* values of getopt_long beyond any character */

static int add_pid(struct options *o, const char *text, size_t len, struct err *err)
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

static int set_pid(struct options *o, const char *arg, struct err *err)
{
	for (;; arg++) {
		size_t len = strcspn(arg, ",");
		int ret = add_pid(o, arg, len, err);

		if (ret < 0)
			return ret;
		arg += len;
		if (!*arg)
			return 0;
	}
}

static int set_cgroup(struct options *o, const char *arg, struct err *err)
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

static int set_would_fit(struct options *o, const char *arg, struct err *err)
{
	o->has_would_fit = true;
	return read_size("--would-fit", arg, &o->would_fit_bytes, err);
}

enum { WATCH_MIN_MS = 10, WATCH_MAX_DAYS = 30 };

static int set_watch(struct options *o, const char *arg, struct err *err)
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

static int set_delay(struct options *o, const char *arg, struct err *err)
{
	if (num_parse_duration(arg, &o->delay_ns) < 0 || o->delay_ns < DELAY_MIN_MS * NS_PER_MS ||
	    o->delay_ns > DELAY_MAX_S * NS_PER_S)
		return err_set(err, EINVAL, "--delay '%.60s': not a time from 0.1 s to an hour",
			       arg);
	o->delay_text = arg;
	return 0;
}

static const char *show_delay(const struct options *o)
{
	return o->delay_text;
}

static int set_number(const char *option, const char *arg, uint64_t *ret, struct err *err)
{
	if (num_parse_u64(arg, ret) < 0 || *ret == 0)
		return err_set(err, EINVAL, "%s '%.60s': not a number above 0", option, arg);
	return 0;
}

static int set_count(struct options *o, const char *arg, struct err *err)
{
	return set_number("-n", arg, &o->count, err);
}

static int set_keep(struct options *o, const char *arg, struct err *err)
{
	o->keep_text = arg;
	return set_number("--keep", arg, &o->keep, err);
}

static const char *show_keep(const struct options *o)
{
	return o->keep_text;
}

static int set_snapshot(struct options *o, const char *arg, struct err *err)
{
	if (arg && !*arg)
		return err_set(err, EINVAL, "--snapshot: no directory given");
	o->snapshot = true;
	o->snapshot_dir = arg;
	return 0;
}

/* "512M", of growth "40M/h" too, and of what is a share "50". */
static int set_ceiling(struct options *o, enum ceiling id, const char *arg, struct err *err)
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

static int set_judge(struct options *o, const char *arg, struct err *err)
{
	if (!*arg)
		return err_set(err, EINVAL, "--judge: no file given");
	o->judge = arg;
	return 0;
}

static int set_output(struct options *o, const char *arg, struct err *err)
{
	if (!*arg)
		return err_set(err, EINVAL, "-o: no file given");
	o->output = arg;
	return 0;
}

static int set_limit(struct options *o, const char *arg, struct err *err)
{
	o->has_limit = true;
	return read_size("--limit", arg, &o->limit_bytes, err);
}

static int set_deep(struct options *o, const char *arg, struct err *err)
{
	return walk_parse_want(arg ? arg : "all", &o->deep, err);
}

static int set_large(struct options *o, const char *arg, struct err *err)
{
	if (num_parse_size(arg, &o->large_bytes) < 0 || o->large_bytes == 0)
		return err_set(err, EINVAL, "--large '%.60s': not a size above 0", arg);
	return 0;
}

static int set_format(struct options *o, const char *arg, struct err *err)
{
	o->renderer = renderer_find(arg);
	if (!o->renderer)
		return err_set(err, EINVAL, "--format '%.60s': no such format", arg);
	return 0;
}

static int set_json(struct options *o, const char *arg attr_unused, struct err *err)
{
	return set_format(o, "json", err);
}

static int set_bytes(struct options *o, const char *arg attr_unused, struct err *err attr_unused)
{
	o->unit = FMT_EXACT;
	return 0;
}

static int set_si(struct options *o, const char *arg attr_unused, struct err *err attr_unused)
{
	o->unit = FMT_SI;
	return 0;
}

static const char *const color_names[] = {
	[COLOR_AUTO] = "auto",
	[COLOR_ALWAYS] = "always",
	[COLOR_NEVER] = "never",
};

static int set_color(struct options *o, const char *arg, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(color_names); i++) {
		if (streq(arg, color_names[i])) {
			o->color = (enum color_when)i;
			return 0;
		}
	}
	return err_set(err, EINVAL, "--color '%.60s': not auto, always or never", arg);
}

static const char *show_format(const struct options *o)
{
	return o->renderer->name;
}

static const char *bool_name(bool value)
{
	return value ? "true" : "false";
}

static const char *show_bytes(const struct options *o)
{
	return bool_name(o->unit == FMT_EXACT);
}

static const char *show_si(const struct options *o)
{
	return bool_name(o->unit == FMT_SI);
}

static const char *show_color(const struct options *o)
{
	return color_names[o->color];
}

#define AT(name) offsetof(struct options, name)

const struct option_desc option_descs[] = {
	{ 'p', "pid", "PID[,PID]", "Selection", "processes to inspect (as the operands)",
	  .set = set_pid },
	{ 'C', "name", "ERE", NULL, "processes whose name matches", .field = AT(name) },
	{ 'f', "full", NULL, NULL, "match the command line instead of the name",
	  .field = AT(full) },
	{ 'u', "user", "USER", NULL, "only processes of USER (name or number)", .field = AT(user) },
	{ 't', "tree", NULL, NULL, "descendants of the selected, too", .field = AT(tree) },
	{ 0, "cgroup", "PATH|PID", NULL, "processes of a control group (of a process)",
	  .set = set_cgroup },
	{ 0, "list", NULL, "What to show", "the selected processes, a line each",
	  .field = AT(list) },
	{ 'r', "regions", NULL, NULL, "every mapping", .field = AT(regions) },
	{ 0, "deep", "WHAT", NULL, "read what memory holds: malloc, python, jvm, ...",
	  .optional = true, .set = set_deep },
	{ 0, "large", "SIZE", NULL, "objects that are listed one by one (1M)", .set = set_large },
	{ 0, "preview", NULL, NULL, "with what they begin with, which may be secret",
	  .field = AT(preview) },
	{ 0, "freeze", NULL, NULL, "stop each process while its memory is read",
	  .field = AT(freeze) },
	{ 0, "would-fit", "SIZE", NULL, "would an allocation of SIZE fit?", .set = set_would_fit },
	{ 0, "watch", "TIME", "Over time", "sample every TIME (300, 5m, 0.5) and judge growth",
	  .set = set_watch },
	{ 0, "top", NULL, NULL, "full-screen view of all processes or those named",
	  .field = AT(top) },
	{ 'd', "delay", "TIME", NULL, "read every TIME with --top (2)", .set = set_delay,
	  .show = show_delay },
	{ 'n', "count", "N", NULL, "stop after N samples", .set = set_count },
	{ 0, "snapshot", "DIR", NULL, "keep snapshots (in DIR) while watching", .optional = true,
	  .set = set_snapshot },
	{ 0, "keep", "N", NULL, "keep the N newest snapshots", .set = set_keep, .show = show_keep },
	{ 0, "diff", NULL, NULL, "what changed between two PIDs or snapshot files",
	  .field = AT(diff) },
	{ 0, "judge", "FILE", NULL, "does a recorded series grow? ('-': standard input)",
	  .set = set_judge },
	{ 0, "limit", "SIZE", NULL, "when would it reach SIZE?", .set = set_limit },
	{ 0, "max-rss", "SIZE", "Limits (exit status 1)", "resident memory",
	  .ceiling = CEILING_RSS },
	{ 0, "max-pss", "SIZE", NULL, "proportional memory", .ceiling = CEILING_PSS },
	{ 0, "max-uss", "SIZE", NULL, "private memory", .ceiling = CEILING_USS },
	{ 0, "max-swap", "SIZE", NULL, "swap", .ceiling = CEILING_SWAP },
	{ 0, "max-unexplained", "PERCENT", NULL, "part of RSS that nothing explains",
	  .ceiling = CEILING_UNEXPLAINED },
	{ 0, "max-growth", "SIZE", NULL, "growth in an hour, with --watch or --judge",
	  .ceiling = CEILING_GROWTH },
	{ 0, "format", "FORMAT", "Output", "text, json or yaml", .field = AT(renderer),
	  .set = set_format, .show = show_format },
	{ 'j', "json", NULL, NULL, "same as --format=json", .field = AT(renderer),
	  .set = set_json },
	{ 'o', "output", "FILE", NULL, "write to FILE (replaced when complete)",
	  .field = AT(output), .set = set_output },
	{ 'O', "columns", "LIST", NULL, "columns of the list or of -r; 'help' lists them",
	  .field = AT(columns) },
	{ 0, "sort", "[-]COLUMN", NULL, "sort the list or -r; - is largest first",
	  .field = AT(sort) },
	{ 'b', "bytes", NULL, NULL, "exact bytes", .field = AT(unit), .set = set_bytes,
	  .show = show_bytes },
	{ 0, "si", NULL, NULL, "powers of 1000", .field = AT(unit), .set = set_si,
	  .show = show_si },
	{ 0, "color", "WHEN", NULL, "auto, always or never", .field = AT(color), .set = set_color,
	  .show = show_color },
	{ 0, "ascii", NULL, NULL, "no characters beyond ASCII", .field = AT(ascii) },
	{ 0, "no-headings", NULL, NULL, "tables without headings", .field = AT(no_headings) },
	{ 0, "no-cmdline", NULL, NULL, "leave out arguments, which can hold secrets",
	  .field = AT(no_cmdline) },
	{ 0, "proc-root", "DIR", NULL, "read a recorded /proc", .field = AT(proc_root) },
	{ 0, "config", "FILE", "Other", "read FILE instead of the usual configuration",
	  .field = AT(config) },
	{ 0, "print-config", NULL, NULL, "the configuration, and where each value is from",
	  .field = AT(print_config) },
	{ 'h', "help", NULL, NULL, "this text", .field = AT(help) },
	{ 'V', "version", NULL, NULL, "version and licence", .field = AT(version) },
};

#undef AT

const size_t n_option_descs = ARRAY_SIZE(option_descs);

enum { OPT_COUNT = ARRAY_SIZE(option_descs) };

_Static_assert(OPT_COUNT <= 64, "each option has a bit");

/* What getopt_long wants, made from the table. */
struct getopt_tables {
	struct option longs[OPT_COUNT + 1];
	char shorts[2 * OPT_COUNT + 2];
};

static void make_tables(struct getopt_tables *t)
{
	size_t n = 0;

	memset(t, 0, sizeof(*t));
	t->shorts[n++] = ':';
	for (int i = 0; i < OPT_COUNT; i++) {
		const struct option_desc *d = &option_descs[i];

		t->longs[i] = (struct option){ .name = d->name,
					       .has_arg = d->optional ? optional_argument
							  : d->arg    ? required_argument
								      : no_argument,
					       .val = OPT_BASE + i };
		if (!d->letter)
			continue;
		t->shorts[n++] = d->letter;
		if (d->arg)
			t->shorts[n++] = ':';
	}
}

static const struct option_desc *find_desc(int value)
{
	if (value >= OPT_BASE)
		return &option_descs[value - OPT_BASE];
	for (int i = 0; i < OPT_COUNT; i++) {
		if (option_descs[i].letter == value)
			return &option_descs[i];
	}
	return NULL;
}

/* The option that getopt_long could not make sense of, as it was written. */
static int usage_error(char **argv, int value, struct err *err)
{
	const char *word = argv[optind - 1];
	bool is_long = starts_with(word, "--");

	if (value == ':' && optopt && !is_long)
		return err_set(err, EINVAL, "option -%c: needs an argument", optopt);
	if (value == ':')
		return err_set(err, EINVAL, "option %.60s: needs an argument", word);
	if (is_long || !optopt)
		return err_set(err, EINVAL, "option %.60s: %s", word,
			       optopt ? "takes no argument" : "no such option");
	return err_set(err, EINVAL, "option -%c: no such option", optopt);
}

static int apply(struct options *o, const struct option_desc *d, const char *arg, struct err *err)
{
	char *field = (char *)o + d->field;

	if (d->ceiling)
		return set_ceiling(o, d->ceiling, arg, err);
	if (d->set)
		return d->set(o, arg, err);
	if (d->arg)
		*(const char **)(void *)field = arg;
	else
		*(bool *)field = true;
	return 0;
}

int options_parse(int argc, char **argv, struct options *ret, struct err *err)
{
	struct getopt_tables tables;
	int value, status = 0;

	*ret = (struct options){ .renderer = renderer_find("text") };
	make_tables(&tables);
	opterr = 0;
	while (status == 0 &&
	       (value = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
		const struct option_desc *d = value == '?' || value == ':' ? NULL
									   : find_desc(value);

		status = d ? apply(ret, d, optarg, err) : usage_error(argv, value, err);
		ret->given |= d ? UINT64_C(1) << (d - option_descs) : 0;
	}
	ret->operands = argv + optind;
	ret->n_operands = (size_t)(argc - optind);
	for (; status == 0 && !ret->diff && optind < argc; optind++)
		status = add_pid(ret, argv[optind], strlen(argv[optind]), err);
	return status < 0 ? status : options_check(ret, err);
}

bool options_want_list(const struct options *o)
{
	return o->list || !(o->n_pids || o->name || o->tree || o->cgroup);
}

static const struct option_desc *find_name(const char *name)
{
	size_t i = 0;

	while (i < OPT_COUNT && !streq(option_descs[i].name, name))
		i++;
	assert(i < OPT_COUNT); /* names are the program's own */
	return &option_descs[i];
}

int options_set(struct options *o, const char *name, const char *arg, struct err *err)
{
	return apply(o, find_name(name), arg, err);
}

bool options_given(const struct options *o, const char *name)
{
	const struct option_desc *d = find_name(name);
	uint64_t bits = 0;

	for (size_t i = 0; i < OPT_COUNT; i++)
		bits |= option_descs[i].field == d->field ? UINT64_C(1) << i : 0;
	return (o->given & bits) != 0;
}

void options_show(const struct options *o, const char *name, struct sbuf *out)
{
	const struct option_desc *d = find_name(name);
	const char *field = (const char *)o + d->field, *text;

	if (d->show)
		text = d->show(o);
	else if (d->arg)
		text = *(const char *const *)(const void *)field;
	else
		text = bool_name(*(const bool *)field);
	sbuf_adds(out, text ? text : "");
}

void options_release(struct options *o)
{
	free(o->pids);
	*o = (struct options){ 0 };
}
