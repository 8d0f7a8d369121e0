/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings: what a reader of the numbers should notice, from a table of judgements. The text says
 * what was measured, the advice what to do next.
 */
#ifndef ANALYSIS_FINDINGS_FINDINGS_H
#define ANALYSIS_FINDINGS_FINDINGS_H

#include "analysis/findings/finding.h"

/* The findings, most severe first, in the order of the table. The array and texts are the arena's. */
const struct finding *findings_collect(const struct findings_input *in, struct arena *arena,
				       size_t *ret_n);

#endif
