/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is shown as a file: the table of the view on top, as text or, by the name of the file, JSON.
 */
#ifndef SCREEN_VIEW_EXPORT_H
#define SCREEN_VIEW_EXPORT_H

#include "screen/screen.h"

/* Asks for the file, and writes it in the background. */
void export_ask(struct screen *s);
/* The bytes of the file. 0, or -errno: -ENODATA if the view has nothing to export. */
int export_render(const struct screen *s, bool json, struct sbuf *out);

#endif
