/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/smaps.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/num.h"

/* One line of a record, as it was learnt. */
struct smaps_slot {
	/*
	 * The key; for a counter also the blanks up to its last eight digits; for a usual line all
	 * of it.
	 */
	char head[32];
	size_t head_len;
	size_t line_len; /* including the newline */
	int count;       /* enum mem_count, or one of these: */
	bool usual; /* a counter in a line of USUAL_LEN bytes, of which HEAD_USUAL are the head */
	uint64_t bytes; /* the value of the usual line in head */
};

enum { SLOT_UNKNOWN = -1, SLOT_FLAGS = -2, SLOT_IGNORED = -3 };

/*
 * Known fields that are not amounts of memory. "Name:" is Android's older way of naming mappings.
 */
static const char *const ignored_keys[] = { "THPeligible:", "ProtectionKey:", "Name:" };

static const char flags_key[] = "VmFlags:";
static const char unit[] = " kB\n";
#define NO_DIGITS "       0"                /* what last_digits holds at first, for 0 */
static const char zero[] = "       0 kB\n"; /* the most frequent value: eight digits and the unit */

enum { MAX_SLOTS = 64 };
/* Bytes of the buffer, and what is worth a read. */
enum { READ_BUFFER = 64 << 10, READ_LEAST = 8 << 10 };
enum { DROPPED_MAX = 16 << 20 }; /* bytes of a line; no file of the kernel has more */
/* The kernel pads keys to 16 bytes and numbers to 8. */
enum { UNIT_LEN = sizeof(unit) - 1, VALUE_DIGITS = 8, HEAD_USUAL = 16 };
enum { ZERO_LEN = sizeof(zero) - 1, USUAL_LEN = HEAD_USUAL + ZERO_LEN };

void smaps_reader_init(struct smaps_reader *r, int fd)
{
	*r = (struct smaps_reader){ .fd = fd, .last_digits = NO_DIGITS };
	sbuf_reserve(&r->buf, READ_BUFFER);
}

void smaps_reader_init_text(struct smaps_reader *r, const char *text, size_t len)
{
	*r = (struct smaps_reader){ .fd = -1, .eof = true, .last_digits = NO_DIGITS };
	sbuf_reserve(&r->buf, len + 1);
	sbuf_add(&r->buf, text, len);
}

void smaps_reader_release(struct smaps_reader *r)
{
	sbuf_release(&r->buf);
	vma_header_release(&r->header);
	sbuf_release(&r->run_text);
	free(r->slots);
	*r = (struct smaps_reader){ .fd = -1 };
}

/*
 * Appends unread bytes until the buffer is full: the kernel returns a page at a time, and many pages
 * at once are parsed faster than each on its own. Returns 1, 0 at the end, or -errno.
 */
static int reader_fill(struct smaps_reader *r)
{
	size_t had;
	ssize_t n;

	if (r->eof)
		return 0;
	if (r->pos > 0 && r->pos >= r->buf.len / 2) {
		memmove(r->buf.data, r->buf.data + r->pos, r->buf.len - r->pos);
		r->buf.len -= r->pos;
		r->pos = 0;
	}
	sbuf_reserve(&r->buf, READ_LEAST);
	had = r->buf.len;
	do {
		n = read(r->fd, r->buf.data + r->buf.len, r->buf.cap - r->buf.len - 1);
		if (n < 0 && errno != EINTR)
			return -errno;
		r->eof = n == 0;
		r->buf.len += (size_t)MAX(n, 0);
	} while (!r->eof && r->buf.cap - r->buf.len > READ_LEAST);
	return r->buf.len > had;
}

/*
 * Cuts a line that is too long and ends with the newline at r->pos + len: moves its head next to
 * the newline, so that it becomes an ordinary line. Returns its length.
 */
static size_t reader_cut(struct smaps_reader *r, size_t len)
{
	const char *line = r->buf.data + r->pos;

	r->long_line = true;
	r->pos += len - SMAPS_LINE_MAX;
	memmove(r->buf.data + r->pos, line, SMAPS_LINE_MAX);
	return SMAPS_LINE_MAX;
}

