/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes tables as text with aligned columns.
 */
#ifndef PRESENT_RENDER_TEXT_TABLE_H
#define PRESENT_RENDER_TEXT_TABLE_H

#include "present/render/writer.h"

/* Adds a table that has rows: title, headings, lines, and what was left out. */
void writer_table(struct writer *p, const struct table *t);

#endif
