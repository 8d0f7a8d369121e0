/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chooses the processes to show and sorts them: filters, sort order and the tree.
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
	bool kthreads;      /* also shows kernel threads */
	bool growers;       /* shows only processes that grow */
	const char *filter; /* regular expression, or plain text if it is not valid; NULL: all */
	const char *user;   /* name or number; NULL: all users */
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
/* Makes the lines, which point into procs and are valid until that changes. */
void order_make(struct order *o, const struct procs *procs, const struct order_wish *wish,
		const struct column_context *ctx);

/* Finds text in the name, command line or PID of a process, ignoring case. */
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