/*
 * Finds the next line: sets *ret_len to its length with the newline and returns 1; returns 0 at the
 * end. A line longer than SMAPS_LINE_MAX is cut: its tail is skipped.
 */
static int reader_line(struct smaps_reader *r, size_t *ret_len)
{
	size_t seen = 0, dropped = 0;

	for (;;) {
		size_t left = r->buf.len - r->pos;
		const char *line = r->buf.data + r->pos;
		const char *nl = left > seen ? memchr(line + seen, '\n', left - seen) : NULL;
		int ret;

		if (nl) {
			size_t len = (size_t)(nl - line);

			*ret_len = (len > SMAPS_LINE_MAX ? reader_cut(r, len) : len) + 1;
			return 1;
		}
		if (left > SMAPS_LINE_MAX) {
			/* Keep the head of the line and drop the tail. */
			r->long_line = true;
			dropped += left - SMAPS_LINE_MAX;
			if (dropped > DROPPED_MAX)
				return -EFBIG;
			r->buf.len = r->pos + SMAPS_LINE_MAX;
			left = SMAPS_LINE_MAX;
		}
		seen = left;
		ret = reader_fill(r);
		if (ret < 0)
			return ret;
		if (ret == 0) {
			r->truncated |= left > 0;
			r->pos = r->buf.len;
			return 0;
		}
	}
}

static void parse_flags(struct smaps_reader *r, const char *line, size_t len, struct vma *v)
{
	size_t key_len = sizeof(flags_key) - 1;

	v->has_flags = true;
	v->flags = vma_flags_recall(&r->flags_memo, line + key_len, len - key_len,
				    &r->unknown_flags);
}

/* Parses the number in "Key:   123 kB\n", in bytes. */
static bool parse_value(const char *line, size_t key_len, size_t len, uint64_t *ret_value)
{
	const char *p = line + key_len, *end = line + len;
	uint64_t kb;

	while (p < end && *p == ' ')
		p++;
	if (!num_scan_u64(&p, end, &kb) || end - p != UNIT_LEN || memcmp(p, unit, UNIT_LEN) != 0)
		return false;
	*ret_value = num_mul_sat(kb, 1024);
	return true;
}

/* Sets a counter that does not belong to the run. */
static void set_count(struct smaps_reader *r, int which, uint64_t value)
{
	r->counts.v[which] = value;
	r->counts.present |= UINT32_C(1) << which;
	sbuf_reset(&r->run_text);
}

/*
 * Returns how many bytes of the line are the same in every record: the key, and for a counter all
 * but eight digits and the unit. Returns 0 if these bytes would include anything but blanks behind
 * the key.
 */
static size_t head_length(const char *line, size_t key_len, size_t len, int count)
{
	size_t head_len = key_len;

	if (count < 0)
		return key_len;
	if (len < key_len + VALUE_DIGITS + UNIT_LEN)
		return 0;
	while (head_len < len - VALUE_DIGITS - UNIT_LEN && line[head_len] == ' ')
		head_len++;
	return head_len == len - VALUE_DIGITS - UNIT_LEN ? head_len : 0;
}

/* Returns whether a usual slot before or behind this one has the same counter. */
static bool is_counted_twice(const struct smaps_reader *r, size_t slot, int count)
{
	for (size_t i = 0; i < r->n_slots; i++) {
		if (i != slot && r->slots[i].usual && r->slots[i].count == count)
			return true;
	}
	return false;
}

/*
 * Stores line number `slot` of a record, so that its key need not be looked up in the next record.
 */
