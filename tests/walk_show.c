/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk_show [-n TIMES] PID: prints what the walkers find in a live process, a line of JSON each
 * time. For live tests, which compare it with what the process reports.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>

#include "base/num.h"
#include "model/snapshot/capture.h"
#include "walk/core/runtime_heap.h"
#include "walk/walkers.h"

static void show_heap(const struct walk_heap *h)
{
	printf("\"system\":%" PRIu64 ",\"live\":%" PRIu64 ",\"live_blocks\":%" PRIu64
	       ",\"free\":%" PRIu64 ",\"free_blocks\":%" PRIu64 ",\"fast\":%" PRIu64
	       ",\"fast_blocks\":%" PRIu64 ",\"top\":%" PRIu64 ",\"tcache\":%" PRIu64
	       ",\"tcache_blocks\":%" PRIu64 ",\"overhead\":%" PRIu64 ",\"foreign\":%" PRIu64
	       ",\"unwalked\":%" PRIu64 ",\"free_resident\":%" PRIu64 ",\"trimmable\":%" PRIu64
	       ",\"free_absent\":%" PRIu64 ",\"idle\":%" PRIu64 ",\"lazy\":%" PRIu64
	       ",\"retained\":%" PRIu64,
	       h->system_bytes, h->live_bytes, h->live_blocks, h->free_bytes, h->free_blocks,
	       h->fast_bytes, h->fast_blocks, h->top_bytes, h->tcache_bytes, h->tcache_blocks,
	       h->overhead_bytes, h->foreign_bytes, h->unwalked_bytes, h->free_resident_bytes,
	       h->trimmable_bytes, h->free_absent_bytes, h->idle_bytes, h->lazy_bytes,
	       h->retained_bytes);
}

static void show_allocator(const struct walk_allocator *a)
{
	printf("{\"name\":\"%s\",\"version\":\"%s\",\"unread\":%s,", a->name,
	       a->version ? a->version : "", a->unread ? "true" : "false");
	show_heap(&a->total);
	printf(",\"mmapped\":%" PRIu64 ",\"mmapped_blocks\":%" PRIu64
	       ",\"mmapped_unfound\":%" PRIu64 ",\"breaks\":%" PRIu64
	       ",\"retries\":%u,\"complete\":%s,\"arenas\":[",
	       a->mmapped_bytes, a->mmapped_blocks, a->mmapped_unfound_bytes, a->breaks, a->retries,
	       a->complete ? "true" : "false");
	for (size_t i = 0; i < a->n_arenas; i++) {
		printf("%s{\"main\":%s,\"heaps\":%u,", i ? "," : "",
		       a->arenas[i].is_main ? "true" : "false", a->arenas[i].heaps);
		show_heap(&a->arenas[i].sums);
		printf("}");
	}
	printf("],\"classes\":[");
	for (size_t i = 0; i < a->n_classes; i++)
		printf("%s[%" PRIu64 ",%" PRIu64 ",%" PRIu64 "]", i ? "," : "",
		       a->classes[i].max_bytes, a->classes[i].blocks, a->classes[i].bytes);
	printf("],\"largest\":[");
	for (size_t i = 0; i < a->n_largest; i++)
		printf("%s[\"%" PRIx64 "\",%" PRIu64 "]", i ? "," : "", a->largest[i].address,
		       a->largest[i].bytes);
	printf("]}");
}

static void show_amount(const char *key, struct amount a)
{
	if (amount_ok(a))
		printf(",\"%s\":%" PRIu64, key, a.value);
	else
		printf(",\"%s\":null", key);
}

static void show_space(const struct walk_space *s)
{
	printf("{\"name\":\"%s\"", s->name);
	show_amount("reserved", s->reserved);
	show_amount("committed", s->committed);
	show_amount("live", s->live);
	show_amount("free", s->free_bytes);
	show_amount("resident", s->resident);
	show_amount("free_resident", s->free_resident);
	show_amount("objects", s->objects);
	printf("}");
}

static void show_runtime(const struct walk_runtime *r)
{
	printf("{\"name\":\"%s\",\"label\":\"%s\",\"version\":\"%s\",\"unread\":\"%s\","
	       "\"collector\":\"%s\",\"retries\":%u,\"complete\":%s,\"total\":",
	       r->name, r->label ? r->label : "", r->version ? r->version : "",
	       r->unread ? walk_unread_text(r->unread, r->unread_other) : "",
	       r->collector ? r->collector : "", r->retries, r->complete ? "true" : "false");
	show_space(&r->total);
	show_amount("peak_live", r->peak_live);
	show_amount("peak_committed", r->peak_committed);
	show_amount("recounted", r->recounted);
	printf(",\"spaces\":[");
	for (size_t i = 0; i < r->n_spaces; i++) {
		printf("%s", i ? "," : "");
		show_space(&r->spaces[i]);
	}
	printf("],\"kinds\":[");
	for (size_t i = 0; i < r->n_kinds; i++)
		printf("%s[\"%s\",%" PRIu64 ",%" PRIu64 "]", i ? "," : "", r->kinds[i].name,
		       r->kinds[i].count, r->kinds[i].bytes);
	printf("]}");
}

