/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A finding, and what findings are made from.
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
	const char *text;   /* owned by the arena */
	const char *advice; /* static, or owned by what was judged */
};

struct findings_input {
	const struct snapshot *snapshot;
	const struct accounting *accounting;
	const struct off_rss *off_rss;
	const struct limits *limits;
	const struct ceilings *ceilings; /* NULL: the user set no limits */
	const struct growth *growth;     /* NULL: the process is not watched */
	const struct amount *reached;    /* by ceiling, over the watch; NULL: it is not watched */
	const struct walk *walk;         /* NULL: its memory was not walked */
	const struct non_object *non_object; /* if walk is not NULL */
	double beyond_percent;               /* threshold of the finding on non-object memory */
	uint64_t growth_bytes_per_hour;      /* threshold of the finding on growth */
	double unexplained_percent;          /* threshold of the finding on unexplained memory */
	uint64_t cpus; /* of the host; 0: unknown, counter drift is not judged */
};

#endif
