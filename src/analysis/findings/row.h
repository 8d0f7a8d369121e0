/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the tables of findings: what a row is, and how it adds what it found.
 */
#ifndef ANALYSIS_FINDINGS_ROW_H
#define ANALYSIS_FINDINGS_ROW_H

#include "analysis/findings/finding.h"
#include "base/fmt.h"

#define MIB(n) ((uint64_t)(n) << 20)
#define IEC(n) fmt_bytes((char[FMT_MAX]){ 0 }, (n), FMT_IEC)
#define PERCENT(part, whole) fmt_percent((char[FMT_MAX]){ 0 }, percent_of((part), (whole)))

struct judgement;

struct collector {
	const struct findings_input *in;
	struct arena *arena;
	const struct judgement *judging; /* whose findings are added now */
	struct finding *found;
	size_t n, cap;
};

/* A row says when there is something to say: check adds a finding, or several. */
struct judgement {
	const char *id;
	const char *advice;
	void (*check)(struct collector *c);
};

/* What is found where memory was read, in findings_deep.c. */
extern const struct judgement deep_judgements[];
extern const size_t n_deep_judgements;

/* Adds a finding of the row that judges now, with its advice. */
void add_finding(struct collector *c, enum severity severity, const char *fmt, ...)
	attr_printf(3, 4);

static inline double percent_of(uint64_t part, uint64_t whole)
{
	return whole ? (double)part * 100 / (double)whole : 0;
}

/* 0 where it is absent: a finding is about what was measured. */
static inline uint64_t known(struct amount a)
{
	return amount_ok(a) ? a.value : 0;
}

/* status has it too, for everyone to read. */
static inline uint64_t rss_of(const struct collector *c)
{
	const struct totals *t = &c->in->accounting->totals;

	return known(amount_ok(t->rss) ? t->rss : t->status_rss);
}

#endif
