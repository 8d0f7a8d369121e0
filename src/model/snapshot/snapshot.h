/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One process at one moment: everything that was read about it, classified. Capture fills it,
 * analysis judges it, present shows it; it contains no judgement itself.
 */
#ifndef MODEL_SNAPSHOT_SNAPSHOT_H
#define MODEL_SNAPSHOT_SNAPSHOT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/index.h"
#include "base/sbuf.h"
#include "model/region.h"
#include "model/snapshot/heap_stats.h"
#include "proc/cgroup.h"
#include "proc/counts.h"
#include "proc/fdscan.h"
#include "proc/procinfo.h"
#include "proc/smaps.h"
#include "proc/sockdiag.h"
#include "proc/sysmem.h"
#include "proc/sysv.h"

/* A mapped file: one device and inode, whatever its paths. Index 0 is no file. */
struct file {
	uint32_t major, minor;
	uint64_t inode;
	const char *path; /* of its first mapping, " (deleted)" stripped */
	bool deleted;
	bool is_program;       /* the inode of /proc/PID/exe */
	bool has_exec;         /* a mapping of it is executable */
	bool on_tmpfs;         /* or on the kernel's internal shm mount: its pages are shmem */
	uint8_t category;      /* enum category of its first mapping */
	uint32_t package;      /* index into packages; 0: no package */
	uint32_t first_region; /* a mapping of it, to open it */
};

struct package {
	const char *name;
	const char *runtime; /* "cpython", "node", ...; static */
};

struct runtime {
	const char *name;    /* "cpython", "node", "jvm", "go", ...; static */
	const char *version; /* NULL if unknown */
	const char *module;  /* path of the file that identified the runtime */
};

enum { SNAPSHOT_REGIONS_MAX = 1 << 20 }; /* of more mappings the first ones are kept */

struct snapshot {
	struct arena arena; /* owns all strings below */
	pid_t pid;
	bool live;

	/* Identity and description. */
	struct proc_stat stat;
	struct proc_status status; /* taken before smaps */
	struct amount rss_after;   /* VmRSS again, after smaps */
	const char *cmdline;       /* NUL-separated; NULL: see cmdline_why */
	size_t cmdline_len;
	enum reason cmdline_why;
	const char *exe; /* link text; NULL: see exe_why */
	enum reason exe_why;
	const char *user;   /* name of the uid, NULL if it has none */
	int64_t taken_ns;   /* boot time at the start of the capture */
	int64_t around_ns;  /* boot time when the environment was read */
	int64_t scan_ns;    /* duration of the capture */
	double age_seconds; /* < 0: unknown */

	/* The address space. */
	enum reason regions_why; /* why smaps could not be read */
	int regions_error;       /* -errno if that is a failure, 0 if the process has no mappings */
	struct region *regions;  /* ascending by address */
	size_t n_regions, cap_regions;
	struct sbuf packed;            /* counters of the regions; neighbours may share them */
	struct mem_counts last_counts; /* of the last region */
	uint32_t last_nonzero;         /* bit i: its counter i is not 0 */
	struct mem_counts sums;   /* sums of the counters of all regions that can be added up */
	uint32_t stated_counters; /* bit i: a region has counter i */
	const char **names;       /* [0] is "" */
	size_t n_names, cap_names;
	size_t names_bytes; /* limits the memory that hostile names take */
	size_t names_cut;   /* number of names that were cut for that reason */
	struct file *files; /* [0] is unused */
	size_t n_files, cap_files;
	struct owner *owners; /* [0] is {OWNER_NONE, ""} */
	size_t n_owners, cap_owners;
	struct package *packages; /* [0] is unused */
	size_t n_packages, cap_packages;
	struct part *parts; /* ascending by region */
	size_t n_parts, cap_parts;
	struct runtime *runtimes;
	size_t n_runtimes, cap_runtimes;
	struct index name_index, file_index, owner_index, package_index;
	uint64_t page_bytes;        /* of a small page: the smallest KernelPageSize */
	uint64_t largest_gap_bytes; /* of the address space between mappings */
	bool all_executable;        /* writable memory is executable too, so x does not mean code */
	bool consistent;            /* no overlapping records, even after retries */
	unsigned int retries;
	enum reason partial;     /* why the picture is incomplete */
	uint64_t unknown_fields; /* lines of smaps that no counter has */

	/* Its environment. */
	struct cgroup cgroup;
	struct proc_limits limits;
	struct sysmem sys;
	struct fdscan fds;
	struct sockdiag sockets;
	struct sysv_scan sysv;

	/* Heap statistics; empty unless memory was walked. */
	struct heap_stats heap_stats;
};

void snapshot_init(struct snapshot *s);
void snapshot_release(struct snapshot *s);

/*
 * Returns the permissions of a region that distinguish it: without VMA_EXEC if all regions have it.
 */
static inline unsigned int snapshot_telling_perms(const struct snapshot *s, const struct region *r)
{
	return s->all_executable ? r->perms & ~(unsigned int)VMA_EXEC : r->perms;
}

/* Return the index of a name, owner or package, which is added if it is new. Strings are copied. */
uint32_t snapshot_name(struct snapshot *s, const char *name, size_t len);
uint32_t snapshot_owner(struct snapshot *s, enum owner_kind kind, const char *name);
uint32_t snapshot_package(struct snapshot *s, const char *runtime, const char *name, size_t len);

/* Returns the file of a device and inode, which is added with this path if it is new. Never 0. */
uint32_t snapshot_file(struct snapshot *s, uint32_t major, uint32_t minor, uint64_t inode,
		       const char *path, size_t len);

/* Returns the file of a device and inode, or 0. */
uint32_t snapshot_find_file(const struct snapshot *s, uint32_t major, uint32_t minor,
			    uint64_t inode);

/* Appends a region and packs its counters; its other fields are copied from r. */
void snapshot_add_region(struct snapshot *s, const struct region *r, const struct mem_counts *c);
/*
 * Adds an upper bound of the counters of a region to *bytes. Returns false, and does not change
 * *bytes, if the result exceeds 8 PiB, more than any machine has: below that no sum overflows.
 */
bool snapshot_counts_fit(uint64_t *bytes, const struct mem_counts *c);
/*
 * Returns marks that follow from the counters of a mapping, as enum region_mark bits; notes the
 * smallest page size in the snapshot.
 */
uint16_t snapshot_count_marks(struct snapshot *s, uint8_t perms, const struct mem_counts *c);
/* Drops the regions, files and parts before they are read again. */
void snapshot_drop_regions(struct snapshot *s);
/* Unpacks the counters of a region. */
void snapshot_counts(const struct snapshot *s, const struct region *r, struct mem_counts *ret);
/* Returns a region's name as the kernel printed it ("" if it has no name). */
const char *snapshot_region_name(const struct snapshot *s, const struct region *r);
/* Returns the parts of a split region, which are adjacent in s->parts; NULL if it has no parts. */
const struct part *snapshot_parts(const struct snapshot *s, const struct region *r, size_t *ret_n);

#endif
