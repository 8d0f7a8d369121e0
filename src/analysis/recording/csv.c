/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/recording/csv.h"

#include <errno.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/stamp.h"

enum {
	FILE_SHOWN = 300, /* bytes of a file's name in an error message */
	FIELD_SHOWN = 60, /* bytes of a field in an error message */
};

struct field {
	const char *s;
	size_t n;
};

struct csv {
	const char *file;
	size_t line; /* from 1 */
	bool begun;  /* a line other than blanks, comments and headings was read */
	struct recording *recording;
	struct err *err;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct field trimmed(struct field f)
{
	while (f.n > 0 && is_blank(f.s[0])) {
		f.s++;
		f.n--;
	}
	while (f.n > 0 && is_blank(f.s[f.n - 1]))
		f.n--;
	return f;
}

static struct field unquoted(struct field f)
{
	f = trimmed(f);
	if (f.n >= 2 && f.s[0] == '"' && f.s[f.n - 1] == '"')
		return (struct field){ f.s + 1, f.n - 2 };
	return f;
}

static int refuse(const struct csv *c, const char *what)
{
	return err_set(c->err, EINVAL, "%.*s:%zu: %s", FILE_SHOWN, c->file, c->line, what);
}

static int refuse_field(const struct csv *c, struct field f, const char *what)
{
	return err_set(c->err, EINVAL, "%.*s:%zu: '%.*s': %s", FILE_SHOWN, c->file, c->line,
		       (int)MIN(f.n, (size_t)FIELD_SHOWN), f.s, what);
}

/* Parses seconds, with or without a fraction. */
static int parse_seconds(struct field f, int64_t *ret_ns)
{
	const char *p = f.s, *end = f.s + f.n;
	int64_t fraction = 0;
	uint64_t seconds;

	if (!num_scan_u64(&p, end, &seconds))
		return -EINVAL;
	if (p < end && *p == '.') {
		int64_t unit = NS_PER_S / 10;

		for (p++; p < end && *p >= '0' && *p <= '9'; p++, unit /= 10)
			fraction += (*p - '0') * unit;
	}
	if (p != end)
		return -EINVAL;
	if (seconds >= (uint64_t)(INT64_MAX / NS_PER_S))
		return -ERANGE;
	*ret_ns = (int64_t)seconds * NS_PER_S + fraction;
	return 0;
}

static int parse_time(struct field f, int64_t *ret_ns)
{
	int ret = parse_seconds(f, ret_ns);

	return ret == -EINVAL ? stamp_parse(f.s, f.n, ret_ns) : ret;
}

/* Reads a line with two fields. */
static int parse_fields(struct csv *c, struct field time, struct field value)
{
	struct sample sample;
	int time_ret = parse_time(time, &sample.t_ns);
	int value_ret = recording_parse_bytes(value.s, value.n, &sample.bytes);
	bool is_first = !c->begun;

	c->begun = true;
	if (is_first && time_ret == -EINVAL && value_ret == -EINVAL)
		return 0; /* headings */
	if (time_ret < 0)
		return refuse_field(c, time,
				    time_ret == -ERANGE
					    ? "beyond the times of 64 bits; milliseconds?"
					    : "neither seconds nor a time with its zone");
	if (value_ret < 0)
		return refuse_field(c, value,
				    value_ret == -ERANGE ? "too large" : "not a number of bytes");
	if (recording_push(c->recording, sample) < 0)
		return refuse(c, "time goes back");
	return 0;
}

static int parse_line(struct csv *c, struct field line)
{
	size_t i = 0;

	line = trimmed(line);
	if (line.n == 0 || line.s[0] == '#')
		return 0;
	while (i < line.n && line.s[i] != ',' && line.s[i] != ';' && line.s[i] != '\t')
		i++;
	if (i == line.n)
		return refuse_field(c, line, "not a time and bytes, separated by a comma");
	return parse_fields(c, unquoted((struct field){ line.s, i }),
			    unquoted((struct field){ line.s + i + 1, line.n - i - 1 }));
}

int recording_csv_parse(const char *file, const char *bytes, size_t n, struct recordings *ret,
			struct err *err)
{
	static const char mark[] =
		"\xef\xbb\xbf"; /* a byte order mark, which some programs write */
	struct csv c = { .file = file, .recording = recordings_add(ret, NULL), .err = err };
	const char *p = bytes, *end = bytes + n;

	if (n >= strlen(mark) && memcmp(p, mark, strlen(mark)) == 0)
		p += strlen(mark);
	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		struct field line = { p, (size_t)((newline ? newline : end) - p) };

		c.line++;
		if (parse_line(&c, line) < 0)
			return -EINVAL;
		p = newline ? newline + 1 : end;
	}
	if (c.recording->series.n == 0)
		return err_set(err, EINVAL, "%.*s: no samples", FILE_SHOWN, file);
	return 0;
}
