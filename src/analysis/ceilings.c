/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/ceilings.h"

#define METRIC(metric) .option = "max-" METRIC_NAME(metric), .title = METRIC_TITLE(metric)

const struct ceiling_desc ceiling_descs[] = {
	[CEILING_RSS] = { METRIC(RSS), .verb = "reached" },
	[CEILING_PSS] = { METRIC(PSS), .verb = "is" },
	[CEILING_USS] = { METRIC(USS), .verb = "is" },
	[CEILING_SWAP] = { METRIC(SWAP), .verb = "is" },
	[CEILING_UNEXPLAINED] = { .option = "max-unexplained",
				  .title = "Unexplained memory",
				  .verb = "is" },
	[CEILING_GROWTH] = { .option = "max-growth",
			     .title = "Growth",
			     .verb = "is",
			     .over_time = true },
};
_Static_assert(ARRAY_SIZE(ceiling_descs) == CEILING_COUNT, "a row for each");

#undef METRIC

static struct amount larger(struct amount a, struct amount b)
{
	return !amount_ok(b) || (amount_ok(a) && a.value >= b.value) ? a : b;
}

static struct amount growth_value(const struct growth *g)
{
	if (!g || g->verdict == VERDICT_INSUFFICIENT)
		return amount_absent(REASON_TOO_SHORT);
	return amount_of(verdict_descs[g->verdict].grows && g->rate > 0 ? (uint64_t)g->rate : 0);
}

struct amount ceiling_value(enum ceiling id, const struct totals *totals,
			    struct amount unexplained_permille, const struct growth *growth)
{
	switch (id) {
	case CEILING_RSS:
		return larger(amount_ok(totals->rss) ? totals->rss : totals->status_rss,
			      totals->peak_rss);
	case CEILING_PSS:
		return totals->pss;
	case CEILING_USS:
		return totals->uss;
	case CEILING_SWAP:
		return totals->swap;
	case CEILING_UNEXPLAINED:
		return unexplained_permille;
	case CEILING_GROWTH:
		return growth_value(growth);
	case CEILING_NONE:
	case CEILING_COUNT:
	default:
		return AMOUNT_UNREAD;
	}
}

void ceiling_reach(enum ceiling id, struct amount *reached, struct amount value)
{
	if (amount_ok(value))
		*reached = ceiling_descs[id].over_time ? value : larger(*reached, value);
}

const char *ceiling_text(char buf[FMT_MAX], enum ceiling id, uint64_t value)
{
	char size[FMT_MAX];

	if (id == CEILING_UNEXPLAINED)
		return fmt_percent(buf, (double)value / 10);
	(void)snprintf(buf, FMT_MAX, "%.20s%s", fmt_bytes(size, value, FMT_IEC),
		       id == CEILING_GROWTH ? "/h" : "");
	return buf;
}
