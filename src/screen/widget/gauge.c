/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/widget/gauge.h"

#include "screen/widget/status_line.h"

enum { BAR = 10, WIDE = 70 };

/* Returns the tone of a percentage: a warning from `warn` on, bad from `bad` on. */
static enum tone tone_of(double percent, double warn, double bad)
{
	return percent >= bad ? TONE_BAD : percent >= warn ? TONE_WARN : TONE_PLAIN;
}

static void add_memory(struct status_line *p, const struct sysmem *sys)
{
	const struct number_format *format = &p->screen->format;
	struct amount total = sys->v[SM_MEM_TOTAL], available = sys->v[SM_MEM_AVAILABLE];
	char a[FMT_MAX], t[FMT_MAX], bar[3 * BAR + 1] = "";
	double used;
	enum tone tone;

	if (!amount_ok(total) || !amount_ok(available) || total.value == 0) {
		(void)status_line_add(p, (struct style){ .tone = TONE_DIM }, "memory n/a");
		return;
	}
	used = 100.0 - 100.0 * (double)MIN(available.value, total.value) / (double)total.value;
	tone = tone_of(used, 85, 95);
	for (int i = 0; i < BAR; i++) {
		bool full = used * BAR / 100 > i + 0.5;
		const char *cell = format->ascii ? (full ? "#" : ".")
						 : (full ? "\u2588" : "\u2591");
		size_t n = strlen(bar);

		(void)snprintf(bar + n, sizeof(bar) - n, "%s", cell);
	}
	if (p->canvas->width >= WIDE)
		(void)status_line_add(p, (struct style){ .tone = tone }, "RAM %s %.0f %%", bar,
				      used);
	(void)status_line_add(p, (struct style){ .tone = tone, .bold = tone != TONE_PLAIN },
			      "%s of %s available", number_format_bytes(a, format, available.value),
			      number_format_bytes(t, format, total.value));
}

static void add_swap(struct status_line *p, const struct sysmem *sys)
{
	const struct number_format *format = &p->screen->format;
	struct amount total = sys->v[SM_SWAP_TOTAL], left = sys->v[SM_SWAP_FREE];
	char u[FMT_MAX], t[FMT_MAX];
	uint64_t used;

	if (!amount_ok(total) || !amount_ok(left))
		return;
	if (total.value == 0) {
		(void)status_line_add(p, (struct style){ .tone = TONE_DIM }, "no swap");
		return;
	}
	used = total.value - MIN(left.value, total.value);
	(void)status_line_add(
		p,
		(struct style){
			.tone = tone_of(100.0 * (double)used / (double)total.value, 50, 90) },
		"swap %s of %s", number_format_bytes(u, format, used),
		number_format_bytes(t, format, total.value));
}

static void add_pressure(struct status_line *p, const struct pressure *pressure)
{
	double some = (double)pressure->some.value / 100, full = (double)pressure->full.value / 100;

	if (!amount_ok(pressure->some))
		return;
	if (amount_ok(pressure->full) && pressure->full.value > 0)
		(void)status_line_add(p, (struct style){ .tone = tone_of(full, 1, 10) },
				      "pressure %.1f %% (all wait: %.1f %%)", some, full);
	else
		(void)status_line_add(p, (struct style){ .tone = tone_of(some, 5, 30) },
				      "pressure %.1f %%", some);
}

static void add_own(struct status_line *p, const struct host *host)
{
	char rss[FMT_MAX];
	const struct style dim = { .tone = TONE_DIM };

	if (!amount_ok(host->own_rss))
		return;
	number_format_bytes(rss, &p->screen->format, host->own_rss.value);
	if (host->own_cpu_percent >= 0)
		(void)status_line_add(p, dim, "own: %s, %.1f %% CPU", rss, host->own_cpu_percent);
	else
		(void)status_line_add(p, dim, "own: %s", rss);
}

void gauge_draw(const struct screen *s, struct canvas *c, size_t y)
{
	struct status_line p;

	status_line_init(&p, s, c, y);
	if (s->procs.ticks == 0) {
		(void)status_line_add(&p, (struct style){ .tone = TONE_DIM },
				      "reading processes ...");
		return;
	}
	add_memory(&p, &s->host.sys);
	add_swap(&p, &s->host.sys);
	add_pressure(&p, &s->host.pressure);
	add_own(&p, &s->host);
}
