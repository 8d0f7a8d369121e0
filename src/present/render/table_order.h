/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chooses the columns of a table that text shows, and sorts its rows.
 */
#ifndef PRESENT_RENDER_TABLE_ORDER_H
#define PRESENT_RENDER_TABLE_ORDER_H

#include "base/err.h"
#include "present/report.h"

/* Returns the index of the column with this id, with or without _bytes, or -1. */
int columns_find(const struct column *columns, size_t n, const char *id, size_t len);

/*
 * Choose the text columns of a table by a list of ids, and sort its rows by [-]id. NULL keeps the
 * default. Return 0, or -EINVAL with err naming the column.
 */
int table_pick(struct report *r, struct table *t, const char *columns, struct err *err);
int table_sort(struct report *r, struct table *t, const char *sort, struct err *err);

#endif
