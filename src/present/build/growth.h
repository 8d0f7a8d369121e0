/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds the `growth` object of a series: the verdict, when a limit is reached, and what grew.
 */
#ifndef PRESENT_BUILD_GROWTH_H
#define PRESENT_BUILD_GROWTH_H

#include "present/build/growth_inputs.h"
#include "present/report.h"

/* Returns the `growth` object. Text shows sentences, a chart and a table of the series. */
const struct table *build_growth(struct report *r, const struct growth_inputs *v);

#endif
