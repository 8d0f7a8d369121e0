/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that is known of one mapping: every counter, its rule and its evidence.
 */
#ifndef SCREEN_VIEW_DETAIL_H
#define SCREEN_VIEW_DETAIL_H

#include "present/report.h"
#include "screen/screen.h"

/* Opens a row of a table; what it says is copied. */
void detail_open(struct screen *s, const struct table *table, const struct cell *cells);

#endif
