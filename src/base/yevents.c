/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Uses the events of libyaml, not its documents: those expand aliases, and building them takes time
 * in the square of their number.
 */
#include "base/yevents.h"

#include <errno.h>
#include <stdarg.h>
#include <yaml.h>

#include "base/alloc.h"

struct yevents {
	struct yevents_source source;
	yaml_parser_t parser;
	yaml_event_t event; /* the current one; zeroed if there is no event */
	unsigned int depth;
	bool in_document;
	uint64_t offset; /* bytes passed to the parser */
	size_t fed;      /* bytes passed since the last event */
	bool too_long;
	int read_error;
};

int yplace_refuse(struct yplace at, struct err *err, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return err_set(err, EINVAL, "%.*s:%u:%u: %s", YPLACE_PATH_SHOWN, at.file, at.line,
		       at.column, what);
}

static struct yplace place_of(const struct yevents *y, yaml_mark_t mark)
{
	return (struct yplace){ y->source.file, (unsigned int)mark.line + 1,
				(unsigned int)mark.column + 1 };
}

struct yplace yplace_at(const struct yevents_source *source, uint64_t offset)
{
	struct yplace at = { source->file, 1, 1 };
	char buf[4096];
	ssize_t got;

	for (uint64_t done = 0; done < offset; done += (uint64_t)got) {
		size_t ask = (size_t)MIN(offset - done, (uint64_t)sizeof(buf));

		got = source->read_at(source->arg, buf, ask, done);
		if (got <= 0)
			break;
		for (ssize_t i = 0; i < got; i++) {
			at.column += ((unsigned char)buf[i] & 0xc0) != 0x80;
			if (buf[i] == '\n') {
				at.line++;
				at.column = 1;
			}
		}
	}
	return at;
}

static int feed(void *arg, unsigned char *buf, size_t size, size_t *ret_n)
{
	struct yevents *y = arg;
	ssize_t got;

	if (y->fed > y->source.max_bytes) {
		y->too_long = true;
		return 0;
	}
	got = y->source.read_at(y->source.arg, buf, size, y->offset);
	if (got < 0) {
		y->read_error = (int)got;
		return 0;
	}
	y->offset += (uint64_t)got;
	y->fed += (size_t)got;
	*ret_n = (size_t)got;
	return 1;
}

struct yevents *yevents_new(const struct yevents_source *source)
{
	struct yevents *y = xcalloc(1, sizeof(*y));

