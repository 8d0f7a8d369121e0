/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/image/libraries.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/io.h"
#include "base/path.h"
#include "base/sbuf.h"
#include "proc/elf.h"

enum {
	FILE_MAX = 8 << 20, /* bytes of a library that are searched */
	WINDOW = 256 << 10,
	RELEASE_MAX = 24, /* of a release, without what identifies a commit */
};

/* Returns the first mapped file whose name begins with this. */
static uint32_t find_library(const struct walk *walk, const char *prefix)
{
	for (uint32_t i = 1; i < walk->snap->n_files; i++) {
		if (starts_with(path_base(walk->snap->files[i].path), prefix))
			return i;
	}
	return 0;
}

uint32_t library_jemalloc(const struct walk *walk)
{
	return find_library(walk, "libjemalloc.so");
}

uint32_t library_tcmalloc(const struct walk *walk)
{
	return find_library(walk, "libtcmalloc");
}

uint32_t library_mimalloc(const struct walk *walk)
{
	return find_library(walk, "libmimalloc");
}

uint32_t library_musl(const struct walk *walk)
{
	uint32_t linker = find_library(walk, "ld-musl-");

	/* The linker is a link to the library, and its directory shows which library it is. */
	for (uint32_t i = 1; !linker && i < walk->snap->n_files; i++) {
		const char *path = walk->snap->files[i].path;

		if (streq(path_base(path), "libc.so") && strstr(path, "musl"))
			linker = i;
	}
	return linker;
}

uint32_t library_mozjemalloc(const struct walk *walk)
{
	return find_library(walk, "libmozglue.so");
}

/* Returns the program if it names memory like this: the allocator is in the program itself. */
uint32_t library_google_tcmalloc(const struct walk *walk)
{
	for (size_t i = 0; i < walk->snap->n_regions; i++) {
		if (starts_with(snapshot_region_name(walk->snap, &walk->snap->regions[i]),
				"[anon:tcmalloc_region_"))
			return walk_program(walk);
	}
	return 0;
}

static size_t skip_number(const char *text)
{
	return strspn(text, "0123456789");
}

/* Returns the length of a release, "5.3.0" or "gperftools 2.10"; 0: the text is not a release. */
static size_t release_length(const char **text)
{
	static const char product[] = "gperftools ";
	bool named = starts_with(*text, product);
	size_t n = 0, parts = 0, len;

	if (named)
		*text += sizeof(product) - 1;
	for (; (len = skip_number(*text + n)) != 0; n++) {
		n += len;
		parts++;
		if ((*text)[n] != '.')
			break;
	}
	if (len == 0 || n > RELEASE_MAX || parts < (named ? 2 : 3) || parts > 3)
		return 0;
	return (*text)[n] == '\0' || (*text)[n] == '-' ? n : 0;
}

/* Finds the first string that is a release. */
static const char *find_release(struct walk *walk, const struct sbuf *bytes)
{
	const char *at = sbuf_str(bytes), *end = at + bytes->len;

	while (at < end) {
		const char *text = at;
		size_t n = *at ? release_length(&text) : 0;

		if (n)
			return arena_strndup(&walk->arena, text, n);
		at += strlen(at) + 1;
	}
	return NULL;
}

/* Returns the release in the name of a file: "2.0" of "libmimalloc.so.2.0". */
static const char *release_of_name(const struct walk *walk, uint32_t file)
{
	const char *so = strstr(path_base(walk->snap->files[file].path), ".so.");
	const char *release = so ? so + 4 : NULL;

	return release && strchr(release, '.') ? release : NULL;
}

/* Returns a descriptor that the caller closes, or -errno. */
static int open_file(const struct walk *walk, uint32_t file)
{
	const struct file *f = &walk->snap->files[file];
	const struct region *r;

	if (!walk->opts.fs || f->first_region >= walk->snap->n_regions)
		return -ENOENT;
	r = &walk->snap->regions[f->first_region];
	return elf_open_mapped(walk->opts.fs, walk->opts.dirfd, r->start, r->end, f->path, f->major,
			       f->minor, f->inode);
}

bool library_has_text(const struct walk *walk, uint32_t file, const char *text)
{
	size_t n = strlen(text), kept = 0;
	auto_close int fd = open_file(walk, file);
	auto_free char *window = xmalloc(n + WINDOW);
	ssize_t got;

	if (fd < 0)
		return false;
	for (off_t at = 0; (got = pread(fd, window + kept, WINDOW, at)) > 0; at += got) {
		size_t len = kept + (size_t)got;

		if (memmem(window, len, text, n))
			return true;
		/* The text may continue in the next window. */
		kept = MIN(len, n - 1);
		memmove(window, window + len - kept, kept);
	}
	return false;
}

const char *library_release(struct walk *walk, uint32_t file)
{
	auto_sbuf bytes = SBUF_INIT;
	auto_close int fd = open_file(walk, file);
	const char *found = NULL;

	if (fd >= 0) {
		(void)io_pread_piece(fd, FILE_MAX, &bytes);
		found = find_release(walk, &bytes);
	}
	return found ? found : release_of_name(walk, file);
}
