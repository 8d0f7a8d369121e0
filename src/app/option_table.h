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
	const char *group; /* heading in front of it in --help; NULL: the one before goes on */
	const char *help;
	size_t field; /* in struct options: a string that takes the argument, else a bool; what else
			 it is, set and show know; 0: no other option sets it */
	option_set_fn *set;   /* if not NULL, sets the field */
	bool optional;        /* the argument may be left out; then set is handed NULL */
	enum ceiling ceiling; /* CEILING_NONE, or the argument sets this limit */
	option_show_fn *show;
	unsigned int modes;    /* bits of enum mode: it is refused in the others */
	const char *needs[4];  /* options, as "-C" or "--deep", one of which it needs */
	unsigned int needs_in; /* bits of enum mode: there it does; 0: everywhere */
};

enum { OPTION_MAX = 64 }; /* each option has a bit */

extern const struct option_desc option_descs[];
extern const size_t n_option_descs;

#endif
