/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the full-screen view: waits for keys, signals and jobs, and paints the result. */
#include "app/cmd.h"

#include <errno.h>
#include <langinfo.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>

#include "app/inspect.h"
#include "app/options_parse.h"
#include "app/top_signals.h"
#include "base/alloc.h"
#include "screen/shell.h"
#include "screen/state.h"

enum { FDS_SPARE = 64, FDS_MAX = 65536, ARENAS = 2 };

/* What the loop works with. */
struct top {
	struct screen screen;
	struct term *term;
	int signalfd;
	int died_of;  /* signal, 0: no signal */
	bool is_gone; /* the terminal has hung up */
};

/* Raises the limit of open files as far as permitted, and returns the number for processes. */
static size_t raise_fd_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 0;
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = MIN(limit.rlim_max, (rlim_t)FDS_MAX);
		if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
			(void)getrlimit(RLIMIT_NOFILE, &limit);
	}
	return limit.rlim_cur > 2 * FDS_SPARE ? (size_t)limit.rlim_cur - FDS_SPARE : 0;
}

static void paint(struct top *t)
{
	auto_canvas c;
	size_t width, height, x, y;

	term_size(t->term, &width, &height);
	canvas_init(&c, width, height);
	if (t->screen.wants_repaint)
		term_repaint(t->term);
	t->screen.wants_repaint = false;
	shell_draw(&t->screen, &c, &x, &y);
	term_paint(t->term, &c, x, y);
}

static void suspend(struct top *t)
{
	term_suspend(t->term);
	top_signals_stop();
	term_resume(t->term);
}

/* Does what the key for a snapshot does, unless a text is being typed. */
static void take_snapshot(struct top *t)
{
	if (t->screen.prompt.action == ACT_NONE)
		shell_key(&t->screen, &(struct key){ .code = 'S' });
}

static void take_signals(struct top *t)
{
	int signal;

	while ((signal = top_signals_next(t->signalfd))) {
		if (signal == SIGWINCH)
			term_resize(t->term);
		else if (signal == SIGTSTP)
			suspend(t);
		else if (signal == SIGCONT)
			term_resume(t->term);
		else if (signal == SIGUSR1)
			take_snapshot(t);
		else if (signal == SIGINT)
			t->screen.is_over = true;
		else
			t->died_of = signal;
	}
}

static bool take_keys(struct top *t)
{
	struct key key;
	bool any = false;
	int ret;

	while ((ret = term_key(t->term, &key)) > 0) {
		shell_key(&t->screen, &key);
		any = true;
	}
	t->is_gone = t->is_gone || ret < 0;
	return any;
}

/* Returns whether the loop has to end. */
static bool is_over(const struct top *t)
{
	return t->screen.is_over || t->died_of || t->is_gone;
}

