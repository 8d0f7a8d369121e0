/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each language runtime adds to a cause of memory beyond its objects: what was measured of it,
 * and the settings by which it can be changed.
 */
#ifndef ANALYSIS_FINDINGS_RUNTIME_ADVICE_H
#define ANALYSIS_FINDINGS_RUNTIME_ADVICE_H

#include "base/sbuf.h"
#include "walk/core/walk.h"

/* About the memory of a line: a phrase to the facts and a sentence to the advice for each runtime. */
void runtime_advice_add(const struct walk *d, enum walk_line line, struct sbuf *facts,
			struct sbuf *advice);

#endif
