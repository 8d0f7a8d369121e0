/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory source for a live process: maps, pagemap and mem in its directory. */
#include "proc/memsrc_impl.h"

#include <errno.h>
#include <fcntl.h>

#include "base/alloc.h"
#include "base/io.h"
#include "proc/pagemap.h"
#include "proc/smaps.h"

struct live {
	int dirfd; /* a duplicate that this source owns */
	int memfd, mapfd;
	struct pagemap pagemap;
};

enum mem_kind mem_kind_of(const struct vma *v)
{
	if (v->inode || (v->name_len && v->name[0] != '['))
		return MEM_FILE;
	if (!v->name_len || starts_with(v->name, "[anon:"))
		return MEM_ANON;
	if (starts_with(v->name, "[anon_shmem:"))
		return MEM_FILE;
	if (streq(v->name, "[heap]"))
		return MEM_HEAP;
	return starts_with(v->name, "[stack") ? MEM_STACK : MEM_SPECIAL;
}

static int live_maps(void *arg, struct memsrc *m)
{
	struct live *l = arg;
	auto_close int fd = io_open_at(l->dirfd, "maps");
	struct smaps_reader reader;
	struct smaps_record rec;
	int ret;

	if (fd < 0)
		return fd;
	smaps_reader_init(&reader, fd);
	while ((ret = smaps_next(&reader, &rec)) > 0)
		memsrc_add_map(m, &(struct mem_map){
					  .start = rec.vma.start,
					  .end = rec.vma.end,
					  .offset = rec.vma.offset,
					  .inode = rec.vma.inode,
					  .major = rec.vma.major,
					  .minor = rec.vma.minor,
					  .perms = rec.vma.perms,
					  .kind = mem_kind_of(&rec.vma),
				  });
	smaps_reader_release(&reader);
	return ret < 0 ? ret : m->n_maps ? 0 : -ESRCH;
}

static int live_states(void *arg, uint64_t addr, size_t n, uint8_t *ret_states)
{
	struct live *l = arg;

	return pagemap_states(&l->pagemap, addr, n, ret_states);
}

static uint64_t live_next(void *arg, uint64_t addr, uint64_t end)
{
	struct live *l = arg;

	return pagemap_next(&l->pagemap, addr, end);
}

static ssize_t live_read(void *arg, uint64_t addr, void *buf, size_t len)
{
	struct live *l = arg;
	ssize_t got;

	do
		got = pread(l->memfd, buf, len, (off_t)addr);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

static void live_close(void *arg)
{
	struct live *l = arg;

	util_cleanup_close(&l->dirfd);
	util_cleanup_close(&l->memfd);
	util_cleanup_close(&l->mapfd);
	free(l);
}

static const struct memsrc_ops live_ops = {
	.maps = live_maps,
	.states = live_states,
	.next = live_next,
	.read = live_read,
	.close = live_close,
};

static int duplicate(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	return copy < 0 ? -errno : copy;
}

int memsrc_open(int dirfd, const volatile sig_atomic_t *cancel, struct memsrc **ret)
{
	struct live *l = xcalloc(1, sizeof(*l));

	l->dirfd = duplicate(dirfd);
	l->memfd = io_open_at(dirfd, "mem");
	l->mapfd = io_open_at(dirfd, "pagemap");
	if (l->dirfd < 0 || l->memfd < 0 || l->mapfd < 0) {
		int why = l->dirfd < 0 ? l->dirfd : l->memfd < 0 ? l->memfd : l->mapfd;

		live_close(l);
		return why;
	}
	pagemap_init(&l->pagemap, l->mapfd);
	return memsrc_new(&live_ops, l, l->pagemap.page_bytes, cancel, ret);
}
