/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capture_memory PID FILE [WHAT]: records the memory that walkers (those of --deep=WHAT) read of a
 * live process, for tests that walk it again without the process. See memfile.h for the format.
 * Paths are cut to their last component; the bytes are those of the target's memory, so only
 * programs that hold nothing private may be recorded.
 */
#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/num.h"
#include "base/path.h"
#include "memfile.h"
#include "model/snapshot/capture.h"
#include "walk/walkers.h"

enum { LOOK_MAX = 2 * FAKE_PAGE }; /* bytes that memsrc_peek reads */

struct recorder {
	struct memsrc *from;
	struct fakemem pages; /* those that were read */
};

static int record_maps(void *arg, struct memsrc *m)
{
	struct recorder *r = arg;
	int ret = memsrc_refresh(r->from);

	for (size_t i = 0; ret == 0 && i < r->from->n_maps; i++)
		memsrc_add_map(m, &r->from->maps[i]);
	return ret;
}

static int record_states(void *arg, uint64_t addr, size_t n, uint8_t *ret_states)
{
	struct recorder *r = arg;

	return r->from->ops->states(r->from->arg, addr, n, ret_states);
}

/*
 * Returns whether a page belongs in the recording. Reading a block also reads its surroundings:
 * code, and stacks with the environment. Constants, such as names, are read one by one.
 */
static bool is_of_use(const struct recorder *r, uint64_t addr, size_t len)
{
	const struct mem_map *map = memsrc_map(r->from, addr);

	if (!map || map->kind == MEM_STACK || map->kind == MEM_SPECIAL)
		return false;
	return (map->perms & VMA_WRITE) || (len <= LOOK_MAX && !(map->perms & VMA_EXEC));
}

static ssize_t record_read(void *arg, uint64_t addr, void *buf, size_t len)
{
	struct recorder *r = arg;
	ssize_t got = r->from->ops->read(r->from->arg, addr, buf, len);

	for (ssize_t at = 0; at < got; at += FAKE_PAGE) {
		struct fake_page *p;

		if (!is_of_use(r, addr + (uint64_t)at, len))
			continue;
		p = fake_page(&r->pages, addr + (uint64_t)at);
		if (!p->data)
			p->data = xmemdup((uint8_t *)buf + at, FAKE_PAGE);
	}
	return got;
}

static void record_close(void *arg attr_unused)
{
}

static const struct memsrc_ops record_ops = {
	.maps = record_maps,
	.states = record_states,
	.read = record_read,
	.close = record_close,
};

/* Adds the states of pages that walkers may ask for without reading them. */
static void record_writable(struct recorder *r)
{
	for (size_t i = 0; i < r->from->n_maps; i++) {
		const struct mem_map *map = &r->from->maps[i];

		if (!is_of_use(r, map->start, SIZE_MAX))
			continue;
		for (uint64_t at = map->start; at < map->end; at += FAKE_PAGE) {
			uint8_t state;

			if (r->from->ops->states(r->from->arg, at, 1, &state) == 0 &&
			    state != PAGE_ABSENT)
				fake_page(&r->pages, at)->state = state;
		}
	}
}

static void describe_regions(const struct snapshot *s, struct sbuf *out)
{
	for (size_t i = 0; i < s->n_regions; i++) {
		const struct region *r = &s->regions[i];
		const struct file *f = &s->files[r->file];
		const char *name = snapshot_region_name(s, r);
		struct mem_counts counts;

		snapshot_counts(s, r, &counts);
		sbuf_addf(out, "%" PRIx64 "-%" PRIx64 " %c%c%c%c %08" PRIx64 " %02x:%02x %" PRIu64,
			  r->start, r->end, r->perms & VMA_READ ? 'r' : '-',
			  r->perms & VMA_WRITE ? 'w' : '-', r->perms & VMA_EXEC ? 'x' : '-',
			  r->perms & VMA_SHARED ? 's' : 'p', r->offset, r->file ? f->major : 0,
			  r->file ? f->minor : 0, r->file ? f->inode : 0);
		if (*name)
			sbuf_addf(out, " %s%s", *name == '/' ? "/" : "", path_base(name));
		sbuf_addf(out, "\nRss: %" PRIu64 " kB\n", counts.v[MC_RSS] >> 10);
	}
}

int main(int argc, char **argv)
{
	const struct capture_opts opts = { .rules = &rules_std, .clock = &clock_system };
	struct walk_opts walk_opts = { .clock = &clock_system };
	struct procfs fs = PROCFS_INIT;
	struct recorder r = { NULL, { 0 } };
	auto_sbuf text = SBUF_INIT;
	auto_close int dirfd = -1;
	struct snapshot snap;
	struct memsrc *mem;
	struct walk walk;
	uint64_t pid;

	if (argc < 3 || argc > 4 || num_parse_u64(argv[1], &pid) < 0 ||
	    walk_parse_want(argc > 3 ? argv[3] : "all", &walk_opts.want, NULL) < 0 ||
	    procfs_open(NULL, &fs, NULL) < 0)
		return 2;
	dirfd = procfs_open_pid(&fs, (pid_t)pid);
	if (snapshot_capture(&fs, (pid_t)pid, &opts, &snap, NULL) < 0 ||
	    memsrc_open(dirfd, NULL, &r.from) < 0 ||
	    memsrc_new(&record_ops, &r, FAKE_PAGE, NULL, &mem) < 0 ||
	    walk_read_from(&snap, mem, &walk_opts, &walk) < 0) {
		(void)fprintf(stderr, "capture_memory: cannot read process %s\n", argv[1]);
		return 5;
	}
	record_writable(&r);
	describe_regions(&snap, &text);
	if (memfile_write(argv[2], sbuf_str(&text), text.len, &r.pages) < 0) {
		(void)fprintf(stderr, "capture_memory: %s: %s\n", argv[2], strerror(errno));
		return 5;
	}
	walk_release(&walk);
	memsrc_free(r.from);
	fake_release(&r.pages);
	snapshot_release(&snap);
	procfs_close(&fs);
	return 0;
}
