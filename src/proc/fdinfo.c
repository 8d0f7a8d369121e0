/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/fdinfo.h"

#include <errno.h>

#include "base/index.h"
#include "base/io.h"
#include "base/num.h"
#include "proc/keyfile.h"

enum { FDINFO_MAX = 16 << 10 };

int fdinfo_read(int infofd, const char *name, struct sbuf *out)
{
	auto_close int fd = infofd < 0 ? infofd : io_open_at(infofd, name);
	ssize_t n;

	sbuf_reset(out);
	if (fd < 0)
		return fd;
	sbuf_reserve(out, FDINFO_MAX);
	/*
	 * The kernel produces the text at once (single_open), so one read is enough; a second one
	 * costs time.
	 */
	n = read(fd, out->data, FDINFO_MAX);
	if (n < 0)
		return -errno;
	out->len = (size_t)n;
	out->data[n] = '\0';
	return 0;
}

static bool begins_with(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - p) >= n && memcmp(p, word, n) == 0;
}

/* Returns the rest of the first line that starts with the key. */
static bool find_text(const struct sbuf *text, const char *key, const char **ret_p,
		      const char **ret_end)
{
	struct lines lines = lines_of(text);
	const char *line, *end;

	while (lines_next(&lines, &line, &end)) {
		if (!begins_with(line, end, key))
			continue;
		*ret_p = line + strlen(key);
		*ret_end = end;
		return true;
	}
	return false;
}

struct amount fdinfo_number(const struct sbuf *text, const char *key)
{
	static const struct keyfile_row number = { .key = NULL };
	const char *p, *end;

	return find_text(text, key, &p, &end) ? keyfile_value(&number, p, end)
					      : amount_absent(REASON_NOT_REPORTED);
}

uint64_t fdinfo_drm_device(const struct sbuf *text)
{
	const char *p, *end;

	/* Only devices on a bus have a drm-pdev. */
	if (!find_text(text, "drm-pdev:", &p, &end) && !find_text(text, "drm-driver:", &p, &end))
		return 0;
	return index_hash_bytes(p, (size_t)(end - p));
}

/* Parses "64 KiB"; a number without a unit is bytes. */
static bool parse_size(const char *p, const char *end, uint64_t *ret_bytes)
{
	static const char *const units[] = { "", "KiB", "MiB", "GiB" };
	uint64_t v;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (!num_scan_u64(&p, end, &v))
		return false;
	while (p < end && *p == ' ')
		p++;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if ((size_t)(end - p) != strlen(units[i]) || !begins_with(p, end, units[i]))
			continue;
		*ret_bytes = num_mul_sat(v, UINT64_C(1) << 10 * i);
		return true;
	}
	return false;
}

/*
 * Returns whether a memory region is system memory, by the names that drivers use; i915 numbers
 * them ("system0"). All other regions are on the card, or were never the kernel's
 * ("stolen-system0").
 */
static bool is_system_region(const char *p, const char *end)
{
	static const char *const names[] = { "system", "gtt", "cpu", "memory" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (begins_with(p, end, names[i]))
			return true;
	}
	return false;
}

/* Returns the sum over the regions of a key ("drm-resident-"), absent if no line has the key. */
static struct amount sum_regions(const struct sbuf *text, const char *key)
{
	struct lines lines = lines_of(text);
	struct amount sum = amount_absent(REASON_NOT_REPORTED);
	const char *line, *end;

	while (lines_next(&lines, &line, &end)) {
		const char *colon = memchr(line, ':', (size_t)(end - line));
		uint64_t bytes = 0;

		if (!colon || !begins_with(line, colon, key))
			continue;
		if (is_system_region(line + strlen(key), colon) &&
		    !parse_size(colon + 1, end, &bytes))
			return amount_absent(REASON_BAD_FORMAT);
		amount_sum(&sum, amount_of(bytes));
	}
	return sum;
}

struct amount fdinfo_drm_bytes(const struct sbuf *text)
{
	struct amount resident = sum_regions(text, "drm-resident-");

	return resident.why == REASON_NOT_REPORTED ? sum_regions(text, "drm-memory-") : resident;
}
