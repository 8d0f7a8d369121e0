/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapfile/snapread.h"

#include <errno.h>
#include <stdarg.h>

#include "base/index.h"
#include "base/num.h"
#include "base/text.h"

enum { SEEN_WORDS = SNAPREAD_KEYS / 64 };

/*
 * The keys of a mapping that were read: a bit for each key of the table, a hash for each other key.
 */
struct seen {
	uint64_t known[SEEN_WORDS];
	uint64_t unknown[SNAPREAD_UNKNOWN_KEYS];
	size_t n_unknown;
};

int snapread_next(struct snapread *r)
{
	if (++r->n_events > SNAPREAD_EVENTS)
		return snapread_refuse(r, "too many values");
	return yevents_next(r->events, &r->event, r->err);
}

int snapread_refuse(struct snapread *r, const char *fmt, ...)
{
	char what[200];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return yplace_refuse(r->event.at, r->err, "%s", what);
}

static bool same_id(const struct snapread *r, const char *id)
{
	return strncmp(id, r->event.text, r->event.len) == 0 && !id[r->event.len];
}

/* Returns the row of the current key, searching from `guess` on; table->n if there is none. */
static size_t find_key(const struct snapread *r, const struct snapread_table *table, size_t guess)
{
	for (size_t i = 0; i < table->n; i++) {
		size_t row = guess + i < table->n ? guess + i : guess + i - table->n;

		if (same_id(r, table->keys[row].id))
			return row;
	}
	return table->n;
}

static int note_key(struct snapread *r, struct seen *seen, bool known, size_t row)
{
	uint64_t hash;

	if (known) {
		uint64_t bit = UINT64_C(1) << (row % 64), *word = &seen->known[row / 64];
		bool twice = *word & bit;

		*word |= bit;
		return twice ? snapread_refuse(r, "'%s' occurs twice", r->event.text) : 0;
	}
	hash = index_hash_bytes(r->event.text, r->event.len);
	for (size_t i = 0; i < seen->n_unknown; i++) {
		if (seen->unknown[i] == hash)
			return snapread_refuse(r, "'%.60s' occurs twice", r->event.text);
	}
	if (seen->n_unknown == SNAPREAD_UNKNOWN_KEYS)
		return snapread_refuse(r, "too many keys");
	seen->unknown[seen->n_unknown++] = hash;
	return 0;
}

static int check_required(struct snapread *r, const struct snapread_table *table,
			  const struct seen *seen, struct yplace at)
{
	for (size_t i = 0; i < table->n; i++) {
		if (table->keys[i].required && !(seen->known[i / 64] >> (i % 64) & 1))
			return yplace_refuse(at, r->err, "'%s' is missing", table->keys[i].id);
	}
	return 0;
}

int snapread_mapping(struct snapread *r, const struct snapread_table *table, void *obj)
{
	struct yplace at = r->event.at;
	struct seen seen;
	size_t guess = 0;
	int ret;

	if (r->event.type != YEV_MAPPING)
		return snapread_refuse(r, "not a mapping");
	memset(seen.known, 0, sizeof(seen.known));
	seen.n_unknown = 0;
	for (;;) {
		size_t row;

		ret = snapread_next(r);
		if (ret < 0)
			return ret;
		if (r->event.type == YEV_MAPPING_END)
			return check_required(r, table, &seen, at);
		if (r->event.type != YEV_SCALAR)
			return snapread_refuse(r, "a key must be a word");
		row = find_key(r, table, guess);
		ret = note_key(r, &seen, row < table->n, row);
		if (ret == 0)
			ret = snapread_next(r);
		if (ret == 0)
			ret = row < table->n ? table->keys[row].read(r, obj, table->keys[row].arg)
					     : snapread_skip(r);
		if (ret < 0)
			return ret;
		guess = row < table->n ? row + 1 : guess;
	}
}

int snapread_list(struct snapread *r, snapread_fn *item, void *obj)
{
	if (r->event.type != YEV_LIST)
		return snapread_refuse(r, "not a list");
	for (size_t i = 0;; i++) {
		int ret = snapread_next(r);

		if (ret < 0 || r->event.type == YEV_LIST_END)
			return ret;
		if (i == SNAPREAD_ITEMS)
			return snapread_refuse(r, "too many items");
		ret = item(r, obj, i);
		if (ret < 0)
			return ret;
	}
}