static void loop(struct top *t)
{
	struct pollfd fds[] = {
		{ .fd = term_fd(t->term), .events = POLLIN },
		{ .fd = t->signalfd, .events = POLLIN },
		{ .fd = jobs_fd(t->screen.env->jobs), .events = POLLIN },
	};

	for (;;) {
		int64_t wait_ns;
		struct timespec wait;
		bool changed = take_keys(t) || fds[1].revents;

		if (is_over(t))
			break;
		changed = shell_update(&t->screen, &wait_ns) || changed;
		if (changed)
			paint(t);
		wait = (struct timespec){ wait_ns / NS_PER_S, wait_ns % NS_PER_S };
		if (ppoll(fds, ARRAY_SIZE(fds), &wait, NULL) < 0 && errno != EINTR)
			break;
		t->is_gone = (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
		if (fds[1].revents)
			take_signals(t);
		if (fds[2].revents)
			jobs_drain(t->screen.env->jobs);
	}
}

static bool has_color(const struct options *o)
{
	const char *no_color = getenv("NO_COLOR");

	return o->color == COLOR_ALWAYS || (o->color == COLOR_AUTO && !(no_color && *no_color));
}

/* Sets the options of the list; with `given` only those of the command line. */
static int apply_options(struct list_view *v, const struct options *o, bool given, struct err *err)
{
	int ret = 0;

	if (o->delay_ns && (!given || options_given(o, "delay")))
		screen_set_interval(v->view.screen, o->delay_ns);
	if (o->columns && (!given || options_given(o, "columns")))
		ret = column_set_parse(o->columns, &v->columns, err);
	if (ret == 0 && o->sort && (!given || options_given(o, "sort")))
		ret = list_sort(v, o->sort, err);
	return ret;
}

/* Applies the configuration first, then the saved state, then the command line. */
static int prepare(struct screen *s, const struct options *o, struct err *err)
{
	struct list_view *v = shell_start(s);
	struct err why = ERR_INIT;
	auto_free char *saved = s->env->state_dir ? xasprintf("%s/" STATE_NAME, s->env->state_dir)
						  : NULL;
	int ret = apply_options(v, o, false, err);

	if (ret == 0 && saved && state_load(saved, v, &why) < 0 && why.code != ENOENT)
		screen_say(s, TONE_WARN, "%s", why.text);
	if (ret == 0)
		ret = apply_options(v, o, true, err);
	list_filter(v, o->name, o->user);
	return ret;
}

static enum status run(struct top *t, const struct screen_env *env, const struct options *o,
		       struct err *err)
{
	screen_init(&t->screen, env);
	t->screen.format = (struct number_format){
		.unit = o->unit,
		.ascii = o->ascii || !streq(nl_langinfo(CODESET), "UTF-8"),
	};
	if (prepare(&t->screen, o, err) < 0) {
		screen_release(&t->screen);
		return STATUS_USAGE;
	}
	loop(t);
	screen_release(&t->screen);
	return STATUS_OK;
}

/* Returns the directory of the user's state: $XDG_STATE_HOME or its default. */
static char *state_dir(void)
{
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (xdg && *xdg == '/')
		return xasprintf("%s/memspect", xdg);
	return home && *home == '/' ? xasprintf("%s/.local/state/memspect", home) : NULL;
}

static struct screen_env make_env(const struct context *ctx, struct jobs *jobs)
{
	const struct config *c = ctx->config;

	return (struct screen_env){
		.inspect = context_inspect_opts(ctx),
		.jobs = jobs,
		.host = ctx->host,
		.version = PACKAGE_VERSION,
		.pids = ctx->options->pids,
		.n_pids = ctx->options->n_pids,
		.max_fds = raise_fd_limit(),
		.snapshot_dir = c->snapshot_dir ? xstrdup(c->snapshot_dir)
						: store_default_path(
							  geteuid() == 0, getenv("STATE_DIRECTORY"),
							  getenv("XDG_STATE_HOME"), getenv("HOME")),
		.state_dir = state_dir(),
		.policy = { .keep = c->snapshot_keep,
			    .keep_days = c->snapshot_keep_days,
			    .keep_bytes = c->snapshot_keep_mb * 1000000 },
	};
}

static enum status show(const struct context *ctx)
{
	/* An abandoned thread may still use it while the program ends. */
	static struct screen_env env;
	struct top t = { .signalfd = -1 };
	struct err err = ERR_INIT;
	struct jobs *jobs = jobs_new();
	enum status status = STATUS_OK;

	/* Otherwise each thread keeps a heap for memory that it has freed. */
	(void)mallopt(M_ARENA_MAX, ARENAS);
	if (!jobs)
		(void)err_set_errno(&err, errno, "events");
	if (!err.code && term_open(has_color(ctx->options), &t.term, &err) == 0) {
		top_signals_rescue(term_rescue(t.term));
		t.signalfd = top_signals_open(&err);
	}
	if (!err.code) {
		env = make_env(ctx, jobs);
		status = run(&t, &env, ctx->options, &err);
	}
	top_signals_rescue(NULL);
	term_close(t.term);
	jobs_free(jobs);
	util_cleanup_close(&t.signalfd);
	if (err.code) {
		complain(&err);
		return err.code == EINVAL ? STATUS_USAGE : STATUS_IO;
	}
	if (t.died_of)
		top_signals_die(t.died_of);
	return status;
}

/* Returns whether at least one of the named processes exists. */
static bool has_processes(const struct context *ctx)
{
	const struct options *o = ctx->options;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < o->n_pids; i++) {
		auto_close int dirfd = procfs_open_pid(ctx->fs, o->pids[i]);

		if (dirfd >= 0)
			return true;
	}
	if (o->n_pids == 0)
		return true;
	(void)err_set(&err, ESRCH, "process %d: no such process", o->pids[0]);
	complain(&err);
	return false;
}

enum status cmd_top(const struct context *ctx)
{
	return has_processes(ctx) ? show(ctx) : STATUS_NONE;
}
