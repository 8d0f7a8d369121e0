/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings: what a reader of the numbers should notice. A table of checks makes them; the text of a
 * finding says what was measured, its advice what to do next.
 */
#ifndef ANALYSIS_FINDINGS_FINDINGS_H
#define ANALYSIS_FINDINGS_FINDINGS_H

#include "analysis/findings/finding.h"

/*
 * Returns the findings, most severe first, those of equal severity in the order of the table. The
 * arena owns the array and the texts.
 */
const struct finding *findings_collect(const struct findings_input *in, struct arena *arena,
				       size_t *ret_n);

#endif
