/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writer and reader of the format, side by side: each write_X has its read_X. The reader trusts
 * nothing: a checksum detects damage, but not manipulation, so every number is checked too.
 */
#include "analysis/series/history.h"

#include <errno.h>

#include "base/crc.h"

#define MAGIC "memspect history "
#define FIRST_LINE MAGIC "1\n"

enum {
	CRC_BYTES = 4,
	MIN_PROCESS_BYTES = 4, /* its four numbers */
	MIN_SERIES_BYTES = 7,  /* an id of one byte and five numbers */
	MIN_ROOM = 4,          /* samples in a series */
	MAX_ROOM = 1 << 16,
};

static const uint64_t max_stride = UINT64_C(1) << 40; /* longer than any watch */

struct reader {
	const uint8_t *start, *p, *end;
	bool bad;              /* something was wrong; everything read after that is 0 */
	struct arena *arena;   /* for the result */
	uint64_t room;         /* how many more samples may be read */
	struct sample *before; /* the previous series of the process, for its times */
	size_t n_before;
};

/* Numbers: seven bits in each byte, the lowest first; the highest bit means that more follow. */

static void write_u64(struct sbuf *out, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		sbuf_addch(out, (char)(v | 0x80));
	sbuf_addch(out, (char)v);
}

static uint64_t read_bad(struct reader *r)
{
	r->bad = true;
	return 0;
}

static uint64_t read_u64(struct reader *r)
{
	uint64_t v = 0;

	for (unsigned int shift = 0; shift < 64 && r->p < r->end && !r->bad; shift += 7) {
		uint64_t bits = *r->p & 0x7f;

		if (bits << shift >> shift != bits)
			break;
		v |= bits << shift;
		if (!(*r->p++ & 0x80))
			return v;
	}
	return read_bad(r);
}

static uint64_t read_bounded(struct reader *r, uint64_t min, uint64_t max)
{
	uint64_t v = read_u64(r);

	return v < min || v > max ? read_bad(r) : v;
}

/*
 * Reads a count of items that have at least `size` bytes each. A count that the remaining bytes
 * cannot hold is an error.
 */
static size_t read_count(struct reader *r, size_t size, uint64_t max)
{
	uint64_t v = read_u64(r);

	return v > MIN((uint64_t)(r->end - r->p) / size, max) ? read_bad(r) : v;
}

/* Differences may be negative and wrap around; small ones of either sign take few bytes. */

static void write_step(struct sbuf *out, uint64_t step)
{
	write_u64(out, step >> 63 ? ~(step << 1) : step << 1);
}

static uint64_t read_step(struct reader *r)
{
	uint64_t v = read_u64(r);

	return v & 1 ? ~(v >> 1) : v >> 1;
}

static void write_text(struct sbuf *out, const char *text)
{
	write_u64(out, strlen(text));
	sbuf_adds(out, text);
}

/*
 * Returns a text in the arena; NULL, and sets bad, if it is too short, too long or contains a NUL.
 */
static const char *read_text(struct reader *r, size_t min, size_t max)
{
	size_t n = read_count(r, 1, max);
	const char *text;

	if (r->bad || n < min || memchr(r->p, '\0', n)) {
		r->bad = true;
		return NULL;
	}
	text = arena_strndup(r->arena, (const char *)r->p, n);
	r->p += n;
	return text;
}

static bool same_times(const struct series *a, const struct series *b)
{
	for (size_t i = 0; i < a->n; i++) {
		if (a->samples[i].t_ns != b->samples[i].t_ns)
			return false;
	}
	return true;
}

/* Writes 1 if the times are those of the previous series, or 0 and the times. */
static void write_times(struct sbuf *out, const struct series *s, const struct series *before)
{
	bool same = before && before->n == s->n && same_times(s, before);
	uint64_t last = 0, last_step = 0;

	write_u64(out, same);
	for (size_t i = 0; i < s->n && !same; i++) {
		uint64_t step = (uint64_t)s->samples[i].t_ns - last;

		write_step(out, step - last_step);
		last = (uint64_t)s->samples[i].t_ns;
		last_step = i == 0 ? 0 : step;
	}
}

