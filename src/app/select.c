/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/select.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/index.h"
#include "base/num.h"
#include "base/pattern.h"
#include "base/text.h"
#include "base/workers.h"
#include "proc/cgroup.h"
#include "proc/procinfo.h"

enum { CMDLINE_MAX = 64 << 10, DEADLINE_S = 1, THREADS = 2 };

/* The files of a process that a selection can depend on. */
enum {
	READ_STAT = 1 << 0, /* name and parent */
	READ_STATUS = 1 << 1,
	READ_CMDLINE = 1 << 2,
	READ_CGROUP = 1 << 3,
};

/* The conditions that processes must meet. */
struct filter {
	unsigned int reads; /* READ_ bits; 0: every process matches */
	bool full;
	regex_t name; /* compiled if has_name */
	bool has_name;
	uint64_t uid; /* effective */
	bool has_uid;
	char *cgroup; /* without a slash at its end, except "/" */
};

static void filter_release(struct filter *f)
{
	if (f->has_name)
		regfree(&f->name);
	free(f->cgroup);
}

#define auto_filter __attribute__((cleanup(filter_release))) struct filter

/*
 * What one thread reads of a process. If the process never answers, the thread owns this for good.
 */
struct probe {
	const struct procfs *fs;
	pid_t pid;
	unsigned int reads;
	int result; /* 0, or -errno of the first file that could not be read */
	struct proc_stat stat;
	struct proc_status status;
	struct sbuf cmdline, cgroup;
};

/* A process that may be selected. */
struct candidate {
	pid_t pid, ppid;
	bool named;    /* selected by number */
	bool eligible; /* the filter decides; else only descent can select it */
	bool selected;
	bool visited; /* its ancestors were checked */
};

struct candidates {
	struct candidate *at;
	size_t n, cap;
};

static void candidates_release(struct candidates *c)
{
	free(c->at);
}

#define auto_candidates __attribute__((cleanup(candidates_release))) struct candidates

static int set_name(struct filter *f, const struct options *o, struct err *err)
{
	char why[PATTERN_WHY_MAX];

	if (!pattern_compile(&f->name, o->name, 0, why))
		return err_set(err, EINVAL, "name '%.60s': %s", o->name, why);
	f->has_name = true;
	f->full = o->full;
	f->reads |= o->full ? READ_CMDLINE : READ_STAT;
	return 0;
}

/* A name has precedence over a number, as for chown(1). */
static int set_user(struct filter *f, const char *user, struct err *err)
{
	char buf[4096];
	struct passwd pw, *found = NULL;

	(void)getpwnam_r(user, &pw, buf, sizeof(buf), &found);
	f->uid = found ? pw.pw_uid : 0;
	if (!found && (num_parse_u64(user, &f->uid) < 0 || f->uid > UINT32_MAX))
		return err_set(err, EINVAL, "user '%.60s': no such user", user);
	f->has_uid = true;
	f->reads |= READ_STATUS;
	return 0;
}

static int group_of_process(const struct procfs *fs, uint64_t pid, struct sbuf *out,
			    struct err *err)
{
	auto_close int dirfd = pid <= INT32_MAX ? procfs_open_pid(fs, (pid_t)pid) : -ENOENT;
	int ret = dirfd < 0 ? dirfd : cgroup_path_read(dirfd, out);

	if (ret == -ESRCH || (ret == -ENOENT && dirfd < 0))
		return err_set(err, ESRCH, "control group of process %" PRIu64 ": no such process",
			       pid);
	if (ret == -ENODATA)
		return err_set(err, ESRCH,
			       "control group of process %" PRIu64 ": no memory controller", pid);
	return ret < 0 ? err_set(err, -ret, "control group of process %" PRIu64 ": %s", pid,
				 reason_errno_text(ret))
		       : 0;
}

static int set_cgroup(struct filter *f, const struct procfs *fs, const char *arg, struct err *err)
{
	auto_sbuf path = SBUF_INIT;
	uint64_t pid;
	int ret = 0;

	if (*arg == '/')
		sbuf_adds(&path, arg);
	else if (num_parse_u64(arg, &pid) == 0)
		ret = group_of_process(fs, pid, &path, err);
	else
		ret = err_set(err, EINVAL,
			      "control group '%.60s': neither a PID nor a path from the top", arg);
	if (ret < 0)
		return ret;
	while (path.len > 1 && path.data[path.len - 1] == '/')
		path.data[--path.len] = '\0';
	f->cgroup = sbuf_steal(&path);
	f->reads |= READ_CGROUP;
	return 0;
}

