/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings: what a reader of the numbers should notice, from a table of judgements. The text says
 * what was measured, the advice what to do next.
 */
#ifndef ANALYSIS_FINDINGS_H
#define ANALYSIS_FINDINGS_H

#include "analysis/accounting.h"
#include "analysis/beyond.h"
#include "analysis/ceilings.h"
#include "analysis/limits.h"
#include "analysis/outside.h"
#include "base/arena.h"

enum severity { SEV_INFO, SEV_WARNING, SEV_CRITICAL, SEV_COUNT };

extern const char *const severity_ids[SEV_COUNT];

struct finding {
	const char *id; /* stable; static */
	enum severity severity;
	const char *text;   /* the arena's */
	const char *advice; /* static */
};

struct findings_input {
	const struct snapshot *snapshot;
	const struct accounting *accounting;
	const struct outside *outside;
	const struct limits *limits;
	const struct ceilings *ceilings; /* NULL: none */
	const struct growth *growth;     /* NULL: not watched */
	const struct depth *depth;       /* NULL: its memory was not read */
	const struct beyond *beyond;     /* with depth */
	double beyond_percent;          /* from where on memory beyond objects is worth a finding */
	uint64_t growth_bytes_per_hour; /* from where on growth is worth a finding */
	double unexplained_percent;     /* the threshold: 50 unless configured */
	uint64_t cpus;                  /* of the host; 0: unknown, counter drift is not judged */
};

/* The findings, most severe first, in the order of the table. The array and texts are the arena's. */
const struct finding *findings_collect(const struct findings_input *in, struct arena *arena,
				       size_t *ret_n);

#endif
