/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds the table of the series behind a verdict, and sentences on what grew.
 */
#ifndef PRESENT_BUILD_GROWTH_SERIES_H
#define PRESENT_BUILD_GROWTH_SERIES_H

#include "model/snapshot/heap_stats.h"
#include "present/build/growth_inputs.h"
#include "present/report.h"

/* Returns a CELL_RATE; an empty cell if the growth has no rate. */
struct cell cell_rate(const struct growth *g, double rate);
/* Returns the id of a verdict, as a warning if it is one of growth. */
struct cell cell_verdict(enum verdict verdict);
/* Returns the series in the order of their table; owned by the report. */
const struct growth_series **sort_series(struct report *r, const struct growth_inputs *v);
/* Returns the table of these series. Text leaves out what shows nothing of note. */
const struct table *build_series(struct report *r, const struct growth_inputs *v,
				 const struct growth_series **sorted);
/* Returns a sentence on the heap statistics of a kind that grow, which `what` begins, or NULL. */
const struct table *build_held(struct report *r, const struct growth_series **sorted, size_t n,
			       enum heap_stat_kind kind, const char *what);

#endif
