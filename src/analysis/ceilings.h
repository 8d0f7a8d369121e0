/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits that the user sets (--max-*): the table of what each one measures.
 */
#ifndef ANALYSIS_CEILINGS_H
#define ANALYSIS_CEILINGS_H

#include "analysis/account/accounting.h"
#include "analysis/trend/growth.h"
#include "base/fmt.h"

enum ceiling {
	CEILING_NONE,
	CEILING_RSS,
	CEILING_PSS,
	CEILING_USS,
	CEILING_SWAP,
	CEILING_UNEXPLAINED, /* thousandths of RSS */
	CEILING_GROWTH,      /* bytes an hour */
	CEILING_COUNT
};

struct ceiling_desc {
	const char *option; /* its long name */
	const char *title;  /* what is measured */
	const char *verb;   /* behind the title: "RSS reached 612.0 MiB" */
	bool over_time;     /* needs a watch, and only its latest value counts */
};

extern const struct ceiling_desc ceiling_descs[];

struct ceilings {
	unsigned int set; /* bits by enum ceiling */
	uint64_t max[CEILING_COUNT];
};

/*
 * Returns the measured value that a limit applies to, or the reason why it could not be measured.
 * The value for CEILING_RSS is the highest RSS since the program started, if the kernel states it.
 * The value for CEILING_GROWTH is 0 unless the verdict is one of growth, and absent while there are
 * too few samples; growth may be NULL.
 */
struct amount ceiling_value(enum ceiling id, const struct totals *totals,
			    struct amount unexplained_permille, const struct growth *growth);

/* Adds a value to what was measured so far: *reached is then the larger, or of growth the latest. */
void ceiling_reach(enum ceiling id, struct amount *reached, struct amount value);

/* Writes a value of this limit with its unit to buf and returns buf: "612.0 MiB", "40.0 MiB/h". */
const char *ceiling_text(char buf[FMT_MAX], enum ceiling id, uint64_t value);

#endif
