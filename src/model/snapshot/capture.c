/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapshot/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>

#include "base/io.h"
#include "base/num.h"
#include "model/snapshot/classify.h"
#include "proc/smaps.h"

enum { RETRIES = 3 };

/* A recorded tree may lack any of the files. */
static enum reason why_failed(const struct snapshot *s, int code)
{
	return code == -ENOENT && !s->live ? REASON_NOT_RECORDED : reason_of_errno(code);
}

static void add_record(struct snapshot *s, const struct smaps_record *rec)
{
	const struct vma *v = &rec->vma;
	struct region r = {
		.start = v->start,
		.end = v->end,
		.offset = v->offset,
		.flags = v->flags,
		.perms = v->perms,
		.marks = snapshot_count_marks(s, v->perms, &rec->counts),
	};

	r.name = snapshot_name(s, v->name, v->name_len);
	if (v->inode || *v->name == '/') {
		r.file = snapshot_file(s, v->major, v->minor, v->inode, v->name, v->name_len);
		s->files[r.file].has_exec |= (v->perms & VMA_EXEC) != 0;
	}
	snapshot_add_region(s, &r, &rec->counts);
}

/*
 * Returns whether the address space has ended, because the process was killed or executed another
 * program: smaps then ends early and without an error. A pagemap that was opened before returns no
 * data either then, and reading it costs almost nothing.
 */
static bool has_ended(int pagemap)
{
	uint64_t entry;

	return pagemap >= 0 && pread(pagemap, &entry, sizeof(entry), 0) != sizeof(entry);
}

/*
 * Reads smaps once. If a mapping begins before the last one ended, the target changed its mappings
 * between two reads: then some memory may be counted twice.
 */
static int read_smaps_once(struct snapshot *s, int dirfd)
{
	struct smaps_reader reader;
	struct smaps_record rec;
	uint64_t end = 0, counted = 0;
	bool excess = false;
	auto_close int pagemap = s->live ? io_open_at(dirfd, "pagemap") : -1;
	auto_close int fd = io_open_at(dirfd, "smaps");
	int ret;

	if (fd < 0)
		return fd;
	s->consistent = true;
	s->partial = REASON_NONE;
	smaps_reader_init(&reader, fd);
	while ((ret = smaps_next(&reader, &rec)) > 0 && s->n_regions < SNAPSHOT_REGIONS_MAX) {
		/* [vsyscall] is outside the address space of processes. */
		if (rec.vma.start < end)
			s->consistent = false;
		else if (end && rec.vma.start < UINT64_C(1) << 63)
			s->largest_gap_bytes = MAX(s->largest_gap_bytes, rec.vma.start - end);
		end = rec.vma.end;
		if (!snapshot_counts_fit(&counted, &rec.counts)) {
			rec.counts = (struct mem_counts){ .present = 0 };
			excess = true;
		}
		add_record(s, &rec);
	}
	s->unknown_fields = reader.unknown_fields;
	s->names_cut += reader.long_line;
	if (s->n_regions && has_ended(pagemap))
		s->partial = REASON_MM_ENDED;
	if (ret > 0)
		s->partial = REASON_TOO_MANY_MAPPINGS;
	else if (reader.truncated)
		s->partial = REASON_TRUNCATED;
	else if (excess)
		s->partial = REASON_EXCESS;
	smaps_reader_release(&reader);
	return MIN(ret, 0);
}

static int read_smaps(struct snapshot *s, int dirfd)
{
	int ret = read_smaps_once(s, dirfd);

	while (ret == 0 && !s->consistent && s->live && s->retries < RETRIES) {
		snapshot_drop_regions(s);
		s->retries++;
		ret = read_smaps_once(s, dirfd);
	}
	return ret;
}

/*
 * Opens the directory to read memory from: the process's own, or that of a live thread if the
 * leader has exited before the others. Returns a new descriptor or -errno.
 */
static int open_live_task(struct snapshot *s, int dirfd)
{
	int fd = s->stat.state == 'Z' && s->stat.threads > 1 ? proc_live_task_open(dirfd) : -ESRCH;
	struct proc_stat stat;

	if (fd < 0)
		return fcntl(dirfd, F_DUPFD_CLOEXEC, 0);
	/* The leader's own value is 0, which would look like another program. */
	if (proc_stat_read(fd, &stat) == 0)
		s->stat.start_code = stat.start_code;
	return fd;
}

