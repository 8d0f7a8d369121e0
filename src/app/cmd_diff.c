/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/cmd.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>

#include "analysis/diff/diff.h"
#include "app/inspect.h"
#include "app/output.h"
#include "base/alloc.h"
#include "base/num.h"
#include "model/snapfile/snapfile.h"
#include "present/build/diff.h"

enum { NAMED_IN_ERROR = 6 };

/* OLD or NEW: a process, or all processes of a snapshot file. */
struct operand {
	const char *text;
	pid_t pid;                     /* 0: a file */
	struct inspection *inspection; /* owned; read from the process */
	struct snapfile file;
	struct accounting *accountings; /* of the processes in the file */
	struct diff_side *sides;        /* one for each process */
	bool *is_paired;
	size_t n;
};

static bool is_running(const struct context *ctx, pid_t pid)
{
	auto_close int dirfd = procfs_open_pid(ctx->fs, pid);

	return dirfd >= 0;
}

/* Initialises an operand. A number is a PID, unless a file of that name exists. */
static void operand_init(struct operand *o, const char *text, const struct context *ctx)
{
	struct err notice = ERR_INIT;
	uint64_t pid;

	*o = (struct operand){ .text = text };
	if (num_parse_u64(text, &pid) < 0 || pid == 0 || pid > INT_MAX)
		return;
	if (access(text, F_OK) != 0) {
		o->pid = (pid_t)pid;
	} else if (is_running(ctx, (pid_t)pid)) {
		(void)err_set(&notice, EEXIST, "%s: is both a file and a process; the file is used",
			      text);
		complain(&notice);
	}
}

static void add_side(struct operand *o, const struct snapshot *s, const struct accounting *a,
		     const struct diff_side *about)
{
	struct diff_side *side = &o->sides[o->n++];

	*side = *about;
	side->snapshot = s;
	side->accounting = a;
}

static void make_room(struct operand *o, size_t n)
{
	o->sides = xcalloc(n, sizeof(*o->sides));
	o->is_paired = xcalloc(n, sizeof(*o->is_paired));
}

static enum status read_file(struct operand *o)
{
	struct diff_side about = { .file = o->text };
	struct err err = ERR_INIT;
	int ret = snapfile_read(o->text, &o->file, &err);

	if (ret < 0) {
		complain(&err);
		return ret == -EINVAL ? STATUS_USAGE : STATUS_IO;
	}
	about.host = o->file.host;
	about.taken_wall_ns = o->file.generated_wall_ns;
	make_room(o, o->file.n);
	o->accountings = xcalloc(o->file.n, sizeof(*o->accountings));
	for (size_t i = 0; i < o->file.n; i++) {
		accounting_init(&o->accountings[i], o->file.processes[i]);
		add_side(o, o->file.processes[i], &o->accountings[i], &about);
	}
	return STATUS_OK;
}

static enum status read_process(struct operand *o, const struct context *ctx,
				const struct inspect_opts *opts)
{
	struct diff_side about = { .host = ctx->host };
	struct inspection *in = inspection_new(opts, o->pid);

	o->inspection = in;
	inspection_read(in);
	if (in->result < 0) {
		complain(&in->err);
		return status_of_error(in->result);
	}
	about.taken_wall_ns = in->wall_ns;
	make_room(o, 1);
	add_side(o, &in->snapshot, &in->accounting, &about);
	return status_worse(status_of_regions(&in->snapshot), status_of_walk(in));
}

static void operand_release(struct operand *o)
{
	for (size_t i = 0; o->accountings && i < o->n; i++)
		accounting_release(&o->accountings[i]);
	if (o->accountings)
		snapfile_release(&o->file);
	inspection_free(o->inspection);
	free(o->sides);
	free(o->accountings);
	free(o->is_paired);
}

/* The pairs that are compared. */
struct pairs {
	struct diff *diffs;
	size_t n;
	struct diff_side *left[2]; /* processes of OLD and NEW without a partner */
	size_t n_left[2];
};

static void add_pair(struct pairs *p, struct operand *a, size_t i, struct operand *b, size_t k)
{
	a->is_paired[i] = b->is_paired[k] = true;
	diff_init(&p->diffs[p->n++], &a->sides[i], &b->sides[k]);
}

/* Pairs processes that have the same PID and, unless `any_start`, the same start. */
static void pair_by_pid(struct pairs *p, struct operand *a, struct operand *b, bool any_start)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct snapshot *s = a->sides[i].snapshot;

		for (size_t k = 0; k < b->n && !a->is_paired[i]; k++) {
			const struct snapshot *other = b->sides[k].snapshot;

			if (!b->is_paired[k] && s->pid == other->pid &&
			    (any_start || s->stat.start_ticks == other->stat.start_ticks))
				add_pair(p, a, i, b, k);
		}
	}
}

