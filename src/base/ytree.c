/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The events of libyaml, not its documents: those expand aliases, and its composer takes time in
 * the square of their number.
 */
#include "base/ytree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <yaml.h>

#include "base/alloc.h"
#include "base/num.h"
#include "base/sbuf.h"

enum { PATH_SHOWN = 300 }; /* bytes of a path in an error, so that the reason has room */

struct reader {
	yaml_parser_t parser;
	yaml_event_t event; /* the current one; zeroed when there is none */
	const char *bytes;
	struct arena *arena;
	const char *file;
	struct err *err;
};

int yplace_refuse(struct yplace at, struct err *err, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return err_set(err, EINVAL, "%.*s:%u:%u: %s", PATH_SHOWN, at.file, at.line, at.column,
		       what);
}

static struct yplace place_of(const struct reader *r, yaml_mark_t mark)
{
	return (struct yplace){ r->file, (unsigned int)mark.line + 1,
				(unsigned int)mark.column + 1 };
}

/* libyaml counts bytes where it could not decode them. */
static struct yplace place_at_offset(const struct reader *r, size_t offset)
{
	struct yplace at = { r->file, 1, 1 };

	for (size_t i = 0; i < offset; i++) {
		bool continues = ((unsigned char)r->bytes[i] & 0xc0) == 0x80;

		at.column += !continues;
		if (r->bytes[i] == '\n') {
			at.line++;
			at.column = 1;
		}
	}
	return at;
}

static int refuse_event(struct reader *r, const char *what)
{
	return yplace_refuse(place_of(r, r->event.start_mark), r->err, "%s", what);
}

static int next_event(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;

	yaml_event_delete(&r->event);
	if (yaml_parser_parse(&r->parser, &r->event))
		return 0;
	if (p->error == YAML_MEMORY_ERROR)
		alloc_die();
	return yplace_refuse(p->error == YAML_READER_ERROR ? place_at_offset(r, p->problem_offset)
							   : place_of(r, p->problem_mark),
			     r->err, "%s", p->problem);
}

static int take_scalar(struct reader *r, const char **ret_text)
{
	const char *text = (const char *)r->event.data.scalar.value;
	size_t len = r->event.data.scalar.length;

	if (r->event.data.scalar.anchor)
		return refuse_event(r, "anchors are not supported");
	if (r->event.data.scalar.tag)
		return refuse_event(r, "tags are not supported");
	if (memchr(text, '\0', len))
		return refuse_event(r, "a NUL character");
	*ret_text = arena_strndup(r->arena, text, len);
	return 0;
}

static int take_node(struct reader *r, unsigned int depth, struct ynode *node);

static int take_list(struct reader *r, unsigned int depth, struct ynode *list)
{
	struct ynode **tail = &list->first;

	for (;;) {
		struct ynode *item;
		int ret = next_event(r);

		if (ret < 0 || r->event.type == YAML_SEQUENCE_END_EVENT)
			return ret;
		item = arena_alloc(r->arena, sizeof(*item));
		ret = take_node(r, depth + 1, item);
		if (ret < 0)
			return ret;
		*tail = item;
		tail = &item->next;
	}
}

static int take_key(struct reader *r, const struct ynode *mapping, struct ynode *entry)
{
	const struct ynode *twin;
	int ret;

	if (r->event.type == YAML_ALIAS_EVENT)
		return refuse_event(r, "aliases are not supported");
	if (r->event.type != YAML_SCALAR_EVENT)
		return refuse_event(r, "a key must be a word");
	entry->key_at = place_of(r, r->event.start_mark);
	ret = take_scalar(r, &entry->key);
	if (ret < 0)
		return ret;
	twin = ynode_find(mapping, entry->key);
	return twin ? yplace_refuse(entry->key_at, r->err, "'%.60s': stands in line %u already",
				    entry->key, twin->key_at.line)
		    : 0;
}

static int take_mapping(struct reader *r, unsigned int depth, struct ynode *mapping)
{
	struct ynode **tail = &mapping->first;

	for (size_t n = 0;; n++) {
		struct ynode *entry;
		int ret = next_event(r);

		if (ret < 0 || r->event.type == YAML_MAPPING_END_EVENT)
			return ret;
		if (n == YTREE_MAX_KEYS)
			return refuse_event(r, "too many keys");
		entry = arena_alloc(r->arena, sizeof(*entry));
		ret = take_key(r, mapping, entry);
		if (ret == 0)
			ret = next_event(r);
		if (ret == 0)
			ret = take_node(r, depth + 1, entry);
		if (ret < 0)
			return ret;
		*tail = entry;
		tail = &entry->next;
	}
}

