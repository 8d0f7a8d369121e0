/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How data formats write one value, whatever their own frame is.
 */
#ifndef PRESENT_RENDER_DATA_CELL_H
#define PRESENT_RENDER_DATA_CELL_H

#include "base/sbuf.h"
#include "present/report.h"

/* Returns true if data formats write this type as a string. */
bool data_cell_is_string(enum cell_type type);
/*
 * Appends a value that is not absent, without quotes: a number, true or false, or plain ASCII
 * without quotes or backslashes. Writes numbers that are not finite as "null". Not for CELL_TEXT,
 * CELL_LIST and CELL_TABLE, which each format writes differently.
 */
void data_cell_add(struct sbuf *sb, enum cell_type type, const struct cell *c);

#endif
