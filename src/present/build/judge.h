/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds the report on series that were recorded elsewhere.
 */
#ifndef PRESENT_BUILD_JUDGE_H
#define PRESENT_BUILD_JUDGE_H

#include "present/build/growth_inputs.h"
#include "present/build/process_inputs.h"
#include "present/report.h"

/* A series of a file, and its judgement. */
struct judged {
	const char *name; /* what the file calls it, any bytes; NULL: nothing */
	uint64_t samples; /* in the file; the view has all of them, or an even choice */
	struct growth_inputs view;
	struct finding finding; /* id NULL: none */
};

/* Reports on a list of at least one series, which must outlive the report. */
void build_judge(struct report *r, const struct judged *list, size_t n,
		 const struct build_opts *opts);

#endif
