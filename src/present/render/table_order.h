/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which columns of a table text shows, and in which order its rows come.
 */
#ifndef PRESENT_RENDER_TABLE_ORDER_H
#define PRESENT_RENDER_TABLE_ORDER_H

#include "base/err.h"
#include "present/report.h"

/* The index of the column with this id, whose _bytes may be left out; -1 if there is none. */
int columns_find(const struct column *columns, size_t n, const char *id, size_t len);

/*
 * Chooses the text columns of a table by a list of ids, and sorts its rows by [-]id. NULL leaves the default. 0, or -EINVAL with err naming the column.
 */
int table_pick(struct report *r, struct table *t, const char *columns, struct err *err);
int table_sort(struct report *r, struct table *t, const char *sort, struct err *err);

#endif