static void collect_left(struct pairs *p, const struct operand *operands)
{
	for (int i = 0; i < 2; i++) {
		const struct operand *o = &operands[i];

		p->left[i] = xcalloc(o->n, sizeof(*p->left[i]));
		/* If a PID selects one process of a file, the others are not missing. */
		for (size_t k = 0; !operands[!i].pid && k < o->n; k++) {
			if (!o->is_paired[k])
				p->left[i][p->n_left[i]++] = o->sides[k];
		}
	}
}

static void pairs_init(struct pairs *ret, struct operand *operands)
{
	struct operand *a = &operands[0], *b = &operands[1];

	*ret = (struct pairs){ .diffs = xcalloc(MIN(a->n, b->n), sizeof(*ret->diffs)) };
	pair_by_pid(ret, a, b, false);
	pair_by_pid(ret, a, b, true);
	if (ret->n == 0 && a->n == 1 && b->n == 1)
		add_pair(ret, a, 0, b, 0);
	collect_left(ret, operands);
}

static void pairs_release(struct pairs *p)
{
	for (size_t i = 0; i < p->n; i++)
		diff_release(&p->diffs[i]);
	free(p->diffs);
	free(p->left[0]);
	free(p->left[1]);
}

/* Appends "FILE has 12 (nginx), 13 (nginx) and 40 more". */
static void add_names(struct sbuf *out, const struct operand *o)
{
	size_t n = MIN(o->n, (size_t)NAMED_IN_ERROR);

	if (!o->pid)
		sbuf_addf(out, "%.80s has ", o->text);
	for (size_t i = 0; i < n; i++)
		sbuf_addf(out, "%s%d (%s)", i ? ", " : "", o->sides[i].snapshot->pid,
			  o->sides[i].snapshot->stat.comm);
	if (o->n > n)
		sbuf_addf(out, " and %zu more", o->n - n);
}

static enum status no_pair(const struct operand *a, const struct operand *b)
{
	auto_sbuf olds = SBUF_INIT, news = SBUF_INIT;
	struct err err = ERR_INIT;

	add_names(&olds, a);
	add_names(&news, b);
	(void)err_set(&err, ESRCH, "no process is on both sides: %s; %s", sbuf_str(&olds),
		      sbuf_str(&news));
	complain(&err);
	return STATUS_NONE;
}

static enum status compare(const struct context *ctx, struct operand *operands)
{
	const char *boot_id = operands[1].sides[0].snapshot->sys.boot_id;
	struct report report = REPORT_INIT;
	struct build_opts build;
	struct diff_view view;
	struct pairs pairs;
	enum status status;

	pairs_init(&pairs, operands);
	if (pairs.n > 0) {
		view = (struct diff_view){
			.diffs = pairs.diffs,
			.n = pairs.n,
			.old_left = pairs.left[0],
			.n_old_left = pairs.n_left[0],
			.new_left = pairs.left[1],
			.n_new_left = pairs.n_left[1],
		};
		build = context_build_opts(ctx, boot_id);
		build_diff(&report, &view, &build);
		status = output_report(ctx, &report, ctx->options->regions);
		report_release(&report);
	} else {
		status = no_pair(&operands[0], &operands[1]);
	}
	pairs_release(&pairs);
	return status;
}

/* Refuses --deep for two files, which cannot be walked again. */
static int check_deep(const struct operand *operands, struct err *err)
{
	if (operands[0].pid || operands[1].pid)
		return 0;
	return err_set(err, EINVAL, "--deep: reads a process, and both of --diff are files");
}

enum status cmd_diff(const struct context *ctx)
{
	struct inspect_opts opts = context_inspect_opts(ctx);
	struct operand operands[2];
	struct err err = ERR_INIT;
	enum status status = STATUS_OK;
	bool have_files;

	for (int i = 0; i < 2; i++)
		operand_init(&operands[i], ctx->options->operands[i], ctx);
	if (ctx->options->deep && check_deep(operands, &err) < 0) {
		complain(&err);
		return STATUS_USAGE;
	}
	opts.with_cmdline = false; /* not shown */
	if (ctx->options->deep)
		inspect_catch_interrupt(&opts);
	for (int i = 0; i < 2; i++) {
		if (!operands[i].pid)
			status = status_worse(status, read_file(&operands[i]));
	}
	/*
	 * Processes are read last, one right after the other, so that they are nearly simultaneous.
	 */
	have_files = status == STATUS_OK;
	for (int i = 0; i < 2; i++) {
		if (operands[i].pid && have_files)
			status = status_worse(status, read_process(&operands[i], ctx, &opts));
	}
	if (operands[0].n > 0 && operands[1].n > 0)
		status = status_worse(status, compare(ctx, operands));
	for (int i = 0; i < 2; i++)
		operand_release(&operands[i]);
	return status;
}