	y->source = *source;
	if (!yaml_parser_initialize(&y->parser))
		alloc_die();
	yaml_parser_set_encoding(&y->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input(&y->parser, feed, y);
	return y;
}

void yevents_free(struct yevents *y)
{
	if (!y)
		return;
	yaml_event_delete(&y->event);
	yaml_parser_delete(&y->parser);
	free(y);
}

static int refuse(const struct yevents *y, struct err *err, const char *what)
{
	return yplace_refuse(place_of(y, y->event.start_mark), err, "%s", what);
}

static int parse(struct yevents *y, struct err *err)
{
	const yaml_parser_t *p = &y->parser;

	yaml_event_delete(&y->event);
	y->fed = 0;
	if (yaml_parser_parse(&y->parser, &y->event))
		return 0;
	if (p->error == YAML_MEMORY_ERROR)
		alloc_die();
	if (y->read_error)
		return err_set_errno(err, -y->read_error, "%.*s", YPLACE_PATH_SHOWN,
				     y->source.file);
	if (y->too_long)
		return yplace_refuse(place_of(y, p->mark), err, "a value is too long");
	/* libyaml counts bytes if it could not decode them. */
	return yplace_refuse(p->error == YAML_READER_ERROR
				     ? yplace_at(&y->source, p->problem_offset)
				     : place_of(y, p->problem_mark),
			     err, "%s", p->problem);
}

/* Refuses first bytes that libyaml would obey or drop silently: byte order marks. */
static int check_encoding(const struct yevents *y, struct err *err)
{
	unsigned char b[3] = { 0 };
	ssize_t got = y->source.read_at(y->source.arg, b, sizeof(b), 0);
	const char *what = NULL;

	if (got >= 3 && memcmp(b, "\xef\xbb\xbf", 3) == 0)
		what = "a byte order mark";
	else if (got >= 2 && (memcmp(b, "\xff\xfe", 2) == 0 || memcmp(b, "\xfe\xff", 2) == 0))
		what = "UTF-16, not UTF-8";
	return what ? yplace_refuse(yplace_at(&y->source, 0), err, "%s", what) : 0;
}

/* Reads STREAM-START, then DOCUMENT-START or STREAM-END. */
static int begin(struct yevents *y, struct err *err)
{
	const yaml_event_t *e = &y->event;
	int ret = check_encoding(y, err);

	if (ret == 0)
		ret = parse(y, err);
	if (ret == 0)
		ret = parse(y, err);
	if (ret < 0 || e->type != YAML_DOCUMENT_START_EVENT)
		return ret;
	if (e->data.document_start.version_directive ||
	    e->data.document_start.tag_directives.start !=
		    e->data.document_start.tag_directives.end)
		return refuse(y, err, "directives are not supported");
	y->in_document = true;
	return parse(y, err);
}

static int take_node(const struct yevents *y, const void *anchor, const void *tag, struct err *err)
{
	if (anchor)
		return refuse(y, err, "anchors are not supported");
	return tag ? refuse(y, err, "tags are not supported") : 0;
}

static int take_collection(struct yevents *y, const void *anchor, const void *tag, struct err *err)
{
	if (y->depth == y->source.max_depth)
		return refuse(y, err, "nested too deeply");
	y->depth++;
	return take_node(y, anchor, tag, err);
}

static int take_scalar(const struct yevents *y, struct yevent *event, struct err *err)
{
	const yaml_event_t *e = &y->event;
	int ret = take_node(y, e->data.scalar.anchor, e->data.scalar.tag, err);

	if (ret < 0)
		return ret;
	event->text = (const char *)e->data.scalar.value;
	event->len = e->data.scalar.length;
	event->is_quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	return memchr(event->text, '\0', event->len) ? refuse(y, err, "a NUL character") : 0;
}

/* Reads what follows DOCUMENT-END, which has to be STREAM-END. */
static int finish(struct yevents *y, struct err *err)
{
	int ret = parse(y, err);

	if (ret == 0 && y->event.type != YAML_STREAM_END_EVENT)
		return refuse(y, err, "a second document");
	return ret;
}

int yevents_next(struct yevents *y, struct yevent *ret_event, struct err *err)
{
	const yaml_event_t *e = &y->event;
	int ret = y->in_document ? parse(y, err) : begin(y, err);

	if (ret < 0)
		return ret;
	*ret_event = (struct yevent){ .at = place_of(y, e->start_mark) };
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		ret_event->type = YEV_SCALAR;
		return take_scalar(y, ret_event, err);
	case YAML_SEQUENCE_START_EVENT:
		ret_event->type = YEV_LIST;
		return take_collection(y, e->data.sequence_start.anchor, e->data.sequence_start.tag,
				       err);
	case YAML_MAPPING_START_EVENT:
		ret_event->type = YEV_MAPPING;
		return take_collection(y, e->data.mapping_start.anchor, e->data.mapping_start.tag,
				       err);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		y->depth--;
		ret_event->type = e->type == YAML_SEQUENCE_END_EVENT ? YEV_LIST_END
								     : YEV_MAPPING_END;
		return 0;
	case YAML_ALIAS_EVENT:
		return refuse(y, err, "aliases are not supported");
	case YAML_DOCUMENT_END_EVENT:
		ret_event->type = YEV_END;
		return finish(y, err);
	default: /* an empty stream */
		ret_event->type = YEV_END;
		return 0;
	}
}
