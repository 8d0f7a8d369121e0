/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/options_check.h"

#include <errno.h>

#include "app/option_table.h"
#include "base/alloc.h"

static bool wants_columns(const struct options *o)
{
	return o->columns && streq(o->columns, "help");
}

static bool wants_diff(const struct options *o)
{
	return o->diff;
}

static bool wants_watch(const struct options *o)
{
	return o->watch_ns > 0;
}

static bool wants_top(const struct options *o)
{
	return o->top;
}

static bool wants_judge(const struct options *o)
{
	return o->judge;
}

bool options_select(const struct options *o)
{
	return o->n_pids || o->name || o->tree || o->cgroup;
}

static bool wants_list(const struct options *o)
{
	return o->list || !options_select(o);
}

static bool always(const struct options *o attr_unused)
{
	return true;
}

/* The first row that is wanted is the mode. */
static const struct mode_desc {
	bool (*is_wanted)(const struct options *o);
	const char *option; /* the option that selects the mode; NULL: the operands do */
} mode_descs[] = {
	[MODE_COLUMNS] = { wants_columns, "-O help" },
	[MODE_DIFF] = { wants_diff, "--diff" },
	[MODE_WATCH] = { wants_watch, "--watch" },
	[MODE_TOP] = { wants_top, "--top" },
	[MODE_JUDGE] = { wants_judge, "--judge" },
	[MODE_LIST] = { wants_list, NULL },
	[MODE_SHOW] = { always, NULL },
};

_Static_assert(ARRAY_SIZE(mode_descs) == MODE_COUNT, "each mode has a row");

enum mode options_mode(const struct options *o)
{
	int i = 0;

	while (!mode_descs[i].is_wanted(o))
		i++;
	return (enum mode)i;
}

/* Returns true if argv has option i. An operand that is a PID counts as -p. */
static bool is_given(const struct options *o, size_t i)
{
	return o->given >> i & 1 || (option_descs[i].set == option_set_pid && o->n_pids > 0);
}

/* Returns the name of an option in errors: its letter, if it has one. */
static char *option_text(const struct option_desc *d)
{
	return d->letter ? xasprintf("-%c", d->letter) : xasprintf("--%s", d->name);
}

/* Sets err to "--option: needs A", "A or B", "A, B or C". */
static int refuse_without(const char *option, const char *const *wanted, size_t n, struct err *err)
{
	auto_sbuf text = SBUF_INIT;

	for (size_t i = 0; i < n; i++)
		sbuf_addf(&text, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " or ", wanted[i]);
	return err_set(err, EINVAL, "%s: needs %s", option, sbuf_str(&text));
}

/* Returns what was written for option i, in errors: the option, or the operand that counts as -p. */
static char *given_text(const struct options *o, size_t i)
{
	return o->given >> i & 1 ? option_text(&option_descs[i])
				 : xasprintf("operand '%.60s'", o->operands[0]);
}

static int refuse_mode(const struct options *o, size_t i, enum mode mode, struct err *err)
{
	const struct option_desc *d = &option_descs[i];
	auto_free char *option = given_text(o, i);
	const char *wanted[MODE_COUNT];
	size_t n = 0;

	if (mode_descs[mode].option)
		return err_set(err, EINVAL, "%s: not with %s", option, mode_descs[mode].option);
	if (d->modes >> MODE_SHOW & 1)
		return err_set(err, EINVAL, "%s: needs processes to inspect, not a list", option);
	for (int k = 0; k < MODE_COUNT; k++) {
		if (d->modes >> k & 1)
			wanted[n++] = mode_descs[k].option;
	}
	return refuse_without(option, wanted, n, err);
}

static bool has_option(const struct options *o, const char *text)
{
	for (size_t i = 0; i < n_option_descs; i++) {
		auto_free char *option = option_text(&option_descs[i]);

		if (is_given(o, i) && streq(option, text))
			return true;
	}
	return false;
}

static int check_needs(const struct options *o, const struct option_desc *d, struct err *err)
{
	auto_free char *option = option_text(d);
	size_t n = 0;

	while (n < ARRAY_SIZE(d->needs) && d->needs[n]) {
		if (has_option(o, d->needs[n++]))
			return 0;
	}
	return n ? refuse_without(option, d->needs, n, err) : 0;
}

int options_check(const struct options *o, struct err *err)
{
	enum mode mode = options_mode(o);
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < n_option_descs; i++) {
		const struct option_desc *d = &option_descs[i];

		if (!is_given(o, i))
			continue;
		if (!(d->modes >> mode & 1))
			ret = refuse_mode(o, i, mode, err);
		else if (!d->needs_in || d->needs_in >> mode & 1)
			ret = check_needs(o, d, err);
	}
	if (ret == 0 && mode == MODE_DIFF && o->n_operands != 2)
		return err_set(err, EINVAL, "--diff: needs two operands, OLD and NEW");
	return ret;
}