static void reader_learn(struct smaps_reader *r, size_t slot, const char *line, size_t key_len,
			 size_t len, int count)
{
	size_t head_len = head_length(line, key_len, len, count);
	struct smaps_slot *s;

	if (slot > r->n_slots || slot >= MAX_SLOTS || head_len == 0 || head_len > sizeof(s->head))
		return;
	if (slot == r->n_slots) {
		r->slots = xgrow(r->slots, r->n_slots, &r->cap_slots, sizeof(*r->slots));
		r->n_slots++;
	}
	s = &r->slots[slot];
	memcpy(s->head, line, head_len);
	s->head_len = head_len;
	s->line_len = len;
	s->count = count;
	s->usual = count >= 0 && head_len == HEAD_USUAL && len == USUAL_LEN &&
		   !is_counted_twice(r, slot, count);
	if (s->usual) {
		memcpy(s->head + HEAD_USUAL, zero, ZERO_LEN);
		s->bytes = 0;
	}
}

static int find_key(const char *key, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(ignored_keys); i++) {
		if (len == strlen(ignored_keys[i]) && memcmp(key, ignored_keys[i], len) == 0)
			return SLOT_IGNORED;
	}
	return len ? mem_count_find(key, len) : SLOT_UNKNOWN;
}

/* Parses a field line that differs from the learnt one. */
static void parse_field(struct smaps_reader *r, size_t slot, size_t len, struct vma *v)
{
	const char *line = r->buf.data + r->pos;
	const char *colon = memchr(line, ':', len);
	size_t key_len = colon ? (size_t)(colon - line) + 1 : 0;
	uint64_t value;
	int count;

	if (key_len == sizeof(flags_key) - 1 && memcmp(line, flags_key, key_len) == 0) {
		parse_flags(r, line, len, v);
		reader_learn(r, slot, line, key_len, len, SLOT_FLAGS);
		return;
	}
	count = find_key(line, key_len);
	if (count >= 0 && parse_value(line, key_len, len, &value))
		set_count(r, count, value);
	else if (count != SLOT_IGNORED)
		r->unknown_fields++;
	reader_learn(r, slot, line, key_len, len, count);
}

/* Skips a line that holds no amount: any length, ended by the next newline. */
static bool template_other(struct smaps_reader *r, const struct smaps_slot *s, struct vma *v)
{
	const char *line = r->buf.data + r->pos;
	const char *nl = memchr(line, '\n', r->buf.len - r->pos);

	if (!nl || nl - line > SMAPS_LINE_MAX)
		return false;
	if (s->count == SLOT_FLAGS)
		parse_flags(r, line, (size_t)(nl - line) + 1, v);
	else if (s->count == SLOT_UNKNOWN)
		r->unknown_fields++;
	r->pos += (size_t)(nl - line) + 1;
	return true;
}

/* Parses the digits of a usual line. Many lines of a record state the same number. */
static bool parse_usual(struct smaps_reader *r, const char *digits)
{
	if (memcmp(digits, r->last_digits, VALUE_DIGITS) == 0)
		return true;
	if (!num_parse_padded(digits, &r->last_kb))
		return false;
	memcpy(r->last_digits, digits, VALUE_DIGITS);
	return true;
}

/*
 * Stores a line that differs from the last one of a usual slot, and its counter. Returns false if it
 * has another form.
 */
static bool slot_update(struct smaps_reader *r, struct smaps_slot *s, const char *line)
{
	const char *digits = line + HEAD_USUAL;

	if (memcmp(line, s->head, HEAD_USUAL) != 0 ||
	    memcmp(digits + VALUE_DIGITS, unit, UNIT_LEN) != 0 || !parse_usual(r, digits))
		return false;
	memcpy(s->head + HEAD_USUAL, digits, ZERO_LEN);
	s->bytes = r->last_kb * 1024;
	r->counts.v[s->count] = s->bytes;
	return true;
}

/*
 * Reads the lines of usual slots, from the first on, as long as they match. Changes the counters of
 * lines that differ from the last record's. Returns the number of lines.
 */
static size_t read_usual(struct smaps_reader *r)
{
	const char *line = r->buf.data + r->pos;
	size_t n = 0, end = MIN(r->n_slots, (r->buf.len - r->pos) / USUAL_LEN);

	for (; n < end && r->slots[n].usual; n++, line += USUAL_LEN) {
		struct smaps_slot *s = &r->slots[n];

		if (memcmp(line, s->head, USUAL_LEN) != 0 && !slot_update(r, s, line))
			break;
	}
	r->pos += n * USUAL_LEN;
	return n;
}

