/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recorded memory: the mappings of a process and the pages that walkers read of it, small.
 *
 *	"memspect memory 1\n"
 *	u32 bytes of text, then the text: as smaps has it, a header line and "Rss:" for each mapping
 *	u32 number of pages, then each:
 *		u64 address | enum page_state | MEMFILE_WORDS if its contents follow
 *		u64 bitmap[8] of the words that are not zero, then those words
 *
 * Numbers are little-endian. Pages that are not mentioned are absent.
 */
#ifndef TESTS_MEMFILE_H
#define TESTS_MEMFILE_H

#include <fcntl.h>

#include "base/io.h"
#include "fakemem.h"
#include "model/rule/runtime.h"
#include "snap.h"

enum { MEMFILE_WORDS = 0x100, MEMFILE_PAGE_WORDS = FAKE_PAGE / 8 };

static const char memfile_magic[] = "memspect memory 1\n";

struct memfile {
	struct snapshot snap;
	struct fakemem mem;
};

static inline void memfile_release(struct memfile *f)
{
	fake_release(&f->mem);
	snapshot_release(&f->snap);
}

static inline void memfile_add_page(struct sbuf *out, const struct fake_page *p)
{
	uint64_t head = p->addr | p->state | (p->data ? MEMFILE_WORDS : 0);
	uint64_t words[MEMFILE_PAGE_WORDS], bitmap[MEMFILE_PAGE_WORDS / 64] = { 0 };

	sbuf_add(out, &head, sizeof(head));
	if (!p->data)
		return;
	memcpy(words, p->data, sizeof(words));
	for (size_t i = 0; i < MEMFILE_PAGE_WORDS; i++) {
		if (words[i])
			bitmap[i / 64] |= UINT64_C(1) << i % 64;
	}
	sbuf_add(out, bitmap, sizeof(bitmap));
	for (size_t i = 0; i < MEMFILE_PAGE_WORDS; i++) {
		if (words[i])
			sbuf_add(out, &words[i], sizeof(words[i]));
	}
}

/* 0 or -1 with errno set. */
static inline int memfile_write(const char *path, const char *text, size_t len,
				const struct fakemem *pages)
{
	auto_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	auto_sbuf out = SBUF_INIT;
	uint32_t n;

	sbuf_adds(&out, memfile_magic);
	n = (uint32_t)len;
	sbuf_add(&out, &n, sizeof(n));
	sbuf_add(&out, text, len);
	n = (uint32_t)pages->n_pages;
	sbuf_add(&out, &n, sizeof(n));
	for (size_t i = 0; i < pages->n_pages; i++)
		memfile_add_page(&out, &pages->pages[i]);
	if (fd < 0)
		return -1;
	return write(fd, out.data, out.len) == (ssize_t)out.len ? 0 : -1;
}

/* Takes n bytes from *at; false if there are fewer. */
static inline bool memfile_take(const uint8_t **at, const uint8_t *end, void *out, size_t n)
{
	if ((size_t)(end - *at) < n)
		return false;
	memcpy(out, *at, n);
	*at += n;
	return true;
}

static inline void memfile_add_map(struct memfile *f, const struct smaps_record *rec)
{
	const struct vma *v = &rec->vma;
	struct region r = {
		.start = v->start,
		.end = v->end,
		.offset = v->offset,
		.flags = v->flags,
		.perms = v->perms,
		.name = snapshot_name(&f->snap, v->name, v->name_len),
	};

	if (v->inode)
		r.file = snapshot_file(&f->snap, v->major, v->minor, v->inode, v->name,
				       v->name_len);
	snapshot_add_region(&f->snap, &r, &rec->counts);
	fake_map(&f->mem, v->start, v->end,
		 &(struct mem_map){
			 .offset = v->offset,
			 .inode = v->inode,
			 .major = v->major,
			 .minor = v->minor,
			 .perms = v->perms,
			 .kind = (uint8_t)mem_kind_of(v),
		 });
}

static inline bool memfile_take_page(struct memfile *f, const uint8_t **at, const uint8_t *end)
{
	uint64_t head, bitmap[MEMFILE_PAGE_WORDS / 64];
	struct fake_page *p;

	if (!memfile_take(at, end, &head, sizeof(head)))
		return false;
	p = fake_page(&f->mem, head);
	p->state = head & 7;
	if (!(head & MEMFILE_WORDS))
		return true;
	if (!memfile_take(at, end, bitmap, sizeof(bitmap)))
		return false;
	if (!p->data)
		p->data = xcalloc(1, FAKE_PAGE);
	for (size_t i = 0; i < MEMFILE_PAGE_WORDS; i++) {
		if ((bitmap[i / 64] >> i % 64 & 1) && !memfile_take(at, end, p->data + 8 * i, 8))
			return false;
	}
	return true;
}

/* Adds Go, which is recognised by the contents of a program, not by names. */
static inline void memfile_add_runtimes(struct snapshot *s)
{
	static const struct {
		const char *program, *runtime;
	} rows[] = { { "/program.go", "go" } };

	for (size_t i = 1; i < s->n_files; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
			if (!streq(s->files[i].path, rows[k].program))
				continue;
			s->runtimes = xgrow(s->runtimes, s->n_runtimes, &s->cap_runtimes,
					    sizeof(*s->runtimes));
			s->runtimes[s->n_runtimes++] = (struct runtime){
				.name = rows[k].runtime, .module = s->files[i].path
			};
		}
	}
}

/*
 * Parses the bytes up to where they are cut or wrong; returns false if that is not the end. The
 * caller releases *ret in either case.
 */
static inline bool memfile_parse(const uint8_t *bytes, size_t n, struct memfile *ret)
{
	const uint8_t *at = bytes, *end = bytes + n;
	char magic[sizeof(memfile_magic) - 1];
	struct smaps_reader reader;
	struct smaps_record rec;
	uint32_t len;

	*ret = (struct memfile){ 0 };
	snap_init(&ret->snap);
	if (!memfile_take(&at, end, magic, sizeof(magic)) ||
	    memcmp(magic, memfile_magic, sizeof(magic)) != 0 ||
	    !memfile_take(&at, end, &len, sizeof(len)) || len > (size_t)(end - at))
		return false;
	smaps_reader_init_text(&reader, (const char *)at, len);
	while (smaps_next(&reader, &rec) > 0)
		memfile_add_map(ret, &rec);
	smaps_reader_release(&reader);
	for (size_t i = 1; i < ret->snap.n_files; i++) /* libraries are files with code */
		ret->snap.files[i].has_exec = true;
	if (ret->snap.n_files > 1) /* the program is mapped below them */
		ret->snap.files[1].is_program = true;
	runtime_detect(&ret->snap, &(struct procfs)PROCFS_INIT, -1);
	memfile_add_runtimes(&ret->snap);
	at += len;
	if (!memfile_take(&at, end, &len, sizeof(len)))
		return false;
	for (uint32_t i = 0; i < len; i++) {
		if (!memfile_take_page(ret, &at, end))
			return false;
	}
	return at == end;
}

/* Reads a recording (fuzz/corpus/memory); it must be whole. */
static inline void memfile_load(const char *name, struct memfile *ret)
{
	const char *srcdir = getenv("srcdir");
	auto_free char *path = xasprintf("%s/fuzz/corpus/memory/%s", srcdir ? srcdir : ".", name);
	auto_sbuf bytes = SBUF_INIT;

	assert_int_equal(io_read_at(AT_FDCWD, path, SIZE_MAX / 2, &bytes), 0);
	assert_true(memfile_parse((const uint8_t *)bytes.data, bytes.len, ret));
}

#endif
