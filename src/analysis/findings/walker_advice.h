/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each allocator and runtime adds to a cause of non-object memory: what was measured, and the
 * settings that change it. A row of walkers[] without advice does not compile.
 */
#ifndef ANALYSIS_FINDINGS_WALKER_ADVICE_H
#define ANALYSIS_FINDINGS_WALKER_ADVICE_H

#include "base/sbuf.h"
#include "walk/core/walk.h"

/* Adds facts and advice about memory of one walk_line, for each runtime that was walked. */
void runtime_advice_add(const struct walk *walk, enum walk_line line, struct sbuf *facts,
			struct sbuf *advice);
/* Adds facts and advice about free memory of malloc, for each allocator that was walked. */
void allocator_advice_add(const struct walk *walk, struct sbuf *facts, struct sbuf *advice);

#endif
