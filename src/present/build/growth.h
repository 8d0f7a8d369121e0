/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Growth of one thing: the verdict, when a limit is reached, and what it was that grew.
 */
#ifndef PRESENT_BUILD_GROWTH_H
#define PRESENT_BUILD_GROWTH_H

#include "present/build/growth_inputs.h"
#include "present/report.h"

/* The `growth` object. Text says it in sentences, with a chart and a table of the series. */
const struct table *build_growth(struct report *r, const struct growth_inputs *v);

#endif
