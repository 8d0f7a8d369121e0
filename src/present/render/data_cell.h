/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How data formats write one value, whatever their own frame is.
 */
#ifndef PRESENT_RENDER_DATA_CELL_H
#define PRESENT_RENDER_DATA_CELL_H

#include "base/sbuf.h"
#include "present/report.h"

/* Whether a value is a string there. */
bool data_cell_is_string(enum cell_type type);
/*
 * Appends a value that is there, without quotes: a number, true or false, or plain ASCII without
 * quotes or backslashes. Not for CELL_TEXT, CELL_LIST and CELL_TABLE, which every format has its own
 * way with. Numbers that are not finite are "null".
 */
void data_cell_add(struct sbuf *sb, enum cell_type type, const struct cell *c);

#endif
