/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/recording/prom.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>

#include "base/clock.h"
#include "base/sbuf.h"

enum {
	FILE_SHOWN = 200, /* bytes of a file's name in an error message */
	TEXT_SHOWN = 60,  /* bytes of its contents in an error message */
	NAME_MAX_BYTES = 1000,
};

#define auto_json __attribute__((cleanup(cleanup_json))) json_t

static void cleanup_json(json_t **json)
{
	json_decref(*json);
}

/* The position in the file, for errors. */
struct place {
	const char *file;
	size_t series; /* from 1 */
	size_t value;  /* from 1 */
	struct err *err;
};

static int refuse(const struct place *at, const char *what)
{
	return err_set(at->err, EINVAL, "%.*s: series %zu, value %zu: %s", FILE_SHOWN, at->file,
		       at->series, at->value, what);
}

static int refuse_file(const char *file, struct err *err, const char *what)
{
	return err_set(err, EINVAL, "%.*s: %s", FILE_SHOWN, file, what);
}

/* Returns a string member of an object, "" if it is missing. */
static const char *text_of(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

/* Returns metric{label="value",...}, with labels in the order of the file. The caller frees it. */
static char *series_name(json_t *metric)
{
	auto_sbuf name = SBUF_INIT;
	const char *key, *between = "{";
	json_t *value;

	sbuf_adds(&name, text_of(metric, "__name__"));
	json_object_foreach(metric, key, value)
	{
		if (streq(key, "__name__") || !json_is_string(value))
			continue;
		sbuf_addf(&name, "%s%s=\"%s\"", between, key, json_string_value(value));
		between = ",";
	}
	sbuf_adds(&name, *between == ',' ? "}" : "");
	if (name.len > NAME_MAX_BYTES) {
		name.len = NAME_MAX_BYTES;
		name.data[name.len] = '\0';
	}
	return sbuf_steal(&name);
}

/* Reads a pair of seconds and a number in quotes. */
static int read_value(const struct place *at, const json_t *pair, struct recording *r)
{
	const json_t *time = json_array_get(pair, 0), *value = json_array_get(pair, 1);
	double seconds = json_number_value(time);
	struct sample sample;
	int ret;

	if (json_array_size(pair) != 2 || !json_is_number(time) || !json_is_string(value))
		return refuse(at, "not a pair of a time and a number in quotes");
	if (!(seconds >= 0) || seconds >= (double)(INT64_MAX / NS_PER_S))
		return refuse(at, "no such time");
	sample.t_ns = (int64_t)floor(seconds) * NS_PER_S +
		      (int64_t)((seconds - floor(seconds)) * (double)NS_PER_S);
	ret = recording_parse_bytes(json_string_value(value), json_string_length(value),
				    &sample.bytes);
	if (ret < 0)
		return err_set(at->err, EINVAL, "%.*s: series %zu, value %zu: '%.*s': %s",
			       FILE_SHOWN, at->file, at->series, at->value, TEXT_SHOWN,
			       json_string_value(value),
			       ret == -ERANGE ? "too large" : "not a number of bytes");
	return recording_push(r, sample) < 0 ? refuse(at, "time goes back") : 0;
}

static int read_series(struct place *at, const json_t *result, struct recordings *ret)
{
	json_t *metric = json_object_get(result, "metric");
	json_t *values = json_object_get(result, "values");
	struct recording *r;
	const json_t *pair;
	size_t i;

	at->value = 0;
	if (!json_is_object(metric) || json_array_size(values) == 0)
		return err_set(at->err, EINVAL, "%.*s: series %zu: has no values", FILE_SHOWN,
			       at->file, at->series);
	r = recordings_add(ret, series_name(metric));
	json_array_foreach(values, i, pair)
	{
		at->value = i + 1;
		if (read_value(at, pair, r) < 0)
			return -EINVAL;
	}
	return 0;
}

static int read_answer(const char *file, const json_t *answer, struct recordings *ret,
		       struct err *err)
{
	const json_t *data = json_object_get(answer, "data");
	json_t *results = json_object_get(data, "result");
	struct place at = { .file = file, .err = err };
	const json_t *result;
	size_t i;

	if (streq(text_of(answer, "status"), "error"))
		return err_set(err, EINVAL, "%.*s: the query failed: %.*s", FILE_SHOWN, file,
			       TEXT_SHOWN, text_of(answer, "error"));
	if (!streq(text_of(data, "resultType"), "matrix") || !json_is_array(results))
		return refuse_file(file, err, "not the answer to a range query of Prometheus");
	if (json_array_size(results) == 0)
		return refuse_file(file, err, "no series");
	if (json_array_size(results) > RECORDINGS_MAX)
		return refuse_file(file, err, "too many series");
	json_array_foreach(results, i, result)
	{
		at.series = i + 1;
		if (read_series(&at, result, ret) < 0)
			return -EINVAL;
	}
	return 0;
}

int recording_prom_parse(const char *file, const char *bytes, size_t n, struct recordings *ret,
			 struct err *err)
{
	json_error_t where;
	auto_json *answer = NULL;

	if (n > RECORDING_PROM_MAX_BYTES)
		return refuse_file(file, err, "too large for JSON");
	answer = json_loadb(bytes, n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &where);
	if (!answer)
		return err_set(err, EINVAL, "%.*s:%d:%d: %.*s", FILE_SHOWN, file, where.line,
			       where.column, JSON_ERROR_TEXT_LENGTH, where.text);
	return read_answer(file, answer, ret, err);
}
