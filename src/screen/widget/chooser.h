/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chooses the columns of the list, and their order.
 */
#ifndef SCREEN_WIDGET_CHOOSER_H
#define SCREEN_WIDGET_CHOOSER_H

#include "screen/data/columns.h"
#include "screen/screen.h"

/* Opens the chooser. Changes *set as the user chooses; *set must outlive the chooser. */
void chooser_open(struct screen *s, struct column_set *set);

#endif