/* Sets the counters to those of the lines of the first n slots, which are usual. */
static void count_usual(struct smaps_reader *r, size_t n)
{
	r->counts = (struct mem_counts){ .present = 0 };
	for (size_t i = 0; i < n; i++) {
		r->counts.v[r->slots[i].count] = r->slots[i].bytes;
		r->counts.present |= UINT32_C(1) << r->slots[i].count;
	}
}

/*
 * Reads the run of usual lines that a record begins with. Nearly all of a file is read here, and
 * where the text is that of the last record, the counters are too.
 */
static size_t read_run(struct smaps_reader *r)
{
	const char *text = r->buf.data + r->pos;
	size_t n, last = r->run_text.len / USUAL_LEN;

	if (last > 0 && r->buf.len - r->pos >= r->run_text.len &&
	    memcmp(text, r->run_text.data, r->run_text.len) == 0) {
		r->pos += r->run_text.len;
		return last;
	}
	n = read_usual(r);
	if (n != last || n == 0)
		count_usual(r, n);
	sbuf_reset(&r->run_text);
	sbuf_add(&r->run_text, text, n * USUAL_LEN);
	return n;
}

/* Reads the line that slot s expects, without a search, if it is the next one. */
static bool template_field(struct smaps_reader *r, const struct smaps_slot *s, struct vma *v)
{
	const char *line = r->buf.data + r->pos;
	const char *digits = line + s->head_len;
	uint64_t kb = 0;

	if (r->buf.len - r->pos < s->line_len || memcmp(line, s->head, s->head_len) != 0)
		return false;
	if (s->count < 0)
		return template_other(r, s, v);
	if (memcmp(digits + VALUE_DIGITS, unit, UNIT_LEN) != 0 || !num_parse_padded(digits, &kb))
		return false;
	set_count(r, s->count, kb * 1024);
	r->pos += s->line_len;
	return true;
}

/* Reads all lines up to the next header; they belong to the record. */
static int read_fields(struct smaps_reader *r, struct vma *v)
{
	for (size_t slot = read_run(r);; slot++) {
		size_t len;
		int ret;

		if (slot < r->n_slots) {
			/* A read may end anywhere, so the line may not be complete yet. */
			ret = r->buf.len - r->pos < r->slots[slot].line_len ? reader_fill(r) : 0;
			if (ret < 0)
				return ret;
			if (template_field(r, &r->slots[slot], v))
				continue;
		}
		ret = reader_line(r, &len);
		if (ret <= 0)
			return ret;
		if (vma_header_begin(&r->header, r->buf.data + r->pos, len)) {
			r->header_len = len;
			return 0;
		}
		parse_field(r, slot, len, v);
		r->pos += len;
	}
}

/* Reads the next header and skips lines before it. Returns 1, 0 at the end, or -errno. */
static int read_header(struct smaps_reader *r, struct vma *ret)
{
	for (;;) {
		size_t len = r->header_len;
		int found = len ? 1 : reader_line(r, &len);
		const char *line = r->buf.data + r->pos;
		bool is_whole;

		if (found <= 0)
			return found;
		is_whole = (r->header_len || vma_header_begin(&r->header, line, len)) &&
			   vma_header_parse(&r->header, line, len - 1, ret);
		r->header_len = 0;
		r->pos += len;
		if (is_whole)
			return 1;
		r->truncated = true; /* the kernel does not write this */
	}
}

int smaps_next(struct smaps_reader *r, struct smaps_record *ret_rec)
{
	struct vma v;
	int ret = read_header(r, &v);

	if (ret <= 0)
		return ret;
	ret = read_fields(r, &v);
	if (ret < 0)
		return ret;
	ret_rec->vma = v;
	ret_rec->counts = r->counts;
	return 1;
}