static int filter_init(struct filter *f, const struct procfs *fs, const struct options *o,
		       struct err *err)
{
	int ret = 0;

	if (o->name)
		ret = set_name(f, o, err);
	if (ret == 0 && o->user)
		ret = set_user(f, o->user, err);
	if (ret == 0 && o->cgroup)
		ret = set_cgroup(f, fs, o->cgroup, err);
	return ret;
}

static void probe_run(void *arg)
{
	struct probe *p = arg;
	auto_close int dirfd = procfs_open_pid(p->fs, p->pid);
	int ret = MIN(dirfd, 0);

	if (ret == 0 && p->reads & READ_STAT)
		ret = proc_stat_read(dirfd, &p->stat);
	if (ret == 0 && p->reads & READ_STATUS)
		ret = proc_status_read(dirfd, &p->status);
	if (ret == 0 && p->reads & READ_CGROUP)
		ret = cgroup_path_read(dirfd, &p->cgroup);
	if (ret == -ENODATA)
		ret = 0; /* not in a group: no path */
	if (ret == 0 && p->reads & READ_CMDLINE)
		ret = proc_cmdline_read(dirfd, CMDLINE_MAX, &p->cmdline);
	p->result = ret;
}

static void probe_free(struct probe *p)
{
	sbuf_release(&p->cmdline);
	sbuf_release(&p->cgroup);
	free(p);
}

static bool matches_name(const struct filter *f, struct probe *p)
{
	struct sbuf *args = &p->cmdline;

	if (!f->full)
		return regexec(&f->name, p->stat.comm, 0, NULL, 0) == 0;
	while (args->len && !args->data[args->len - 1])
		args->len--;
	text_join_arguments(args->data, args->len);
	return regexec(&f->name, sbuf_str(args), 0, NULL, 0) == 0;
}

/* Returns whether the path is the group or below it. */
static bool matches_cgroup(const struct filter *f, const char *path)
{
	size_t n = streq(f->cgroup, "/") ? 0 : strlen(f->cgroup);

	return *path && strncmp(path, f->cgroup, n) == 0 && (!path[n] || path[n] == '/');
}

static bool matches(const struct filter *f, struct probe *p)
{
	struct amount uid = p->status.v[PS_UID];

	if (f->has_name && !matches_name(f, p))
		return false;
	if (f->has_uid && !(amount_ok(uid) && uid.value == f->uid))
		return false;
	return !f->cgroup || matches_cgroup(f, sbuf_str(&p->cgroup));
}

static struct probe *probe_new(const struct procfs *fs, pid_t pid, unsigned int reads)
{
	struct probe *p = xcalloc(1, sizeof(*p));

	*p = (struct probe){ .fs = fs, .pid = pid, .reads = reads };
	return p;
}

/*
 * Applies the filter to what was read. A named process stays selected if its files cannot be read.
 */
static void candidate_judge(struct candidate *c, const struct filter *f, struct probe *p)
{
	c->ppid = p->stat.ppid;
	if (c->eligible)
		c->selected = p->result == 0 ? matches(f, p) : c->named;
}

/*
 * Reads the files that the filter and the descent depend on, and selects the candidates that match.
 */
static int candidates_probe(struct candidates *c, const struct procfs *fs, const struct filter *f,
			    bool tree, struct err *err)
{
	auto_free struct workers_job *jobs = xcalloc(c->n + 1, sizeof(*jobs));
	int ret;

	for (size_t i = 0; i < c->n; i++) {
		unsigned int reads = (c->at[i].eligible ? f->reads : 0) | (tree ? READ_STAT : 0);

		jobs[i].run = probe_run;
		jobs[i].arg = probe_new(fs, c->at[i].pid, reads);
	}
	ret = workers_run(jobs, c->n, THREADS, DEADLINE_S * NS_PER_S);
	for (size_t i = 0; i < c->n; i++) {
		if (ret == 0 && jobs[i].abandoned) {
			c->at[i].selected = c->at[i].named;
			continue; /* the thread owns its probe */
		}
		candidate_judge(&c->at[i], f, jobs[i].arg);
		probe_free(jobs[i].arg);
	}
	return ret < 0 ? err_set_errno(err, -ret, "threads") : 0;
}

