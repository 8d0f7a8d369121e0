/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/ytree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/num.h"
#include "base/sbuf.h"

struct reader {
	struct yevents *events;
	struct yevent event; /* the current one */
	struct arena *arena;
	struct err *err;
};

static int next_event(struct reader *r)
{
	return yevents_next(r->events, &r->event, r->err);
}

static const char *take_scalar(struct reader *r)
{
	return arena_strndup(r->arena, r->event.text, r->event.len);
}

static int take_node(struct reader *r, struct ynode *node);

static int take_list(struct reader *r, struct ynode *list)
{
	struct ynode **tail = &list->first;

	for (;;) {
		struct ynode *item;
		int ret = next_event(r);

		if (ret < 0 || r->event.type == YEV_LIST_END)
			return ret;
		item = arena_alloc(r->arena, sizeof(*item));
		ret = take_node(r, item);
		if (ret < 0)
			return ret;
		*tail = item;
		tail = &item->next;
	}
}

static int take_key(struct reader *r, const struct ynode *mapping, struct ynode *entry)
{
	const struct ynode *twin;

	if (r->event.type != YEV_SCALAR)
		return yplace_refuse(r->event.at, r->err, "a key must be a word");
	entry->key_at = r->event.at;
	entry->key = take_scalar(r);
	twin = ynode_find(mapping, entry->key);
	return twin ? yplace_refuse(entry->key_at, r->err, "'%.60s': occurs in line %u already",
				    entry->key, twin->key_at.line)
		    : 0;
}

static int take_mapping(struct reader *r, struct ynode *mapping)
{
	struct ynode **tail = &mapping->first;

	for (size_t n = 0;; n++) {
		struct ynode *entry;
		int ret = next_event(r);

		if (ret < 0 || r->event.type == YEV_MAPPING_END)
			return ret;
		if (n == YTREE_MAX_KEYS)
			return yplace_refuse(r->event.at, r->err, "too many keys");
		entry = arena_alloc(r->arena, sizeof(*entry));
		ret = take_key(r, mapping, entry);
		if (ret == 0)
			ret = next_event(r);
		if (ret == 0)
			ret = take_node(r, entry);
		if (ret < 0)
			return ret;
		*tail = entry;
		tail = &entry->next;
	}
}

/* Reads a node, from its first event to its last. */
static int take_node(struct reader *r, struct ynode *node)
{
	const struct yevent *e = &r->event;

	node->at = e->at;
	switch (e->type) {
	case YEV_LIST:
		node->type = YNODE_LIST;
		return take_list(r, node);
	case YEV_MAPPING:
		node->type = YNODE_MAPPING;
		return take_mapping(r, node);
	default:
		node->type = YNODE_SCALAR;
		node->is_quoted = e->is_quoted;
		node->text = take_scalar(r);
		return 0;
	}
}

static int take_document(struct reader *r, struct ynode **ret_root)
{
	struct ynode *root;
	int ret = next_event(r);

	if (ret < 0 || r->event.type == YEV_END)
		return ret;
	root = arena_alloc(r->arena, sizeof(*root));
	ret = take_node(r, root);
	if (ret == 0)
		ret = next_event(r);
	if (ret == 0)
		*ret_root = root;
	return ret;
}

struct text {
	const char *bytes;
	size_t n;
};

static ssize_t read_text(void *arg, void *buf, size_t n, uint64_t offset)
{
	const struct text *text = arg;
	size_t left = text->n - (size_t)MIN(offset, (uint64_t)text->n);

	n = MIN(n, left);
	memcpy(buf, text->bytes + (text->n - left), n);
	return (ssize_t)n;
}

int ytree_parse(const char *file, const char *bytes, size_t n, struct ytree *ret_tree,
		struct err *err)
{
	struct ytree *t = ret_tree;
	struct text text = { bytes, n };
	struct yevents_source source = {
		.read_at = read_text,
		.arg = &text,
		.max_depth = YTREE_MAX_DEPTH,
		.max_bytes = YTREE_MAX_BYTES,
	};
	struct reader r = { .arena = &t->arena, .err = err };
	int ret;

	*t = (struct ytree)YTREE_INIT;
	source.file = t->file = arena_strdup(&t->arena, file);
	if (n > YTREE_MAX_BYTES)
		return yplace_refuse(yplace_at(&source, YTREE_MAX_BYTES), err,
				     "the file is larger than %d KiB", YTREE_MAX_BYTES >> 10);
	r.events = yevents_new(&source);
	ret = take_document(&r, &t->root);
	yevents_free(r.events);
	return ret;
}

static int open_own(const char *file, struct err *err)
{
	auto_close int fd = io_open_named(file);
	struct stat st;

	if (fd == -EINVAL)
		return err_set(err, EINVAL, "%.*s: not a regular file", YPLACE_PATH_SHOWN, file);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set_errno(err, fd < 0 ? -fd : errno, "%.*s", YPLACE_PATH_SHOWN, file);
	if (geteuid() == 0 && (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH))))
		return err_set(err, EPERM, "%.*s: users other than root may write to it",
			       YPLACE_PATH_SHOWN, file);
	return steal_fd(&fd);
}

int ytree_load(const char *file, struct ytree *ret_tree, struct err *err)
{
	auto_close int fd = -1;
	auto_sbuf text = SBUF_INIT;
	ssize_t got;

	*ret_tree = (struct ytree)YTREE_INIT;
	fd = open_own(file, err);
	if (fd < 0)
		return fd;
	do { /* one byte more than allowed shows that the file is too large */
		sbuf_reserve(&text, YTREE_MAX_BYTES + 1);
		got = read(fd, text.data + text.len, YTREE_MAX_BYTES + 1 - text.len);
		text.len += got > 0 ? (size_t)got : 0;
	} while (got > 0 || (got < 0 && errno == EINTR));
	if (got < 0)
		return err_set_errno(err, errno, "%.*s", YPLACE_PATH_SHOWN, file);
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

/* Returns the text of a scalar without quotes, "" for all other nodes, which is never a number. */
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
