/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/cpython/find.h"

#include "base/num.h"
#include "walk/image/module_data.h"
#include "walk/runtime/cpython/layout.h"

enum {
	OTHER_HEAD =
		16, /* bytes that objects of other builds have in front of the type in addition */
	METATYPE_MIN = 400, /* tp_basicsize of `type` */
	METATYPE_MAX = 1200,
	VERSION_TEXT_MAX = 200,
	VERSION_PIECE = 4096, /* bytes that are searched in one go */
	VERSION_ALIGN = 8,
};

struct search {
	struct memsrc *mem;
	struct py_runtime *v;
	size_t n;
};

/* Tells whether `type` is at addr, in a build whose objects have this many more bytes in front. */
static bool is_metatype(struct memsrc *mem, uint64_t addr, uint64_t more)
{
	uint64_t name, basicsize, flags;
	char text[sizeof("type")];

	return memsrc_peek(mem, addr + more + TP_NAME, &name, sizeof(name)) &&
	       memsrc_peek(mem, addr + more + TP_BASICSIZE, &basicsize, sizeof(basicsize)) &&
	       memsrc_peek(mem, addr + more + TP_FLAGS, &flags, sizeof(flags)) &&
	       basicsize >= METATYPE_MIN && basicsize <= METATYPE_MAX && flags & TPF_READY &&
	       flags & TPF_TYPE && memsrc_peek(mem, name, text, sizeof(text)) &&
	       memcmp(text, "type", sizeof(text)) == 0;
}

/* Finds `type` in [start, end): the word at its ob_type is its own address. */
static bool find_metatype(struct memsrc *mem, uint64_t start, uint64_t end, struct py_runtime *rt)
{
	uint64_t words[512];

	for (uint64_t at = start; at < end && !memsrc_is_over(mem); at += sizeof(words)) {
		size_t len = (size_t)MIN(end - at, sizeof(words));

		if (!memsrc_copy(mem, at, words, len))
			continue;
		for (size_t i = 0; i < len / sizeof(*words); i++) {
			uint64_t self = at + i * sizeof(*words) - PY_TYPE;

			rt->metatype = words[i];
			if (words[i] == self && is_metatype(mem, self, 0))
				return true;
			rt->other_objects = words[i] == self - OTHER_HEAD &&
					    is_metatype(mem, words[i], OTHER_HEAD);
			if (rt->other_objects)
				return true;
		}
	}
	return false;
}

bool py_version_parse(const char *text, unsigned int *ret_major, unsigned int *ret_minor)
{
	const char *dot = strchr(text, '.');
	char major[8], minor[8];
	uint64_t a, b;
	size_t n;

	if (!dot || (size_t)(dot - text) >= sizeof(major))
		return false;
	n = strspn(dot + 1, "0123456789");
	if (n >= sizeof(minor))
		return false;
	(void)snprintf(major, sizeof(major), "%.*s", (int)(dot - text), text);
	(void)snprintf(minor, sizeof(minor), "%.*s", (int)n, dot + 1);
	if (num_parse_u64(major, &a) < 0 || num_parse_u64(minor, &b) < 0)
		return false;
	*ret_major = (unsigned int)a;
	*ret_minor = (unsigned int)b;
	return true;
}

/*
 * Tells whether this is sys.version: "3.11.2 (main, Mar 13 2023, ...) [GCC 12.2.0]". Free-threaded
 * builds say so in front of the parenthesis.
 */
static bool parse_version(const char *text, struct py_runtime *rt)
{
	size_t n = strspn(text, "0123456789.abrc+"), dots = 0;
	const char *open = strchr(text, '(');

	for (size_t i = 0; i < n; i++)
		dots += text[i] == '.';
	if (n == 0 || n > PY_VERSION_MAX || dots != 2 || text[n] != ' ' || !open ||
	    !strchr(open, '[') || !py_version_parse(text, &rt->major, &rt->minor))
		return false;
	(void)snprintf(rt->version, sizeof(rt->version), "%.*s", (int)n, text);
	rt->free_threaded = memmem(text, (size_t)(open - text), "free-threading", 14);
	return true;
}

/* Finds sys.version in [start, end). It is a buffer, so it is aligned. */
static void find_version(struct memsrc *mem, uint64_t start, uint64_t end, struct py_runtime *rt)
{
	char page[VERSION_PIECE + VERSION_TEXT_MAX + 1];

	for (uint64_t at = start; at < end && !memsrc_is_over(mem); at += VERSION_PIECE) {
		size_t len = (size_t)MIN(end - at, (uint64_t)VERSION_PIECE + VERSION_TEXT_MAX);

		/* Leaves out the end of the string, if that cannot be read. */
		if (!memsrc_copy(mem, at, page, len)) {
			len = (size_t)MIN(end - at, (uint64_t)VERSION_PIECE);
			if (!memsrc_copy(mem, at, page, len))
				continue;
		}
		page[len] = '\0';
		for (size_t i = 0; i + VERSION_ALIGN <= len; i += VERSION_ALIGN) {
			if ((page[i] == '3' || page[i] == '2') && page[i + 1] == '.' &&
			    parse_version(page + i, rt))
				return;
		}
	}
}

static void search_module(void *arg, const struct mem_map *module, uint64_t start, uint64_t end)
{
	struct search *s = arg;
	struct py_runtime rt = {
		.start = start,
		.end = end,

		.dev_major = module->major,
		.dev_minor = module->minor,
		.inode = module->inode,
	};

	if (s->n == PY_RUNTIMES_MAX || !find_metatype(s->mem, start, end, &rt))
		return;
	find_version(s->mem, start, end, &rt);
	s->v[s->n++] = rt;
}

size_t py_runtimes_find(struct memsrc *mem, struct py_runtime ret[PY_RUNTIMES_MAX])
{
	struct search s = { .mem = mem, .v = ret };

	module_data_each(mem, search_module, &s);
	return s.n;
}
