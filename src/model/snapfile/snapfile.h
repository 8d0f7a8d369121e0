/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads snapshot files, which present/render/snapshot_text.h writes, in one pass and without a
 * tree. A snapshot file is untrusted input: everything is checked, and the first mistake is the
 * error.
 */
#ifndef MODEL_SNAPFILE_SNAPFILE_H
#define MODEL_SNAPFILE_SNAPFILE_H

#include "base/err.h"
#include "model/rule/rule.h"
#include "model/snapshot/snapshot.h"

/* The start of the first line in every version of the format, and the version written now. */
#define SNAPFILE_MAGIC "# memspect snapshot "
#define SNAPFILE_HEADER SNAPFILE_MAGIC "1\n"
/*
 * The last line: this text, eight hexadecimal digits of crc_add() over everything before it, and a
 * newline.
 */
#define SNAPFILE_CHECKSUM "# crc32: "

enum {
	SNAPFILE_BYTES_MAX = 256 << 20,
	SNAPFILE_PROCESSES_MAX = 16384,
};

struct snapfile {
	struct snapshot **processes; /* in the same form as after a capture */
	size_t n;                    /* at least 1 */
	int64_t generated_wall_ns;
	char boot_id[40]; /* "" if unknown; also in sys.boot_id of each process */
	char host[256];   /* "" if unknown */
	/*
	 * The ids of the rules that the regions name, for struct build_opts; these rules match
	 * nothing.
	 */
	struct ruleset rules;
	struct arena arena; /* owns the ids */
};

/*
 * Reads a file without blocking: a regular one of at most SNAPFILE_BYTES_MAX. Returns 0, or -errno
 * with err set to "file: what" or "file:line:column: what"; -EINVAL if the file is not a complete
 * snapshot of this version. The caller releases *ret_file after 0.
 *
 * The snapshot is not live, and lacks what only a capture uses: regions_error, status.comm and
 * .state, fds.sockets, and the marks below MARK_BSS, except those that counters determine.
 * age_seconds, scan_ns and the time of the file are rounded as in reports.
 */
int snapfile_read(const char *path, struct snapfile *ret_file, struct err *err);
/*
 * Does the same with an open descriptor, which the caller still owns; errors call the file `name`.
 */
int snapfile_read_fd(int fd, const char *name, struct snapfile *ret_file, struct err *err);
void snapfile_release(struct snapfile *f);

#endif
