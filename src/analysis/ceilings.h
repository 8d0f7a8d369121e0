/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits that the user sets: a table of what they are about, judged wherever processes are.
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
	bool over_time;     /* needs a watch */
};

extern const struct ceiling_desc ceiling_descs[];

struct ceilings {
	unsigned int set; /* bits by enum ceiling */
	uint64_t max[CEILING_COUNT];
};

/*
 * What a ceiling is about, measured; or why it was not. Growth is 0 unless the verdict is one of
 * growth, and absent as long as there is too little to judge; growth may be NULL.
 */
struct amount ceiling_value(enum ceiling id, const struct totals *totals,
			    struct amount unexplained_permille, const struct growth *growth);

/* "612.0 MiB", "52.0 %", "40.0 MiB/h" */
const char *ceiling_text(char buf[FMT_MAX], enum ceiling id, uint64_t value);

#endif
