/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of a table that others follow, as the ticks of a watch: every one has the same columns.
 */
#ifndef PRESENT_RENDER_TEXT_LOG_H
#define PRESENT_RENDER_TEXT_LOG_H

#include "present/render/writer.h"

void writer_log(struct writer *p, const struct table *t);

#endif
