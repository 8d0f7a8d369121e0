/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes the table of the view on top to a file, as text or, if its name ends in .json, as JSON.
 */
#ifndef SCREEN_VIEW_EXPORT_H
#define SCREEN_VIEW_EXPORT_H

#include "screen/screen.h"

/* Asks for the name of the file and writes it in the background. */
void export_ask(struct screen *s);
/*
 * Appends the contents of the file. Returns 0, or -errno: -ENODATA if the view has nothing to
 * export.
 */
int export_render(const struct screen *s, bool json, struct sbuf *out);

#endif