static int skip_item(struct snapread *r, attr_unused void *obj, attr_unused size_t i)
{
	return snapread_skip(r);
}

/* The depth of recursion is bounded: events are nested at most SNAPREAD_DEPTH deep. */
int snapread_skip(struct snapread *r)
{
	static const struct snapread_table none = { NULL, 0 };

	if (r->event.type == YEV_LIST)
		return snapread_list(r, skip_item, NULL);
	return r->event.type == YEV_MAPPING ? snapread_mapping(r, &none, NULL) : 0;
}

/*
 * Returns the text of a scalar without quotes, "" for all other values; no unquoted scalar is
 * empty.
 */
static const char *bare(const struct snapread *r)
{
	return r->event.type == YEV_SCALAR && !r->event.is_quoted ? r->event.text : "";
}

bool snapread_is_null(const struct snapread *r)
{
	return streq(bare(r), "null");
}

int snapread_u64(struct snapread *r, uint64_t max, uint64_t *ret_value)
{
	uint64_t value;
	int ret = num_parse_u64(bare(r), &value);

	if (ret == -EINVAL)
		return snapread_refuse(r, "not a whole number");
	if (ret < 0 || value > max)
		return snapread_refuse(r, "the number is too large");
	*ret_value = value;
	return 0;
}

int snapread_bool(struct snapread *r, bool *ret_value)
{
	bool value = streq(bare(r), "true");

	if (!value && !streq(bare(r), "false"))
		return snapread_refuse(r, "not true or false");
	*ret_value = value;
	return 0;
}

int snapread_thousandths(struct snapread *r, uint64_t *ret_value)
{
	const char *p = bare(r), *end = p + strlen(p);
	uint64_t value, unit = 1000;

	if (!num_scan_u64(&p, end, &value))
		return snapread_refuse(r, "not a number");
	value = num_mul_sat(value, 1000);
	if (p < end && *p == '.') {
		for (p++; p < end && unit > 1 && *p >= '0' && *p <= '9'; p++) {
			unit /= 10;
			value = num_add_sat(value, unit * (uint64_t)(*p - '0'));
		}
	}
	if (p < end || end[-1] == '.')
		return snapread_refuse(r, "not a number of at most three decimals");
	if (value > INT64_MAX / 1000000)
		return snapread_refuse(r, "the number is too large");
	*ret_value = value;
	return 0;
}

int snapread_id(struct snapread *r)
{
	if (r->event.type != YEV_SCALAR || !r->event.is_quoted)
		return snapread_refuse(r, "not a text in quotes");
	return text_is_clean(r->event.text, r->event.len) ? 0 : snapread_refuse(r, "not an id");
}

int snapread_hex(struct snapread *r, uint64_t *ret_value)
{
	const char *p, *end;
	int ret = snapread_id(r);

	if (ret < 0)
		return ret;
	p = r->event.text;
	end = p + r->event.len;
	if (!num_scan_hex(&p, end, ret_value) || p < end)
		return snapread_refuse(r, "not a hexadecimal number");
	return 0;
}

int snapread_device(struct snapread *r, uint32_t *ret_major, uint32_t *ret_minor)
{
	uint64_t major, minor;
	const char *p, *end;
	int ret = snapread_id(r);

	if (ret < 0)
		return ret;
	p = r->event.text;
	end = p + r->event.len;
	if (!num_scan_hex(&p, end, &major) || p == end || *p++ != ':' ||
	    !num_scan_hex(&p, end, &minor) || p < end || major > UINT32_MAX || minor > UINT32_MAX)
		return snapread_refuse(r, "not a device");
	*ret_major = (uint32_t)major;
	*ret_minor = (uint32_t)minor;
	return 0;
}

int snapread_text(struct snapread *r)
{
	if (r->event.type != YEV_SCALAR || !r->event.is_quoted)
		return snapread_refuse(r, "not a text in quotes");
	sbuf_reset(&r->text);
	if (text_unescape(&r->text, r->event.text, r->event.len) < 0 ||
	    (r->text.len && memchr(r->text.data, '\0', r->text.len)))
		return snapread_refuse(r, "not escaped as names are");
	return 0;
}

int snapread_reason(struct snapread *r, enum reason *ret_why)
{
	int ret = snapread_is_null(r) ? 0 : snapread_text(r);

	if (ret == 0)
		*ret_why = snapread_is_null(r) ? REASON_NONE : reason_of_text(sbuf_str(&r->text));
	return ret;
}
