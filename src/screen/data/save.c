/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/data/save.h"

#include <errno.h>
#include <fcntl.h>

#include "base/alloc.h"
#include "base/named_file.h"
#include "present/render/snapshot_text.h"
#include "screen/env.h"

enum { TASKS = 4 }; /* writes at a time */

/* A snapshot or file that is being written. */
struct task {
	const struct screen_env *env;
	pid_t pid;
	struct inspection *inspection; /* owned; NULL: it is a file */
	char *path;                    /* owned */
	struct sbuf bytes;
	struct err err;
	struct sbuf said; /* the message when it is done */
};

struct saver {
	const struct screen_env *env;
	struct job *jobs[TASKS];
};

static void task_free(void *arg)
{
	struct task *t = arg;

	inspection_free(t->inspection);
	free(t->path);
	sbuf_release(&t->bytes);
	sbuf_release(&t->said);
	free(t);
}

static int fill_snapshot(FILE *out, void *arg)
{
	const struct task *t = arg;
	struct build_opts opts = env_build_opts(t->env, t->inspection);
	struct process_inputs inputs = process_inputs_of(t->inspection);

	return snapshot_write(&inputs, 1, NULL, &opts, out);
}

static void run_snapshot(void *arg)
{
	struct task *t = arg;
	auto_store store = STORE_INIT;
	char name[STORE_NAME_MAX];
	size_t removed;
	int64_t wall_ns = env_wall(t->env);

	inspection_run(t->inspection);
	if (t->inspection->result < 0) {
		t->err = t->inspection->err;
		return;
	}
	if (store_open(t->path, &store, &t->err) < 0 ||
	    store_add(&store, wall_ns, fill_snapshot, t, name, &t->err) < 0)
		return;
	sbuf_addf(&t->said, "snapshot of process %d: %s/%s", t->pid, t->path, name);
	(void)store_prune(&store, &t->env->policy, wall_ns, name, &removed, &t->err);
}

static int fill_file(FILE *out, void *arg)
{
	const struct task *t = arg;

	errno = 0;
	if (fwrite(sbuf_str(&t->bytes), 1, t->bytes.len, out) == t->bytes.len)
		return 0;
	return errno ? -errno : -EIO;
}

static void run_file(void *arg)
{
	struct task *t = arg;
	int ret = named_file_write(t->path, fill_file, t);

	if (ret < 0)
		(void)err_set_errno(&t->err, -ret, "%s", t->path);
	else
		sbuf_addf(&t->said, "written: %s", t->path);
}

static void run_state(void *arg)
{
	struct task *t = arg;
	auto_store store = STORE_INIT;

	if (store_open(t->path, &store, &t->err) == 0 &&
	    store_put(&store, STATE_NAME, fill_file, t, &t->err) == 0)
		sbuf_addf(&t->said, "saved: %s/" STATE_NAME, t->path);
}

struct saver *saver_new(const struct screen_env *env)
{
	struct saver *k = xcalloc(1, sizeof(*k));

	k->env = env;
	return k;
}

void saver_free(struct saver *k)
{
	for (size_t i = 0; k && i < TASKS; i++)
		job_abandon(&k->jobs[i]);
	free(k);
}

static int start(struct saver *k, void (*run)(void *arg), struct task *t)
{
	size_t i = 0;

	while (i < TASKS && k->jobs[i])
		i++;
	if (i < TASKS)
		k->jobs[i] = job_start(k->env->jobs, run, task_free, t);
	if (i < TASKS && k->jobs[i])
		return 0;
	task_free(t);
	return -EBUSY;
}

int saver_snapshot(struct saver *k, pid_t pid, uint64_t start_ticks)
{
	struct task *t;

	if (!k->env->snapshot_dir)
		return -ENOENT;
	t = xcalloc(1, sizeof(*t));
	t->env = k->env;
	t->pid = pid;
	t->path = xstrdup(k->env->snapshot_dir);
	t->inspection = inspection_new(&k->env->inspect, pid);
	t->inspection->start_ticks = start_ticks;
	return start(k, run_snapshot, t);
}

static int start_file(struct saver *k, void (*run)(void *arg), const char *path, struct sbuf *bytes)
{
	struct task *t = xcalloc(1, sizeof(*t));

	t->env = k->env;
	t->path = xstrdup(path);
	t->bytes = *bytes;
	*bytes = (struct sbuf)SBUF_INIT;
	return start(k, run, t);
}

int saver_file(struct saver *k, const char *path, struct sbuf *bytes)
{
	return start_file(k, run_file, path, bytes);
}

int saver_state(struct saver *k, struct sbuf *bytes)
{
	return k->env->state_dir ? start_file(k, run_state, k->env->state_dir, bytes) : -ENOENT;
}

bool saver_poll(struct saver *k, struct sbuf *text, enum tone *ret_tone)
{
	for (size_t i = 0; i < TASKS; i++) {
		struct task *t;

		if (!k->jobs[i] || !job_is_done(k->jobs[i]))
			continue;
		t = job_take(&k->jobs[i]);
		sbuf_reset(text);
		sbuf_adds(text, t->said.len ? t->said.data : t->err.text);
		*ret_tone = t->said.len ? TONE_GOOD : TONE_BAD;
		task_free(t);
		return true;
	}
	return false;
}