static void show_attributions(const struct walk *walk)
{
	uint64_t rss = 0;

	printf("\"attributions\":[");
	for (size_t i = 0; i < walk->attributions.n; i++) {
		const struct attribution *c = &walk->attributions.v[i];
		const struct region *r = &walk->snap->regions[c->region];
		struct mem_counts counts;

		snapshot_counts(walk->snap, r, &counts);
		printf("%s{\"start\":\"%" PRIx64 "\",\"rss\":%" PRIu64
		       ",\"owner\":\"%s\",\"line\":\"%s\",\"bytes\":%" PRIu64 "}",
		       i ? "," : "", r->start, counts.v[MC_RSS], walk->owners[c->owner].name,
		       walk_line_descs[c->line].id, c->bytes);
	}
	for (size_t i = 0; i < walk->snap->n_regions; i++) {
		struct mem_counts counts;

		snapshot_counts(walk->snap, &walk->snap->regions[i], &counts);
		rss += counts.v[MC_RSS];
	}
	printf("],\"rss\":%" PRIu64, rss);
}

/* Returns the peak of our own RSS; 0 if it is not reported. */
static uint64_t own_peak(const struct procfs *fs)
{
	auto_close int dirfd = procfs_open_pid(fs, getpid());
	struct proc_status status;

	if (dirfd < 0 || proc_status_read(dirfd, &status) < 0)
		return 0;
	return status.v[PS_VM_HWM].value;
}

static int show(const struct procfs *fs, pid_t pid)
{
	const struct capture_opts opts = {
		.rules = &rules_std,
		.clock = &clock_system,
	};
	auto_close int dirfd = procfs_open_pid(fs, pid);
	const struct walk_opts walk_opts = {
		.want = WANT_ALL,
		.clock = &clock_system,
		.fs = fs,
		.dirfd = dirfd,
	};
	struct snapshot snap;
	struct walk walk;
	struct err err = ERR_INIT;
	int ret = snapshot_capture(fs, pid, &opts, &snap, &err);

	if (ret < 0) {
		fprintf(stderr, "walk_show: %s\n", err.text);
		return ret;
	}
	ret = walk_read(&snap, dirfd, &walk_opts, &walk);
	if (ret < 0) {
		fprintf(stderr, "walk_show: memory of %d: %s\n", (int)pid, strerror(-ret));
		snapshot_release(&snap);
		return ret;
	}
	printf("{\"own_peak\":%" PRIu64 ",\"scan_ns\":%" PRId64 ",\"bytes_read\":%" PRIu64
	       ",\"reads\":%" PRIu64 ",\"skew\":%" PRIu64 ",\"swapped_unread\":%" PRIu64
	       ",\"partial\":\"%s\",",
	       own_peak(fs), walk.scan_ns, walk.mem->bytes_read, walk.mem->reads, walk.skew_bytes,
	       walk.swapped_unread_bytes, reason_text(walk.partial));
	show_attributions(&walk);
	printf(",\"allocators\":[");
	for (size_t i = 0; i < walk.n_allocators; i++) {
		printf("%s", i ? "," : "");
		show_allocator(&walk.allocators[i]);
	}
	printf("],\"runtimes\":[");
	for (size_t i = 0; i < walk.n_runtimes; i++) {
		printf("%s", i ? "," : "");
		show_runtime(&walk.runtimes[i]);
	}
	printf("]}\n");
	(void)fflush(stdout);
	walk_release(&walk);
	snapshot_release(&snap);
	return 0;
}

int main(int argc, char **argv)
{
	struct procfs fs = PROCFS_INIT;
	uint64_t times = 1, pid = 0;
	int opt, ret = 0;

	while ((opt = getopt(argc, argv, "n:")) != -1) {
		if (opt != 'n' || num_parse_u64(optarg, &times) < 0)
			return 2;
	}
	if (optind != argc - 1 || num_parse_u64(argv[optind], &pid) < 0 ||
	    procfs_open(NULL, &fs, NULL) < 0)
		return 2;
	for (uint64_t i = 0; i < times && ret == 0; i++)
		ret = show(&fs, (pid_t)pid);
	procfs_close(&fs);
	return ret == 0 ? 0 : ret == -ESRCH ? 3 : ret == -EACCES ? 4 : 5;
}
