/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpython_show [-ap] [-n TIMES] [-l LARGE] PID: prints the Python runtimes of a live process, a
 * line of JSON each time. -p adds previews, -a also walks malloc. For live tests, which compare the
 * output with Python's own.
 */
#include <getopt.h>
#include <jansson.h>
#include <sys/resource.h>
#include <time.h>

#include "base/num.h"
#include "model/snapshot/capture.h"
#include "walk/runtime/cpython/cpython.h"
#include "walk/walkers.h"

static json_int_t n(uint64_t value)
{
	return (json_int_t)value;
}

static json_t *pymalloc(const struct pymalloc_stats *m)
{
	json_t *classes = json_array();

	for (size_t i = 0; i < PYMALLOC_CLASSES; i++)
		json_array_append_new(classes, json_pack("[III]", n(m->classes[i].pools),
							 n(m->classes[i].live_blocks),
							 n(m->classes[i].free_blocks)));
	return json_pack("{sI sI sI sI sI sI sI sI sI sI sI so}", "arenas", n(m->arenas),
			 "arena_bytes", n(m->total.system_bytes), "live", n(m->total.live_bytes),
			 "free", n(m->total.free_bytes - m->total.idle_bytes), "free_pools",
			 n(m->total.idle_bytes), "untouched", n(m->total.top_bytes), "overhead",
			 n(m->total.overhead_bytes), "packed", n(m->packed_bytes), "stray_pools",
			 n(m->orphan_pools), "torn_pools", n(m->torn_pools), "unread",
			 n(m->unread_bytes), "classes", classes);
}

static json_t *large(const struct walk_runtime *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->n_large; i++) {
		const struct walk_large *l = &c->large[i];

		json_array_append_new(list,
				      json_pack("{ss ss? sI sI sI sb}", "type", l->type, "preview",
						l->preview, "bytes", n(l->bytes), "resident",
						n(l->resident_bytes), "length",
						amount_ok(l->length) ? n(l->length.value) : -1,
						"view", l->is_view));
	}
	return list;
}

static json_t *types(const struct walk_runtime *c)
{
	json_t *rows = json_object();

	for (size_t i = 0; i < c->n_kinds; i++)
		json_object_set_new(rows, c->kinds[i].name,
				    json_pack("[III]", n(c->kinds[i].count), n(c->kinds[i].bytes),
					      n(c->kinds[i].block_bytes)));
	return rows;
}

static json_t *runtime(const struct walk_runtime *c)
{
	return json_pack("{ss? ss? ss? sI sI sI sI sb sb s[IIII] so so so}", "version", c->version,
			 "module", c->module, "unread",
			 walk_unread_text(c->unread, c->unread_other), "objects",
			 n(c->total.objects.value), "bytes", n(c->bytes.value), "block_bytes",
			 n(c->cpython->block_bytes), "buffers", n(c->buffers_bytes.value), "debug",
			 c->cpython->debug_hooks, "whole", c->cpython->whole, "rejected",
			 n(c->cpython->rejected.misfits), n(c->cpython->rejected.keys),
			 n(c->cpython->rejected.buffers), n(c->cpython->rejected.pools), "pymalloc",
			 pymalloc(&c->cpython->pymalloc), "large", large(c), "types", types(c));
}

/* Returns the resident bytes that were attributed, by owner and line. */
static json_t *attributions(const struct walk *walk)
{
	json_t *owners = json_object();

	for (size_t i = 0; i < walk->attributions.n; i++) {
		const struct attribution *c = &walk->attributions.v[i];
		const char *line = walk_line_descs[c->line].id;
		json_t *lines = json_object_get(owners, walk->owners[c->owner].name);

		if (!lines) {
			lines = json_object();
			json_object_set_new(owners, walk->owners[c->owner].name, lines);
		}
		json_object_set_new(lines, line,
				    json_integer(json_integer_value(json_object_get(lines, line)) +
						 n(c->bytes)));
	}
	return owners;
}

/* Returns the processor time of this process. */
static int64_t cpu_ns(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int show(const struct procfs *fs, pid_t pid, const struct walk_opts *opts)
{
	const struct capture_opts capture = { .rules = &rules_std, .clock = &clock_system };
	auto_close int dirfd = procfs_open_pid(fs, pid);
	json_t *runtimes, *root;
	struct snapshot snap;
	struct rusage usage;
	struct walk walk;
	struct err err = ERR_INIT;
	int64_t started;
	int ret = snapshot_capture(fs, pid, &capture, &snap, &err);

	if (ret < 0)
		return ret;
	started = cpu_ns();
	ret = walk_read(&snap, dirfd, opts, &walk);
	if (ret < 0) {
		snapshot_release(&snap);
		return ret;
	}
	(void)getrusage(RUSAGE_SELF, &usage);
	runtimes = json_array();
	for (size_t i = 0; i < walk.n_runtimes; i++)
		json_array_append_new(runtimes, runtime(&walk.runtimes[i]));
	root = json_pack("{sI sI sI sI sI ss? sI so so}", "scan_ns", (json_int_t)walk.scan_ns,
			 "cpu_ns", (json_int_t)(cpu_ns() - started), "bytes_read",
			 n(walk.mem->bytes_read), "reads", n(walk.mem->reads), "peak_rss",
			 (json_int_t)usage.ru_maxrss * 1024, "partial", walk.partial, "skew",
			 n(walk.skew_bytes), "attributions", attributions(&walk), "runtimes",
			 runtimes);
	(void)json_dumpf(root, stdout, JSON_COMPACT);
	puts("");
	(void)fflush(stdout);
	json_decref(root);
	walk_release(&walk);
	snapshot_release(&snap);
	return 0;
}

int main(int argc, char **argv)
{
	struct walk_opts opts = { .want = WANT_PYTHON, .clock = &clock_system };
	struct procfs fs = PROCFS_INIT;
	uint64_t times = 1, pid = 0;
	int opt, ret = 0;

	while ((opt = getopt(argc, argv, "apn:l:")) != -1) {
		uint64_t *number = opt == 'n' ? &times : &opts.large_bytes;

		if (opt == 'p')
			opts.preview = true;
		else if (opt == 'a')
			opts.want = WANT_ALL;
		else if (opt == '?' || num_parse_u64(optarg, number) < 0)
			return 2;
	}
	if (optind != argc - 1 || num_parse_u64(argv[optind], &pid) < 0 ||
	    procfs_open(NULL, &fs, NULL) < 0)
		return 2;
	for (uint64_t i = 0; i < times && ret == 0; i++)
		ret = show(&fs, (pid_t)pid, &opts);
	procfs_close(&fs);
	if (ret < 0)
		fprintf(stderr, "cpython_show: %s\n", strerror(-ret));
	return ret < 0;
}