/* From the first event of a node to its last. */
static int take_node(struct reader *r, unsigned int depth, struct ynode *node)
{
	const yaml_event_t *e = &r->event;

	node->at = place_of(r, e->start_mark);
	if (e->type == YAML_ALIAS_EVENT)
		return refuse_event(r, "aliases are not supported");
	if (e->type == YAML_SCALAR_EVENT) {
		node->type = YNODE_SCALAR;
		node->is_quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		return take_scalar(r, &node->text);
	}
	if (depth > YTREE_MAX_DEPTH)
		return refuse_event(r, "nested too deeply");
	if (e->type == YAML_SEQUENCE_START_EVENT) {
		node->type = YNODE_LIST;
		return e->data.sequence_start.anchor ? refuse_event(r, "anchors are not supported")
		       : e->data.sequence_start.tag  ? refuse_event(r, "tags are not supported")
						     : take_list(r, depth, node);
	}
	node->type = YNODE_MAPPING;
	return e->data.mapping_start.anchor ? refuse_event(r, "anchors are not supported")
	       : e->data.mapping_start.tag  ? refuse_event(r, "tags are not supported")
					    : take_mapping(r, depth, node);
}

static bool has_directives(const yaml_event_t *e)
{
	return e->data.document_start.version_directive ||
	       e->data.document_start.tag_directives.start !=
		       e->data.document_start.tag_directives.end;
}

/* STREAM-START, then at most DOCUMENT-START, the root and DOCUMENT-END, then STREAM-END. */
static int take_stream(struct reader *r, struct ynode **ret_root)
{
	struct ynode *root = NULL;
	int ret = next_event(r);

	if (ret == 0)
		ret = next_event(r);
	if (ret == 0 && r->event.type == YAML_DOCUMENT_START_EVENT) {
		if (has_directives(&r->event))
			return refuse_event(r, "directives are not supported");
		root = arena_alloc(r->arena, sizeof(*root));
		ret = next_event(r);
		if (ret == 0)
			ret = take_node(r, 1, root);
		if (ret == 0)
			ret = next_event(r);
		if (ret == 0)
			ret = next_event(r);
	}
	if (ret < 0)
		return ret;
	if (r->event.type != YAML_STREAM_END_EVENT)
		return refuse_event(r, "a second document");
	*ret_root = root;
	return 0;
}

/* What the first bytes say that libyaml would obey or drop without a word. */
static const char *encoding_of(const char *bytes, size_t n)
{
	if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		return "a byte order mark";
	if (n >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
		return "UTF-16, not UTF-8";
	return NULL;
}

int ytree_parse(const char *file, const char *bytes, size_t n, struct ytree *ret_tree,
		struct err *err)
{
	struct ytree *t = ret_tree;
	struct reader r = { .bytes = bytes, .arena = &t->arena, .err = err };
	int ret;

	*t = (struct ytree)YTREE_INIT;
	r.file = t->file = arena_strdup(&t->arena, file);
	if (encoding_of(bytes, n))
		return yplace_refuse(place_at_offset(&r, 0), err, "%s", encoding_of(bytes, n));
	if (n > YTREE_MAX_BYTES)
		return yplace_refuse(place_at_offset(&r, YTREE_MAX_BYTES), err,
				     "the file is larger than %d KiB", YTREE_MAX_BYTES >> 10);
	if (!yaml_parser_initialize(&r.parser))
		alloc_die();
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)bytes, n);
	ret = take_stream(&r, &t->root);
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	return ret;
}

/* A FIFO would wait for a writer: neither opening nor reading may. */
static int open_regular(const char *file, struct err *err)
{
	auto_close int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set_errno(err, errno, "%.*s", PATH_SHOWN, file);
	if (!S_ISREG(st.st_mode))
		return err_set(err, EINVAL, "%.*s: not a regular file", PATH_SHOWN, file);
	if (geteuid() == 0 && (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH))))
		return err_set(err, EPERM, "%.*s: others than root may write to it", PATH_SHOWN,
			       file);
	return steal_fd(&fd);
}

