/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/recording/recording.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/num.h"

enum { LONGEST_NUMBER = 400 }; /* the largest double without an exponent has 309 digits */

#define FIRST_WALL_NS (100000000 * NS_PER_S) /* in March 1973 */
#define TOO_LARGE 18446744073709551616.0     /* 2^64 */

struct recording *recordings_add(struct recordings *r, char *name)
{
	struct recording *added;

	r->list = xgrow(r->list, r->n, &r->cap, sizeof(*r->list));
	added = &r->list[r->n++];
	*added = (struct recording){ .name = name };
	series_init(&added->series, RECORDING_ROOM);
	return added;
}

void recordings_release(struct recordings *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++) {
		free(r->list[i].name);
		series_release(&r->list[i].series);
	}
	free(r->list);
	*r = (struct recordings)RECORDINGS_INIT;
}

int recording_push(struct recording *r, struct sample sample)
{
	const struct series *s = &r->series;

	if (s->n > 0 && sample.t_ns < s->samples[s->n - 1].t_ns)
		return -EINVAL;
	if (s->n == 0)
		r->has_wall = sample.t_ns >= FIRST_WALL_NS;
	series_push(&r->series, sample);
	return 0;
}

static const char *skip_digits(const char *s)
{
	return s + strspn(s, "0123456789");
}

/*
 * Returns whether this is a number by its grammar. strtod converts it, but accepts more spellings.
 */
static bool is_number(const char *s)
{
	const char *p = skip_digits(s);
	size_t digits = (size_t)(p - s);

	if (*p == '.') {
		s = ++p;
		p = skip_digits(p);
		digits += (size_t)(p - s);
	}
	if (digits > 0 && (*p == 'e' || *p == 'E')) {
		p++;
		p += *p == '+' || *p == '-';
		s = p;
		p = skip_digits(p);
		digits = (size_t)(p - s);
	}
	return digits > 0 && !*p;
}

int recording_parse_bytes(const char *s, size_t n, uint64_t *ret_bytes)
{
	char text[LONGEST_NUMBER + 1];
	double value;

	if (n > LONGEST_NUMBER)
		return -EINVAL;
	memcpy(text, s, n);
	text[n] = '\0';
	if (strlen(text) != n || !is_number(text))
		return -EINVAL;
	if (!*skip_digits(text)) /* a double would not be exact */
		return num_parse_u64(text, ret_bytes);
	value = strtod(text, NULL);
	if (!(value < TOO_LARGE))
		return -ERANGE;
	*ret_bytes = (uint64_t)value;
	return 0;
}