/*
 * Finds out why smaps ended early, and checks that smaps belongs to the process that was identified
 * before. A process without an address space has the start 0.
 */
static void check_still_there(struct snapshot *s, int dirfd)
{
	struct proc_stat after;

	if (proc_stat_read(dirfd, &after) < 0 || (after.state == 'Z' && s->stat.state != 'Z') ||
	    after.state == 'X' || (after.start_code == 0 && s->stat.start_code != 0))
		s->partial = REASON_EXITED;
	else if (after.start_code != s->stat.start_code)
		s->partial = REASON_EXECUTED;
}

static void read_memory(struct snapshot *s, int dirfd)
{
	struct proc_status after;
	int ret;

	s->rss_after = amount_absent(REASON_NOT_READ);
	if (s->stat.kthread ||
	    (amount_ok(s->status.v[PS_KTHREAD]) && s->status.v[PS_KTHREAD].value) ||
	    s->status.v[PS_VM_SIZE].why == REASON_NO_MM) {
		s->regions_why = REASON_NO_MM;
		return;
	}
	ret = read_smaps(s, dirfd);
	if (ret < 0) {
		s->regions_why = why_failed(s, ret);
		s->regions_error = ret == -ENOENT && !s->live ? 0 : ret;
		snapshot_drop_regions(s);
		return;
	}
	if (s->live)
		check_still_there(s, dirfd);
	if (s->n_regions == 0) {
		s->regions_why = s->partial ? s->partial : REASON_NO_MM;
		s->regions_error = s->live && s->partial ? -ESRCH : 0;
		return;
	}
	if (s->live && proc_status_read(dirfd, &after) == 0)
		s->rss_after = after.v[PS_VM_RSS];
	else if (!s->live)
		s->rss_after = s->status.v[PS_VM_RSS];
}

static void read_names(struct snapshot *s, int dirfd, bool with_cmdline, struct program_id *ret_id)
{
	auto_sbuf text = SBUF_INIT;
	int ret = proc_exe_read(dirfd, &text, &ret_id->dev, &ret_id->inode);

	if (ret < 0)
		s->exe_why = s->stat.kthread ? REASON_NO_MM : why_failed(s, ret);
	else
		s->exe = arena_strndup(&s->arena, text.data, text.len);
	if (!with_cmdline) {
		s->cmdline_why = REASON_LEFT_OUT;
		return;
	}
	ret = proc_cmdline_read(dirfd, PROC_CMDLINE_MAX, &text);
	if (ret < 0 && ret != -EFBIG) {
		s->cmdline_why = why_failed(s, ret);
		return;
	}
	s->cmdline = arena_strndup(&s->arena, sbuf_str(&text), text.len);
	s->cmdline_len = text.len;
}

static void read_user(struct snapshot *s)
{
	char buf[4096];
	struct passwd pw, *found = NULL;
	struct amount uid = s->status.v[PS_UID];

	if (s->live && amount_ok(uid) &&
	    getpwuid_r((uid_t)uid.value, &pw, buf, sizeof(buf), &found) == 0 && found)
		s->user = arena_strdup(&s->arena, found->pw_name);
}

static void read_surroundings(struct snapshot *s, const struct procfs *fs, int dirfd)
{
	double hz = (double)sysconf(_SC_CLK_TCK);
	int ret;

	cgroup_read(fs, dirfd, true, &s->cgroup);
	ret = proc_limits_read(dirfd, &s->limits);
	for (int i = 0; ret < 0 && i < PL_COUNT; i++)
		s->limits.soft[i] = amount_absent(why_failed(s, ret));
	sysmem_read(fs, &s->sys);
	if (s->stat.state && amount_ok(s->sys.uptime_ms))
		s->age_seconds = (double)s->sys.uptime_ms.value / 1000 -
				 (double)s->stat.start_ticks / hz;
	fdscan_read(fs, dirfd, s->pid, &s->fds);
	sockdiag_read(fs, dirfd, &s->fds, &s->sockets);
	sysv_read(fs, dirfd, s->pid, &s->sysv);
	read_user(s);
}

