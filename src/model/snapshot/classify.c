/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapshot/classify.h"

#include <sys/personality.h>
#include <sys/sysmacros.h>

#include "base/alloc.h"
#include "base/path.h"
#include "model/rule/package.h"
#include "model/rule/runtime.h"
#include "model/rule/shapes.h"
#include "proc/mounts.h"

/*
 * Regions with the same name, permissions, flags and marks get the same rule, and most have a twin.
 * Their size is compared only if a rule has a condition on it.
 */
struct memo {
	bool valid;
	uint8_t perms;
	uint16_t marks, rule;
	uint32_t name;
	uint64_t flags, size;
};

enum { MEMO_SIZE = 256 };

/* On btrfs and overlayfs, smaps may show another device than stat: then the path decides. */
static void mark_program(struct snapshot *s, const struct program_id *program)
{
	size_t len = s->exe ? strlen(s->exe) : 0;

	if (len && ends_with(s->exe, " (deleted)"))
		len -= strlen(" (deleted)");
	for (size_t i = 1; i < s->n_files; i++) {
		struct file *f = &s->files[i];
		bool same_path = len && strncmp(f->path, s->exe, len) == 0 && !f->path[len];

		f->is_program = program->inode
					? f->inode == program->inode &&
						  (same_path || (f->major == major(program->dev) &&
								 f->minor == minor(program->dev)))
					: same_path;
	}
}

/*
 * Marks files that are in memory: on the kernel's internal shm mount, known by name, or on a tmpfs.
 * Device nodes are on a tmpfs too, but their mappings are not.
 */
static void mark_tmpfs(struct snapshot *s, int dirfd)
{
	static const char *const shm_names[] = { "/memfd:", "/SYSV", "/dev/zero", "/dev/shm/",
						 "[anon_shmem:" };
	auto_free struct mount_dev *devs = NULL;
	size_t n_devs = 0;
	bool listed = false;

	for (size_t i = 1; i < s->n_files; i++) {
		struct file *f = &s->files[i];

		for (size_t k = 0; k < ARRAY_SIZE(shm_names); k++)
			f->on_tmpfs |= starts_with(f->path, shm_names[k]);
		if (f->on_tmpfs || f->major != 0 || starts_with(f->path, "/dev/"))
			continue;
		if (!listed)
			(void)mounts_memory_devices(dirfd, &devs, &n_devs);
		listed = true;
		for (size_t k = 0; k < n_devs; k++)
			f->on_tmpfs |= devs[k].major == f->major && devs[k].minor == f->minor;
	}
}

static void find_packages(struct snapshot *s)
{
	auto_sbuf java_home = SBUF_INIT;
	bool jvm = runtime_java_home(s, &java_home);

	for (size_t i = 1; i < s->n_files; i++) {
		struct package_match m;

		if (s->files[i].is_program ||
		    !package_of_path(s->files[i].path, jvm ? sbuf_str(&java_home) : NULL, &m))
			continue;
		s->files[i].package = snapshot_package(s, m.runtime, m.name, m.len);
	}
}

/*
 * Returns whether all memory is executable: on processors that cannot forbid it, where the data of
 * programs and libraries (private writable mappings of files) is executable, and with the
 * personality READ_IMPLIES_EXEC, which a program with an executable stack had before Linux 5.8.
 */
static bool is_all_executable(const struct snapshot *s, int dirfd)
{
	size_t data = 0, code = 0;
	bool doubtful = false;
	uint64_t personality;

	for (size_t i = 0; i < s->n_regions; i++) {
		const struct region *r = &s->regions[i];
		bool exec = r->perms & VMA_EXEC;

		if (!(r->perms & VMA_WRITE) || (r->perms & VMA_SHARED))
			continue;
		doubtful |= exec;
		data += r->file && !exec;
		code += r->file && exec;
	}
	if (code && !data)
		return true;
	return doubtful && proc_personality_read(dirfd, &personality) == 0 &&
	       (personality & READ_IMPLIES_EXEC);
}

static uint16_t file_marks(const struct snapshot *s, const struct file *f)
{
	bool has_code = f->has_exec && !s->all_executable;

	return (uint16_t)(MARK_FILE | (f->is_program ? MARK_PROGRAM : 0) |
			  (f->package ? MARK_EXTENSION : 0) | (has_code ? MARK_EXEC_FILE : 0) |
			  (f->on_tmpfs ? MARK_TMPFS : 0));
}

/* Adds marks by names and files to the marks by counters, which the capture has set. */
static void mark_regions(struct snapshot *s)
{
	for (size_t i = 0; i < s->n_regions; i++) {
		struct region *r = &s->regions[i];

		if (r->file)
			r->marks |= file_marks(s, &s->files[r->file]);
		else if (!r->name)
			r->marks |= MARK_UNNAMED;
	}
}

/*
 * Returns the owner for a name: "[anon: glibc: malloc]" gives "glibc: malloc", "/memfd:x (deleted)"
 * gives "memfd:x".
 */
