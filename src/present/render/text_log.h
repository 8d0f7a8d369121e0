/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a table in a sequence of tables, such as the ticks of a watch, all with the same columns.
 */
#ifndef PRESENT_RENDER_TEXT_LOG_H
#define PRESENT_RENDER_TEXT_LOG_H

#include "present/render/writer.h"

void writer_log(struct writer *p, const struct table *t);

#endif
