/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A finding, and what is looked at for one.
 */
#ifndef ANALYSIS_FINDINGS_FINDING_H
#define ANALYSIS_FINDINGS_FINDING_H

#include "analysis/account/accounting.h"
#include "analysis/account/limits.h"
#include "analysis/account/non_object.h"
#include "analysis/account/off_rss.h"
#include "analysis/ceilings.h"
#include "base/arena.h"

enum severity { SEV_INFO, SEV_WARNING, SEV_CRITICAL, SEV_COUNT };

extern const char *const severity_ids[];

struct finding {
	const char *id; /* stable; static */
	enum severity severity;
	const char *text;   /* the arena's */
	const char *advice; /* static, or of what was judged */
};

struct findings_input {
	const struct snapshot *snapshot;
	const struct accounting *accounting;
	const struct off_rss *off_rss;
	const struct limits *limits;
	const struct ceilings *ceilings;     /* NULL: none */
	const struct growth *growth;         /* NULL: not watched */
	const struct walk *walk;             /* NULL: its memory was not read */
	const struct non_object *non_object; /* with depth */
	double beyond_percent;          /* from where on memory beyond objects is worth a finding */
	uint64_t growth_bytes_per_hour; /* from where on growth is worth a finding */
	double unexplained_percent;     /* the threshold: 50 unless configured */
	uint64_t cpus;                  /* of the host; 0: unknown, counter drift is not judged */
};

#endif