static uint32_t owner_of_name(struct snapshot *s, enum owner_kind kind, const char *name)
{
	auto_free char *copy = xstrdup(name);
	char *p = copy + (*copy == '/');
	size_t n;

	if (*p == '[') {
		char *colon = strchr(p, ':');

		p = colon ? colon + 1 : p + 1;
		p += strspn(p, " ");
		n = strlen(p);
		if (n && p[n - 1] == ']')
			p[n - 1] = '\0';
	} else if (ends_with(p, " (deleted)")) {
		p[strlen(p) - strlen(" (deleted)")] = '\0';
	}
	return snapshot_owner(s, kind, p);
}

static uint32_t owner_of(struct snapshot *s, const struct rule *rule, const struct region *r)
{
	const struct file *f = &s->files[r->file];

	switch (rule->source) {
	case OWN_LITERAL:
		return snapshot_owner(s, rule->owner_kind, rule->owner);
	case OWN_NAME:
		return owner_of_name(s, rule->owner_kind, s->names[r->name]);
	case OWN_BASENAME:
		return snapshot_owner(s, rule->owner_kind, path_base(f->path));
	case OWN_PATH:
		return snapshot_owner(s, rule->owner_kind, f->path);
	case OWN_PACKAGE:
		return snapshot_owner(s, rule->owner_kind, s->packages[f->package].name);
	case OWN_IMAGE:
	case OWN_NONE:
		break;
	}
	return 0;
}

static size_t match(const struct ruleset *rules, const struct snapshot *s, const struct region *r)
{
	struct region told = *r;

	told.perms = (uint8_t)snapshot_telling_perms(s, r);
	return ruleset_match(rules, s->names[r->name], &told);
}

static uint16_t match_memoised(const struct ruleset *rules, struct memo *memo,
			       const struct snapshot *s, const struct region *r)
{
	uint64_t size = rules->by_size ? r->end - r->start : 0;
	uint64_t hash = index_hash_u64(r->flags ^ size, (uint64_t)r->name << 24 |
								(uint64_t)r->marks << 8 | r->perms);
	struct memo *m = &memo[hash % MEMO_SIZE];

	if (!m->valid || m->name != r->name || m->perms != r->perms || m->marks != r->marks ||
	    m->flags != r->flags || m->size != size)
		*m = (struct memo){ .valid = true,
				    .perms = r->perms,
				    .marks = r->marks,
				    .name = r->name,
				    .flags = r->flags,
				    .size = size,
				    .rule = (uint16_t)match(rules, s, r) };
	return m->rule;
}

/* Applies the rule to a region; the regions in front of it are classified already. */
static void classify_region(struct snapshot *s, const struct ruleset *rules, struct memo *memo,
			    struct region *r)
{
	const struct region *before = r > s->regions ? r - 1 : NULL;
	const struct rule *rule;

	r->rule = match_memoised(rules, memo, s, r);
	rule = &rules->rules[r->rule];
	r->category = (uint8_t)rule->category;
	r->evidence = (uint8_t)rule->evidence;
	if (rule->source == OWN_IMAGE && before) {
		r->category = before->category;
		r->owner = before->owner;
	} else if (rule->source != OWN_NONE) {
		bool repeats = before && before->rule == r->rule && before->name == r->name &&
			       before->file == r->file;

		r->owner = repeats ? before->owner : owner_of(s, rule, r);
	}
}

/*
 * Classifies parts: the first part of a split region is the .bss; the second is judged as a region
 * of its own.
 */
static void classify_parts(struct snapshot *s, const struct ruleset *rules, struct memo *memo)
{
	for (size_t i = 0; i + 1 < s->n_parts; i += 2) {
		const struct region *r = &s->regions[s->parts[i].region];
		struct region rest = *r;

		rest.marks &= (uint16_t)~MARK_BSS;
		rest.rule = match_memoised(rules, memo, s, &rest);
		s->parts[i].category = r->category;
		s->parts[i].evidence = r->evidence;
		s->parts[i].owner = r->owner;
		s->parts[i].rule = r->rule;
		s->parts[i + 1].category = (uint8_t)rules->rules[rest.rule].category;
		s->parts[i + 1].evidence = (uint8_t)rules->rules[rest.rule].evidence;
		s->parts[i + 1].owner = owner_of(s, &rules->rules[rest.rule], &rest);
		s->parts[i + 1].rule = rest.rule;
	}
}

void snapshot_classify(struct snapshot *s, const struct procfs *fs, int dirfd,
		       const struct program_id *program, const struct ruleset *rules)
{
	auto_free struct memo *memo = xcalloc(MEMO_SIZE, sizeof(*memo));

	mark_program(s, program);
	mark_tmpfs(s, dirfd);
	runtime_detect(s, fs, dirfd);
	find_packages(s);
	s->all_executable = is_all_executable(s, dirfd);
	mark_regions(s);
	shapes_find(s, fs, dirfd);
	for (size_t i = 0; i < s->n_regions; i++) {
		struct region *r = &s->regions[i];

		classify_region(s, rules, memo, r);
		if (r->file && s->files[r->file].first_region == i)
			s->files[r->file].category = r->category;
	}
	classify_parts(s, rules, memo);
}