int ytree_load(const char *file, struct ytree *ret_tree, struct err *err)
{
	auto_close int fd = -1;
	auto_sbuf text = SBUF_INIT;
	ssize_t got;

	*ret_tree = (struct ytree)YTREE_INIT;
	fd = open_regular(file, err);
	if (fd < 0)
		return fd;
	do { /* one byte more than allowed shows that it is too large */
		sbuf_reserve(&text, YTREE_MAX_BYTES + 1);
		got = read(fd, text.data + text.len, YTREE_MAX_BYTES + 1 - text.len);
		text.len += got > 0 ? (size_t)got : 0;
	} while (got > 0 || (got < 0 && errno == EINTR));
	if (got < 0)
		return err_set_errno(err, errno, "%.*s", PATH_SHOWN, file);
	return ytree_parse(file, text.data, text.len, ret_tree, err);
}

void ytree_release(struct ytree *t)
{
	arena_release(&t->arena);
	*t = (struct ytree)YTREE_INIT;
}

const struct ynode *ynode_find(const struct ynode *mapping, const char *key)
{
	const struct ynode *n = mapping->type == YNODE_MAPPING ? mapping->first : NULL;

	while (n && !streq(n->key, key))
		n = n->next;
	return n;
}

int ynode_mapping(const struct ynode *n, struct err *err)
{
	return n->type == YNODE_MAPPING ? 0 : yplace_refuse(n->at, err, "not a mapping");
}

int ynode_list(const struct ynode *n, struct err *err)
{
	return n->type == YNODE_LIST ? 0 : yplace_refuse(n->at, err, "not a list");
}

static bool is_null(const struct ynode *n)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };

	for (size_t i = 0; !n->is_quoted && i < ARRAY_SIZE(nulls); i++) {
		if (streq(n->text, nulls[i]))
			return true;
	}
	return false;
}

int ynode_string(const struct ynode *n, const char **ret_text, struct err *err)
{
	if (n->type != YNODE_SCALAR)
		return yplace_refuse(n->at, err, "not a text");
	if (is_null(n))
		return yplace_refuse(n->at, err, "no value");
	*ret_text = n->text;
	return 0;
}

/* The text of a scalar without quotes, "" of all else, which no number is. */
static const char *bare_text(const struct ynode *n)
{
	return n->type == YNODE_SCALAR && !n->is_quoted ? n->text : "";
}

int ynode_bool(const struct ynode *n, bool *ret_value, struct err *err)
{
	const char *text = bare_text(n);
	bool value = streq(text, "true");

	if (!value && !streq(text, "false"))
		return yplace_refuse(n->at, err, "not true or false");
	*ret_value = value;
	return 0;
}

int ynode_u64(const struct ynode *n, uint64_t min, uint64_t max, uint64_t *ret_value,
	      struct err *err)
{
	uint64_t value;
	int ret = num_parse_u64(bare_text(n), &value);

	if (ret == -EINVAL)
		return yplace_refuse(n->at, err, "not a whole number");
	if (ret < 0 || value < min || value > max)
		return yplace_refuse(n->at, err, "not from %llu to %llu", (unsigned long long)min,
				     (unsigned long long)max);
	*ret_value = value;
	return 0;
}

int ynode_size(const struct ynode *n, uint64_t *ret_bytes, struct err *err)
{
	int ret = num_parse_size(bare_text(n), ret_bytes);

	if (ret < 0)
		return yplace_refuse(n->at, err,
				     ret == -ERANGE ? "too large"
						    : "not a size (such as 512M or 1.5GiB)");
	return 0;
}

int ynode_strings(const struct ynode *n, struct arena *arena, const char *const **ret_texts,
		  size_t *ret_n, struct err *err)
{
	const char **texts;
	size_t count = 0, i = 0;
	int ret = ynode_list(n, err);

	if (ret < 0)
		return ret;
	for (const struct ynode *item = n->first; item; item = item->next)
		count++;
	texts = arena_array(arena, count, const char *);
	for (const struct ynode *item = n->first; item; item = item->next) {
		ret = ynode_string(item, &texts[i++], err);
		if (ret < 0)
			return ret;
	}
	*ret_texts = texts;
	*ret_n = count;
	return 0;
}