static void read_times(struct reader *r, struct series *s)
{
	bool same = read_bounded(r, 0, 1);
	uint64_t last = 0, last_step = 0;

	if (same && r->n_before != s->n)
		r->bad = true;
	for (size_t i = 0; i < s->n && !r->bad; i++) {
		uint64_t step = same ? 0 : last_step + read_step(r);

		if (same) {
			s->samples[i].t_ns = r->before[i].t_ns;
			continue;
		}
		/* Times are 0 or later, and each is later than the one before. */
		if (step > INT64_MAX - last || (i > 0 && step == 0)) {
			r->bad = true;
			return;
		}
		last += step;
		last_step = i == 0 ? 0 : step;
		s->samples[i].t_ns = (int64_t)last;
	}
}

/*
 * Returns how many low bits are zero in all sizes, which are multiples of a page or of a KiB; these
 * bits are left out.
 */
static unsigned int low_zero_bits(const struct series *s)
{
	uint64_t bits = 1;

	for (size_t i = 0; i < s->n; i++)
		bits = i == 0 ? s->samples[i].bytes : bits | s->samples[i].bytes;
	return bits ? (unsigned int)__builtin_ctzll(bits) : 0;
}

static void write_sizes(struct sbuf *out, const struct series *s)
{
	unsigned int shift = low_zero_bits(s);
	uint64_t last = 0;

	write_u64(out, shift);
	for (size_t i = 0; i < s->n; i++) {
		uint64_t units = s->samples[i].bytes >> shift;

		write_step(out, units - last);
		last = units;
	}
}

static void read_sizes(struct reader *r, struct series *s)
{
	unsigned int shift = (unsigned int)read_bounded(r, 0, 63);
	uint64_t units = 0;

	for (size_t i = 0; i < s->n && !r->bad; i++) {
		units += read_step(r);
		if (units > UINT64_MAX >> shift)
			r->bad = true;
		s->samples[i].bytes = units << shift;
	}
}

static void write_series(struct sbuf *out, const struct history_series *hs,
			 const struct series *before)
{
	const struct series *s = &hs->series;

	write_text(out, hs->id);
	write_u64(out, s->cap);
	write_u64(out, s->stride);
	write_u64(out, s->pushed);
	write_u64(out, s->n);
	if (s->n) {
		write_times(out, s, before);
		write_sizes(out, s);
	}
}

/*
 * Returns whether the numbers are those of a series; then allocates its samples, which the caller
 * frees.
 */
static bool read_shape(struct reader *r, struct series *s)
{
	uint64_t cap = read_bounded(r, MIN_ROOM, MIN(r->room, (uint64_t)MAX_ROOM));
	uint64_t stride = read_bounded(r, 1, max_stride);
	uint64_t pushed = read_bounded(r, 0, INT64_MAX);
	uint64_t n = read_bounded(r, 0, MIN(cap, pushed));

	if (r->bad || cap % 2 || (n == 0 && pushed > 0) || n > (uint64_t)(r->end - r->p)) {
		r->bad = true;
		return false;
	}
	r->room -= cap;
	series_init(s, cap);
	s->stride = stride;
	s->pushed = pushed;
	s->n = n;
	return true;
}

static void read_series(struct reader *r, struct history_process *p)
{
	struct history_series *hs = &p->series[p->n];

	hs->id = read_text(r, 1, HISTORY_MAX_ID);
	if (!hs->id || !read_shape(r, &hs->series))
		return;
	p->n++; /* from here on it is released with the others */
	if (hs->series.n) {
		read_times(r, &hs->series);
		read_sizes(r, &hs->series);
	}
	r->before = hs->series.samples;
	r->n_before = hs->series.n;
}

static bool is_writable(const struct history_series *hs)
{
	size_t n = strlen(hs->id);

	return n > 0 && n <= HISTORY_MAX_ID;
}

static void write_process(struct sbuf *out, const struct history_process *p)
{
	const struct series *before = NULL;
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += is_writable(&p->series[i]);
	write_u64(out, (uint64_t)p->pid);
	write_u64(out, p->start_ticks);
	write_u64(out, p->image);
	write_u64(out, n);
	for (size_t i = 0; i < p->n; i++) {
		if (!is_writable(&p->series[i]))
			continue;
		write_series(out, &p->series[i], before);
		before = &p->series[i].series;
	}
}

