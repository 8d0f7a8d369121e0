/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshot file -> snapshots: what present/render/snapshot_text.h wrote, read back in one pass and without
 * a tree. A file is input like any other: what it says is checked, and the first thing that is
 * wrong is the error.
 */
#ifndef MODEL_SNAPFILE_SNAPFILE_H
#define MODEL_SNAPFILE_SNAPFILE_H

#include "base/err.h"
#include "model/rule/rule.h"
#include "model/snapshot/snapshot.h"

/* How the first line of every version begins, and that of this one. */
#define SNAPFILE_MAGIC "# memspect snapshot "
#define SNAPFILE_HEADER SNAPFILE_MAGIC "1\n"
/* The last line: this, eight hexadecimal digits of crc_add() over all before it, and a newline. */
#define SNAPFILE_CHECKSUM "# crc32: "

enum {
	SNAPFILE_BYTES_MAX = 256 << 20,
	SNAPFILE_PROCESSES_MAX = 16384,
};

struct snapfile {
	struct snapshot **processes; /* as captured, to be judged as such */
	size_t n;                    /* at least 1 */
	int64_t generated_wall_ns;
	char boot_id[40]; /* "" if unknown; the processes have it too, in sys.boot_id */
	char host[256];   /* "" if unknown */
	/* The ids of the rules that the regions name, for struct build_opts; they match nothing. */
	struct ruleset rules;
	struct arena arena; /* owns the ids */
};

/*
 * Reads a file, without ever waiting for it: a regular one of at most SNAPFILE_BYTES_MAX. 0, or
 * -errno with err set to "file: what" or "file:line:column: what"; -EINVAL is what is no whole
 * snapshot of this version. The caller releases *ret_file after 0.
 *
 * A snapshot is not live, and lacks what serves only its capture: regions_error, status.comm and
 * .state, fds.sockets, the marks below MARK_BSS that counters do not tell. age_seconds, scan_ns and
 * the time of the file are rounded as reports have them.
 */
int snapfile_read(const char *path, struct snapfile *ret_file, struct err *err);
/* The same of an open descriptor, which stays the caller's; `name` is what errors call it. */
int snapfile_read_fd(int fd, const char *name, struct snapfile *ret_file, struct err *err);
void snapfile_release(struct snapfile *f);

#endif