static void take_names(struct snapshot *s, int dirfd, const struct snapshot *before,
		       struct program_id *ret_id)
{
	read_names(s, dirfd, false, ret_id);
	s->cmdline_why = before->cmdline_why;
	s->cmdline_len = before->cmdline_len;
	if (before->cmdline)
		s->cmdline = arena_strndup(&s->arena, before->cmdline, before->cmdline_len);
	if (before->user)
		s->user = arena_strdup(&s->arena, before->user);
}

void snapshot_take_surroundings(struct snapshot *s, struct snapshot *before)
{
	cgroup_release(&s->cgroup);
	fdscan_release(&s->fds);
	s->cgroup = before->cgroup;
	s->limits = before->limits;
	s->sys = before->sys;
	s->fds = before->fds;
	s->sockets = before->sockets;
	s->sysv = before->sysv;
	s->around_ns = before->around_ns;
	if (before->age_seconds >= 0)
		s->age_seconds = before->age_seconds +
				 (double)(s->taken_ns - before->taken_ns) / (double)NS_PER_S;
	before->cgroup = (struct cgroup){ 0 };
	before->fds = (struct fdscan){ 0 };
}

/* A recorded tree may lack stat, or have it cut. */
static void take_stat_from_status(struct snapshot *s)
{
	(void)snprintf(s->stat.comm, sizeof(s->stat.comm), "%s", s->status.comm);
	s->stat.threads = amount_ok(s->status.v[PS_THREADS]) ? s->status.v[PS_THREADS].value : 0;
}

static int capture(const struct procfs *fs, int dirfd, const struct capture_opts *opts,
		   struct snapshot *s, struct err *err)
{
	struct program_id program = { 0 };
	auto_close int taskfd = -1;
	int no_stat = proc_stat_read(dirfd, &s->stat), ret;

	if (no_stat < 0 && s->live)
		return err_set(err, -no_stat, "process %d: %s", s->pid, reason_errno_text(no_stat));
	taskfd = open_live_task(s, dirfd);
	if (taskfd < 0)
		return err_set_errno(err, -taskfd, "process %d", s->pid);
	ret = proc_status_read(taskfd, &s->status);
	for (int i = 0; ret < 0 && i < PS_COUNT; i++)
		s->status.v[i] = amount_absent(why_failed(s, ret));
	if (no_stat < 0)
		take_stat_from_status(s);
	read_memory(s, taskfd);
	if (opts->before) {
		take_names(s, taskfd, opts->before, &program);
		snapshot_take_surroundings(s, opts->before);
	} else {
		read_names(s, taskfd, opts->with_cmdline, &program);
		read_surroundings(s, fs, taskfd);
		s->around_ns = s->taken_ns;
	}
	snapshot_classify(s, fs, taskfd, &program, opts->rules);
	return 0;
}

int snapshot_capture_at(const struct procfs *fs, int dirfd, pid_t pid,
			const struct capture_opts *opts, struct snapshot *ret, struct err *err)
{
	struct snapshot s;
	int status;

	snapshot_init(&s);
	s.pid = pid;
	s.live = fs->live;
	s.taken_ns = opts->clock->boot_ns(opts->clock->arg);
	status = capture(fs, dirfd, opts, &s, err);
	if (status < 0) {
		snapshot_release(&s);
		return status;
	}
	s.scan_ns = opts->clock->boot_ns(opts->clock->arg) - s.taken_ns;
	*ret = s;
	return 0;
}

int snapshot_capture(const struct procfs *fs, pid_t pid, const struct capture_opts *opts,
		     struct snapshot *ret, struct err *err)
{
	auto_close int dirfd = procfs_open_pid(fs, pid);

	if (dirfd < 0)
		return err_set(err, dirfd == -ENOENT ? ESRCH : -dirfd, "process %d: %s", pid,
			       dirfd == -ENOENT ? "no such process" : reason_errno_text(dirfd));
	return snapshot_capture_at(fs, dirfd, pid, opts, ret, err);
}
