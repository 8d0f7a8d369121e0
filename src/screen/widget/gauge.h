/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Draws the line about the system: memory, swap, pressure, and what this program uses.
 */
#ifndef SCREEN_WIDGET_GAUGE_H
#define SCREEN_WIDGET_GAUGE_H

#include "screen/screen.h"

void gauge_draw(const struct screen *s, struct canvas *c, size_t y);

#endif
