/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/process_inputs.h"

struct process_inputs process_inputs_of(const struct inspection *in)
{
	return (struct process_inputs){
		.snapshot = &in->snapshot,
		.accounting = &in->accounting,
		.off_rss = &in->off_rss,
		.limits = &in->limits,
		.findings = in->findings,
		.n_findings = in->n_findings,
		.would_fit = in->opts.has_would_fit ? &in->would_fit : NULL,
		.walk = in->has_walk ? &in->walk : NULL,
		.walk_why = in->has_walk ? REASON_NONE : in->snapshot.heap_stats.why,
		.non_object = in->has_walk ? &in->non_object : NULL,
	};
}
