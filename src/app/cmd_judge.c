/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs --judge: the verdict on series that other programs recorded. */
#include "app/cmd.h"

#include <errno.h>

#include "analysis/ceilings.h"
#include "analysis/recording/file.h"
#include "app/output.h"
#include "base/alloc.h"
#include "present/build/judge.h"

/*
 * Returns the file as the title of a recording without a name; one with a name is shown with that.
 */
static const char *file_title(const struct options *o, const struct recording *recording)
{
	if (recording->name)
		return "";
	return streq(o->judge, "-") ? "standard input" : o->judge;
}

static void judge(const struct options *o, const struct recording *recording, struct judged *ret)
{
	const struct series *s = &recording->series;
	struct growth_inputs *v = &ret->view;

	*ret = (struct judged){ .name = recording->name, .samples = s->pushed };
	v->title = file_title(o, recording);
	v->samples = s->samples;
	v->n_samples = s->n;
	v->has_wall = recording->has_wall;
	growth_judge(s->samples, s->n, &v->growth);
	if (o->has_limit) {
		v->limit_id = "limit";
		v->limit_asked = true;
		v->limit_bytes = o->limit_bytes;
		v->reach = growth_reach(&v->growth, s->samples[s->n - 1].bytes, o->limit_bytes);
	}
}

/* Checks --max-growth: adds a finding and returns the exit status. */
static enum status judge_growth(const struct options *o, struct arena *arena, struct judged *j)
{
	struct amount is = ceiling_value(CEILING_GROWTH, NULL, AMOUNT_UNREAD, &j->view.growth);
	const char *option = ceiling_descs[CEILING_GROWTH].option;
	char value[FMT_MAX], limit[FMT_MAX];

	if (!(o->ceilings.set >> CEILING_GROWTH & 1))
		return STATUS_OK;
	if (!amount_ok(is)) {
		j->finding = (struct finding){
			.id = "limit_unjudged",
			.severity = SEV_WARNING,
			.text = arena_printf(arena, "--%s could not be judged: %s.", option,
					     amount_why(is)),
			.advice = "Record more samples.",
		};
		return STATUS_DENIED;
	}
	if (is.value <= o->ceilings.max[CEILING_GROWTH])
		return STATUS_OK;
	j->finding = (struct finding){
		.id = "over_limit",
		.severity = SEV_CRITICAL,
		.text = arena_printf(
			arena, "%s is %s, over the %s of --%s.",
			ceiling_descs[CEILING_GROWTH].title,
			ceiling_text(value, CEILING_GROWTH, is.value),
			ceiling_text(limit, CEILING_GROWTH, o->ceilings.max[CEILING_GROWTH]),
			option),
		.advice = "An option of memspect set this limit; the exit status reports it too.",
	};
	return STATUS_LIMIT;
}

static enum status report(const struct context *ctx, const struct recordings *r)
{
	auto_free struct judged *judged = xcalloc(r->n, sizeof(*judged));
	struct report report = REPORT_INIT;
	enum status status = STATUS_OK;
	struct build_opts build;

	for (size_t i = 0; i < r->n; i++) {
		judge(ctx->options, &r->list[i], &judged[i]);
		status = status_worse(status,
				      judge_growth(ctx->options, &report.arena, &judged[i]));
	}
	build = context_build_opts(ctx, NULL);
	build_judge(&report, judged, r->n, &build);
	status = status_worse(status, output_report(ctx, &report, false));
	report_release(&report);
	return status;
}

enum status cmd_judge(const struct context *ctx)
{
	struct recordings recordings;
	struct err err = ERR_INIT;
	int ret = recording_read(ctx->options->judge, &recordings, &err);
	enum status status;

	if (ret == 0) {
		status = report(ctx, &recordings);
	} else {
		complain(&err);
		status = ret == -EINVAL ? STATUS_USAGE : STATUS_IO;
	}
	recordings_release(&recordings);
	return status;
}
