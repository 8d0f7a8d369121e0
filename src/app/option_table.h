/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of options: it drives parsing, --help, which options go together, and the check of the
 * manual.
 */
#ifndef APP_OPTION_TABLE_H
#define APP_OPTION_TABLE_H

#include "app/option_set.h"

/* A row of the table of options. */
struct option_desc {
	char letter; /* 0: has only a name */
	const char *name;
	const char *arg;   /* name of the argument; NULL: takes no argument */
	const char *group; /* heading before it in --help; NULL: same group as the row above */
	const char *help;
	/*
	 * Offset in struct options. Without `set`, a string that takes the argument, or a bool if
	 * there is no argument; with `set` any type. 0: no other option sets the same field.
	 */
	size_t field;
	option_set_fn *set;   /* if not NULL, sets the field */
	bool optional;        /* the argument may be left out: set is then called with NULL */
	enum ceiling ceiling; /* the limit that the argument sets, or CEILING_NONE */
	option_show_fn *show;
	unsigned int modes;    /* bits of enum mode: the option is refused in all other modes */
	const char *needs[4];  /* needs at least one of these options, as "-C" or "--deep" */
	unsigned int needs_in; /* bits of enum mode in which `needs` applies; 0: in all */
};

enum { OPTION_MAX = 64 }; /* each option has a bit */

extern const struct option_desc option_descs[];
extern const size_t n_option_descs;

#endif
