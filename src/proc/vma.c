/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/vma.h"

#include "base/num.h"

void vma_header_release(struct vma_header *h)
{
	sbuf_release(&h->mapped_text);
	sbuf_release(&h->name);
}

static bool scan_char(const char **p, const char *end, char c)
{
	if (*p == end || **p != c)
		return false;
	(*p)++;
	return true;
}

/* Parses rwxp in this order; '-' is a permission that is not granted. */
static bool scan_perms(const char **p, const char *end, uint8_t *ret_perms)
{
	const char *s = *p;

	if (end - s < 4)
		return false;
	*ret_perms = (uint8_t)((s[0] == 'r' ? VMA_READ : 0) | (s[1] == 'w' ? VMA_WRITE : 0) |
			       (s[2] == 'x' ? VMA_EXEC : 0) |
			       (s[3] == 's' || s[3] == 'S' ? VMA_SHARED : 0));
	*p += 4;
	return (s[0] == 'r' || s[0] == '-') && (s[1] == 'w' || s[1] == '-') &&
	       (s[2] == 'x' || s[2] == '-') &&
	       (s[3] == 's' || s[3] == 'p' || s[3] == 'S' || s[3] == '-');
}

/*
 * Parses what a header says of the file, "offset major:minor inode   name". The name is the rest of
 * the line behind the padding, so blanks in it are kept as far as they can be told from the padding.
 */
static bool parse_mapped(struct vma_header *h, const char *text, const char *end, struct vma *v)
{
	const char *p = text;
	uint64_t major, minor;

	if (!num_scan_hex(&p, end, &v->offset) || !scan_char(&p, end, ' ') ||
	    !num_scan_hex(&p, end, &major) || !scan_char(&p, end, ':') ||
	    !num_scan_hex(&p, end, &minor) || !scan_char(&p, end, ' ') ||
	    !num_scan_u64(&p, end, &v->inode))
		return false;
	v->major = (uint32_t)major;
	v->minor = (uint32_t)minor;
	while (p < end && *p == ' ')
		p++;
	sbuf_reset(&h->name);
	sbuf_add(&h->name, p, (size_t)(end - p));
	v->name = sbuf_str(&h->name);
	v->name_len = strlen(v->name);
	sbuf_reset(&h->mapped_text);
	sbuf_add(&h->mapped_text, text, (size_t)(end - text));
	h->mapped = *v;
	return true;
}

/* Reads the second address of a header, and keeps its digits. */
static bool scan_end(struct vma_header *h, const char **p, const char *end)
{
	const char *digits = *p;

	h->end_len = 0;
	if (!num_scan_hex(p, end, &h->end))
		return false;
	if ((size_t)(*p - digits) <= sizeof(h->end_digits)) {
		h->end_len = (size_t)(*p - digits);
		memcpy(h->end_digits, digits, h->end_len);
	}
	return true;
}

/* Reads the first address of a header. Mappings often begin where the last one ended. */
static bool scan_start(struct vma_header *h, const char **p, const char *end)
{
	size_t len = h->end_len;

	if (len == 0 || (size_t)(end - *p) <= len || (*p)[len] != '-' ||
	    memcmp(*p, h->end_digits, len) != 0)
		return num_scan_hex(p, end, &h->start);
	*p += len;
	h->start = h->end;
	return true;
}

bool vma_header_begin(struct vma_header *h, const char *line, size_t len)
{
	const char *p = line, *end = line + len;

	if (!scan_start(h, &p, end) || p == end || *p != '-')
		return false;
	h->start_len = (size_t)(p - line);
	return true;
}

/* What the same text said of the last mapping is not parsed again: most mappings have no file. */
static bool repeats_mapped(const struct vma_header *h, const char *text, const char *end)
{
	size_t len = (size_t)(end - text);

	return len > 0 && len == h->mapped_text.len && memcmp(text, h->mapped_text.data, len) == 0;
}

bool vma_header_parse(struct vma_header *h, const char *line, size_t len, struct vma *v)
{
	const char *p = line + h->start_len, *end = line + len;

	*v = h->mapped;
	v->start = h->start;
	if (!scan_char(&p, end, '-') || !scan_end(h, &p, end) || h->end < v->start ||
	    !scan_char(&p, end, ' ') || !scan_perms(&p, end, &v->perms) || !scan_char(&p, end, ' '))
		return false;
	v->end = h->end;
	return repeats_mapped(h, p, end) || parse_mapped(h, p, end, v);
}