static void read_process(struct reader *r, struct history_process *p)
{
	size_t n;

	p->pid = (int)read_bounded(r, 1, INT32_MAX);
	p->start_ticks = read_u64(r);
	p->image = read_u64(r);
	n = read_count(r, MIN_SERIES_BYTES, r->room / MIN_ROOM);
	p->series = arena_array(r->arena, n, struct history_series);
	r->n_before = 0;
	for (size_t i = 0; i < n && !r->bad; i++)
		read_series(r, p);
}

static uint64_t room_of(const struct history *h)
{
	uint64_t room = 0;

	for (size_t i = 0; i < h->n; i++) {
		for (size_t j = 0; j < h->processes[i].n; j++)
			room += h->processes[i].series[j].series.cap;
	}
	return room;
}

int history_encode(const struct history *h, struct sbuf *out)
{
	auto_sbuf bytes = SBUF_INIT;
	uint32_t crc;

	if (h->n > HISTORY_MAX_PROCESSES || room_of(h) > HISTORY_MAX_SAMPLES)
		return -EFBIG;
	sbuf_adds(&bytes, FIRST_LINE);
	write_text(&bytes, h->boot_id);
	write_u64(&bytes, h->n);
	for (size_t i = 0; i < h->n && bytes.len <= HISTORY_MAX_BYTES; i++)
		write_process(&bytes, &h->processes[i]);
	crc = crc_add(0, sbuf_str(&bytes), bytes.len);
	for (unsigned int i = 0; i < CRC_BYTES; i++)
		sbuf_addch(&bytes, (char)(crc >> 8 * i));
	if (bytes.len > HISTORY_MAX_BYTES)
		return -EFBIG;
	sbuf_add(out, sbuf_str(&bytes), bytes.len);
	return 0;
}

static void read_history(struct reader *r, struct history *h)
{
	const char *boot_id = read_text(r, 0, sizeof(h->boot_id) - 1);
	size_t n = read_count(r, MIN_PROCESS_BYTES, HISTORY_MAX_PROCESSES);

	if (r->bad)
		return;
	memcpy(h->boot_id, boot_id, strlen(boot_id) + 1);
	h->processes = arena_array(r->arena, n, struct history_process);
	for (size_t i = 0; i < n && !r->bad; i++) {
		h->n++;
		read_process(r, &h->processes[i]);
	}
	if (r->p != r->end)
		r->bad = true;
}

/* Returns whether the last bytes are the checksum of the bytes before them. */
static bool crc_is_right(const uint8_t *bytes, size_t n)
{
	uint32_t crc = 0;

	for (unsigned int i = 0; i < CRC_BYTES; i++)
		crc |= (uint32_t)bytes[n - CRC_BYTES + i] << 8 * i;
	return crc_add(0, bytes, n - CRC_BYTES) == crc;
}

int history_decode(const void *bytes, size_t n, struct history *ret_history, struct err *err)
{
	auto_history h = HISTORY_INIT;
	const size_t line = strlen(FIRST_LINE), magic = strlen(MAGIC);
	struct reader r = { .start = bytes, .arena = &h.arena, .room = HISTORY_MAX_SAMPLES };

	if (n > HISTORY_MAX_BYTES)
		return err_set(err, EINVAL, "larger than a history can be");
	if (n < magic || memcmp(bytes, MAGIC, magic) != 0)
		return err_set(err, EINVAL, "not a history");
	if (n < line + CRC_BYTES)
		return err_set(err, EINVAL, "cut short");
	if (memcmp(bytes, FIRST_LINE, line) != 0)
		return err_set(err, EINVAL, "a history of another version");
	if (!crc_is_right(bytes, n))
		return err_set(err, EINVAL, "damaged: the checksum is wrong");
	r.p = r.start + line;
	r.end = r.start + n - CRC_BYTES;
	read_history(&r, &h);
	if (r.bad)
		return err_set(err, EINVAL, "damaged at byte %zu", (size_t)(r.p - r.start));
	*ret_history = h;
	h = (struct history)HISTORY_INIT;
	return 0;
}

void history_release(struct history *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < h->n; i++) {
		for (size_t j = 0; j < h->processes[i].n; j++)
			series_release(&h->processes[i].series[j].series);
	}
	arena_release(&h->arena);
	*h = (struct history)HISTORY_INIT;
}
