/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tables of findings share: their rows, and how a row adds a finding.
 */
#ifndef ANALYSIS_FINDINGS_ROW_H
#define ANALYSIS_FINDINGS_ROW_H

#include "analysis/facts.h"
#include "analysis/findings/finding.h"

#define MIB(n) ((uint64_t)(n) << 20)
#define PERCENT(part, whole) fmt_percent((char[FMT_MAX]){ 0 }, percent_of((part), (whole)))

struct judgement;

struct collector {
	const struct findings_input *in;
	struct arena *arena;
	const struct judgement *judging; /* the row whose check runs now */
	struct finding *found;
	size_t n, cap;
};

/* A row of the tables: its check adds findings where there is something to report. */
struct judgement {
	const char *id;
	const char *advice;
	void (*check)(struct collector *c);
};

/* The rows for processes whose memory was walked, in deep.c. */
extern const struct judgement deep_judgements[];
extern const size_t n_deep_judgements;

/* Adds a finding of the row whose check runs now, with that row's advice. */
void add_finding(struct collector *c, enum severity severity, const char *fmt, ...)
	attr_printf(3, 4);

static inline double percent_of(uint64_t part, uint64_t whole)
{
	return whole ? (double)part * 100 / (double)whole : 0;
}

/* Returns the value, or 0 if it is absent: findings are made only from measured values. */
static inline uint64_t known(struct amount a)
{
	return amount_ok(a) ? a.value : 0;
}

/* Returns RSS by smaps, or by status, which every user may read. */
static inline uint64_t rss_of(const struct collector *c)
{
	const struct totals *t = &c->in->accounting->totals;

	return known(amount_ok(t->rss) ? t->rss : t->status_rss);
}

#endif
