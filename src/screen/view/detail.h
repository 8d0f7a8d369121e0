/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shows everything that is known about one mapping: every counter, its rule and its evidence.
 */
#ifndef SCREEN_VIEW_DETAIL_H
#define SCREEN_VIEW_DETAIL_H

#include "present/report.h"
#include "screen/screen.h"

/* Opens the view of a row of a table. Copies the cells. */
void detail_open(struct screen *s, const struct table *table, const struct cell *cells);

#endif
