/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How allocators besides glibc's keep what was freed, and the settings by which that can be changed.
 */
#ifndef ANALYSIS_FINDINGS_ALLOCATOR_ADVICE_H
#define ANALYSIS_FINDINGS_ALLOCATOR_ADVICE_H

#include "base/sbuf.h"
#include "walk/core/walk.h"

/* Phrases to the facts and a sentence to the advice for each allocator that was read. */
void allocator_advice_add(const struct walk *d, struct sbuf *facts, struct sbuf *advice);

#endif
