/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/view/export.h"

#include <assert.h>
#include <errno.h>

#include "present/render/render.h"

/* The head of an exported table. */
struct exported {
	const char *schema, *host, *boot_id, *title;
	int64_t wall_ns;
	const struct table *rows;
};

static const struct column root_columns[] = {
	COLUMN("schema", "", CELL_ID, "memspect.table/1", .flags = COL_DATA,
	       FIELD(struct exported, schema)),
	COLUMN("generated_at", "", CELL_TIME, "UTC", .flags = COL_DATA,
	       FIELD(struct exported, wall_ns)),
	COLUMN("host", "", CELL_TEXT, "name of the host", .flags = COL_DATA,
	       FIELD(struct exported, host)),
	COLUMN("boot_id", "", CELL_TEXT, "of the running kernel", .flags = COL_DATA,
	       FIELD(struct exported, boot_id)),
	COLUMN("title", "", CELL_ID, "what is shown", .flags = COL_DATA,
	       FIELD(struct exported, title)),
	COLUMN("rows", "", CELL_TABLE, "its rows, in their order", FIELD(struct exported, rows)),
};

static void build_root(const struct screen *s, struct report *r, const struct table *rows)
{
	const char *host = s->env->host, *boot_id = s->host.sys.boot_id;
	const struct exported exported = {
		.schema = "memspect.table/1",
		.wall_ns = env_wall(s->env),
		.host = *host ? host : NULL,
		.boot_id = *boot_id ? boot_id : NULL,
		.title = s->top->ops->title,
		.rows = rows,
	};

	report_set_root(r, OBJECT_OF(r, root_columns, &exported), cell_table(rows));
}

int export_render(const struct screen *s, bool json, struct sbuf *out)
{
	struct render_opts opts = { .unit = s->format.unit,
				    .ascii = s->format.ascii,
				    .headings = true };
	struct report report = REPORT_INIT;
	const struct table *rows = NULL;
	auto_free char *bytes = NULL;
	size_t n = 0;
	FILE *file = open_memstream(&bytes, &n);
	int ret = file ? 0 : -errno;

	if (ret == 0 && s->top->ops->report)
		rows = s->top->ops->report(s->top, &report);
	if (ret == 0 && !rows)
		ret = -ENODATA;
	if (ret == 0) {
		build_root(s, &report, rows);
		assert(report_has_main(&report));
		ret = renderer_find(json ? "json" : "text")->render(&report, &opts, file);
	}
	if (file && fclose(file) != 0 && ret == 0)
		ret = -errno;
	if (ret == 0)
		sbuf_add(out, bytes, n);
	report_release(&report);
	return ret;
}

static void answer(struct view *v, enum action asked attr_unused, const char *text, bool is_final)
{
	struct screen *s = v->screen;
	auto_sbuf bytes = SBUF_INIT;
	int ret;

	if (!is_final || !text || !*text || !s->saver)
		return;
	ret = export_render(s, ends_with(text, ".json"), &bytes);
	if (ret == -ENODATA)
		screen_say(s, TONE_WARN, "there is nothing to export");
	else if (ret < 0)
		screen_say(s, TONE_BAD, "not exported: %s", reason_errno_text(ret));
	else if (saver_file(s->saver, text, &bytes) < 0)
		screen_say(s, TONE_WARN, "not exported: other files are still being written");
}

void export_ask(struct screen *s)
{
	char time[FMT_MAX], preset[64] = "memspect-";
	size_t n = strlen(preset);

	/* Takes the digits of date and time from "2024-05-01T12:04:31.000Z". */
	(void)cell_time_text(time, env_wall(s->env));
	for (const char *p = time; *p && *p != '.'; p++) {
		if ((*p >= '0' && *p <= '9') || *p == 'T')
			preset[n++] = *p;
	}
	(void)snprintf(preset + n, sizeof(preset) - n, "Z.txt");
	screen_ask_for(s, ACT_EXPORT, "Export to (text, or .json): ", preset, answer);
}
