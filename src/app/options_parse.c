/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/options_parse.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>

#include "app/option_table.h"
#include "app/options_check.h"

enum { OPT_BASE = 0x100 }; /* values of getopt_long beyond any character */

/* The tables of getopt_long, made from option_descs. */
struct getopt_tables {
	struct option longs[OPTION_MAX + 1];
	char shorts[2 * OPTION_MAX + 2];
};

static void make_tables(struct getopt_tables *t)
{
	size_t n = 0;

	memset(t, 0, sizeof(*t));
	t->shorts[n++] = ':';
	for (size_t i = 0; i < n_option_descs; i++) {
		const struct option_desc *d = &option_descs[i];

		t->longs[i] = (struct option){ .name = d->name,
					       .has_arg = d->optional ? optional_argument
							  : d->arg    ? required_argument
								      : no_argument,
					       .val = OPT_BASE + (int)i };
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
	for (size_t i = 0; i < n_option_descs; i++) {
		if (option_descs[i].letter == value)
			return &option_descs[i];
	}
	return NULL;
}

/* Sets err for an option that getopt_long does not accept, as it was written. */
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
		return option_set_ceiling(o, d->ceiling, arg, err);
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
		status = option_add_pid(ret, argv[optind], strlen(argv[optind]), err);
	/* --help also works if the other options are wrong. */
	return status < 0 || ret->help || ret->version ? status : options_check(ret, err);
}

static const struct option_desc *find_name(const char *name)
{
	size_t i = 0;

	while (i < n_option_descs && !streq(option_descs[i].name, name))
		i++;
	assert(i < n_option_descs); /* only called with names of the table */
	return &option_descs[i];
}

int options_set(struct options *o, const char *name, const char *arg, struct err *err)
{
	return apply(o, find_name(name), arg, err);
}

bool options_given(const struct options *o, const char *name)
{
	const struct option_desc *d = find_name(name);
	uint64_t bits = UINT64_C(1) << (d - option_descs);

	for (size_t i = 0; d->field && i < n_option_descs; i++)
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
		text = *(const bool *)field ? "true" : "false";
	sbuf_adds(out, text ? text : "");
}

void options_release(struct options *o)
{
	free(o->pids);
	free(o->joined_names);
	*o = (struct options){ 0 };
}
