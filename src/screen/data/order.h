/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which processes are shown, and in which order: filters, sorting and the tree.
 */
#ifndef SCREEN_DATA_ORDER_H
#define SCREEN_DATA_ORDER_H

#include <regex.h>

#include "screen/data/columns.h"

/* What the user wants to see. */
struct order_wish {
	enum proc_column sort;
	bool ascending;
	bool tree;
	bool kthreads;      /* those, too */
	bool growers;       /* nothing else */
	const char *filter; /* NULL: none. A regular expression; text as it is if it is none */
	const char *user;   /* NULL: any. A name or number */
};

struct order_line {
	struct proc *proc;
	unsigned int depth; /* in the tree; 0: a root */
	bool is_last;       /* of the children of its parent */
	uint64_t guides;    /* bit i: its ancestor at depth i has further siblings below */
	bool has_children;
};

struct order {
	struct order_line *lines;
	size_t n;
};

void order_init(struct order *o);
void order_release(struct order *o);
/* Lines point into procs and are valid until these change. */
void order_make(struct order *o, const struct procs *procs, const struct order_wish *wish,
		const struct column_context *ctx);

/* Finds text in a process: name, command line or number, letters in either case. */
struct matcher {
	bool is_regex;
	regex_t regex;
	const char *text;
};

void matcher_init(struct matcher *m, const char *text);
void matcher_release(struct matcher *m);
bool matcher_has(const struct matcher *m, const struct proc *p);
bool matcher_has_text(const struct matcher *m, const char *text);

#endif
