/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each allocator and runtime adds to a cause of memory beyond objects: what was measured of
 * it, and the settings by which it can be changed. A row of walkers[] without advice does not
 * compile.
 */
#ifndef ANALYSIS_FINDINGS_WALKER_ADVICE_H
#define ANALYSIS_FINDINGS_WALKER_ADVICE_H

#include "base/sbuf.h"
#include "walk/core/walk.h"

/* Adds facts and advice about memory of a line, for each runtime that was read. */
void runtime_advice_add(const struct walk *walk, enum walk_line line, struct sbuf *facts,
			struct sbuf *advice);
/* Adds facts and advice about what is free in malloc, for each allocator that was read. */
void allocator_advice_add(const struct walk *walk, struct sbuf *facts, struct sbuf *advice);

#endif