static bool same_pid(const void *arg, uint32_t i, const void *key)
{
	return ((const struct candidates *)arg)->at[i].pid == *(const pid_t *)key;
}

static uint32_t find_pid(const struct candidates *c, const struct index *ix, pid_t pid)
{
	return index_find(ix, index_hash_u64((uint64_t)pid, 0), same_pid, c, &pid);
}

/*
 * Selects the processes with a selected ancestor: searches upwards to the first one that is
 * selected or was visited before, and if that one is selected, selects all on the way. A recorded
 * tree may have circles; the search ends where it began.
 */
static void select_descendants(struct candidates *c)
{
	struct index ix = INDEX_INIT;

	for (size_t i = 0; i < c->n; i++)
		index_add(&ix, index_hash_u64((uint64_t)c->at[i].pid, 0), (uint32_t)i);
	for (size_t i = 0; i < c->n; i++) {
		uint32_t at = (uint32_t)i;
		bool found;

		while (at != INDEX_NONE && !c->at[at].selected && !c->at[at].visited) {
			c->at[at].visited = true;
			at = find_pid(c, &ix, c->at[at].ppid);
		}
		found = at != INDEX_NONE && c->at[at].selected;
		for (at = (uint32_t)i; found && !c->at[at].selected;) {
			c->at[at].selected = true;
			at = find_pid(c, &ix, c->at[at].ppid);
		}
	}
	index_release(&ix);
}

static void candidates_add(struct candidates *c, pid_t pid, bool named, bool eligible)
{
	c->at = xgrow(c->at, c->n, &c->cap, sizeof(*c->at));
	c->at[c->n++] = (struct candidate){
		.pid = pid, .named = named, .eligible = eligible, .selected = eligible
	};
}

static bool is_named(const struct options *o, pid_t pid)
{
	for (size_t i = 0; i < o->n_pids; i++) {
		if (o->pids[i] == pid)
			return true;
	}
	return false;
}

/* Collects the named processes, and all others if a filter can select them. */
static int candidates_collect(struct candidates *c, const struct procfs *fs,
			      const struct options *o, struct err *err)
{
	auto_free pid_t *pids = NULL;
	size_t n = 0;
	int ret = 0;

	for (size_t i = 0; i < o->n_pids; i++)
		candidates_add(c, o->pids[i], true, true);
	if (!o->n_pids || o->tree)
		ret = procfs_list(fs, &pids, &n, err);
	for (size_t i = 0; i < n; i++) {
		if (!is_named(o, pids[i]))
			candidates_add(c, pids[i], false, !o->n_pids);
	}
	return ret;
}

/* Sets err to "name 'x', user 'y': no process matches", with the filters that were given. */
static int set_no_match(const struct options *o, struct err *err)
{
	const struct {
		const char *what, *value;
	} given[] = {
		{ o->full ? "command line" : "name", o->name },
		{ "user", o->user },
		{ "control group", o->cgroup },
	};
	auto_sbuf text = SBUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(given); i++) {
		if (given[i].value)
			sbuf_addf(&text, "%s%s '%.60s'", text.len ? ", " : "", given[i].what,
				  given[i].value);
	}
	return err_set(err, ESRCH, "%s%sno process matches", sbuf_str(&text), text.len ? ": " : "");
}

int select_pids(const struct procfs *fs, const struct options *o, pid_t **ret_pids, size_t *ret_n,
		size_t *ret_n_named, struct err *err)
{
	auto_filter f = { .reads = 0 };
	auto_candidates c = { .n = 0 };
	auto_free pid_t *pids = NULL;
	size_t n = 0, n_named = 0;
	int ret;

	ret = filter_init(&f, fs, o, err);
	if (ret == 0)
		ret = candidates_collect(&c, fs, o, err);
	if (ret == 0 && (f.reads || (o->tree && o->n_pids)))
		ret = candidates_probe(&c, fs, &f, o->tree, err);
	if (ret < 0)
		return ret;
	if (o->tree)
		select_descendants(&c);
	pids = xcalloc(c.n + 1, sizeof(*pids));
	for (size_t i = 0; i < c.n; i++) {
		if (!c.at[i].selected)
			continue;
		pids[n++] = c.at[i].pid;
		n_named += c.at[i].named;
	}
	if (n == 0)
		return set_no_match(o, err);
	*ret_pids = steal_ptr(pids);
	*ret_n = n;
	*ret_n_named = n_named;
	return 0;
}
