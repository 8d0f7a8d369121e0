/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chooses the columns of the list, and their order.
 */
#ifndef SCREEN_WIDGET_CHOOSER_H
#define SCREEN_WIDGET_CHOOSER_H

#include "screen/data/columns.h"
#include "screen/screen.h"

/* Pushes it. The set changes as the user chooses, and has to stay where it is meanwhile. */
void chooser_open(struct screen *s, struct column_set *set);

#endif
