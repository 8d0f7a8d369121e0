/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/cells.h"

#include <time.h>

#include "base/clock.h"

struct cell cell_share(struct amount part, struct amount whole)
{
	if (!amount_ok(part) || !amount_ok(whole) || whole.value == 0)
		return cell_none();
	return cell_real(100.0 * (double)part.value / (double)whole.value);
}

struct cell cell_signed(struct amount magnitude, bool negative)
{
	int64_t value = (int64_t)magnitude.value;

	return amount_ok(magnitude) ? cell_i64(negative ? -value : value) : cell_amount(magnitude);
}

struct cell cell_delta(struct delta delta)
{
	return delta.why == REASON_OTHER ? cell_absent_text(delta.other)
					 : (struct cell){ .why = delta.why, .i = delta.bytes };
}

struct cell cell_owner_kind(const struct owner *owner)
{
	return cell_text(owner_kind_ids[owner->kind]);
}

static struct cell get_owner_kind(const struct ask *ask)
{
	return cell_owner_kind(ask->row);
}

static struct cell get_owner_name(const struct ask *ask)
{
	const struct owner *o = ask->row;

	return o->kind == OWNER_NONE ? cell_none() : cell_text(o->name);
}

static const struct column owner_columns[] = {
	COLUMN("kind", "KIND", CELL_ID, "what the owner is", .get = get_owner_kind),
	COLUMN("name", "NAME", CELL_TEXT, "whose it is", .get = get_owner_name),
};

const struct table owner_object = {
	.columns = owner_columns,
	.n_columns = ARRAY_SIZE(owner_columns),
	.shape = SHAPE_OBJECT,
	.layout = LAYOUT_HIDDEN,
	.n_rows = 1,
};

/* Returns the largest part of a region if it was walked, else NULL; *ret_walked is their number. */
static const struct part *walked_part(const struct snapshot *s, const struct region *r,
				      size_t *ret_walked)
{
	const struct part *largest = NULL;
	size_t n = 0;
	const struct part *parts = r->split ? snapshot_parts(s, r, &n) : NULL;

	*ret_walked = 0;
	for (size_t i = 0; i < n; i++) {
		*ret_walked += parts[i].evidence == EV_WALKED;
		if (!largest || parts[i].rss_bytes > largest->rss_bytes)
			largest = &parts[i];
	}
	return largest && largest->evidence == EV_WALKED ? largest : NULL;
}

struct cell cell_what(char buf[CELL_WHAT_MAX], const struct snapshot *s, const struct region *r)
{
	const struct evidence_desc *d = &evidence_descs[r->evidence];
	const char *name = snapshot_region_name(s, r);
	const struct owner *o = &s->owners[r->owner];
	const struct part *walked;
	size_t n_walked;

	if (*name)
		return cell_text(name);
	walked = walked_part(s, r, &n_walked);
	if (walked) {
		(void)snprintf(buf, CELL_WHAT_MAX, "%s%s", s->owners[walked->owner].name,
			       n_walked > 1 ? " and more" : "");
		return cell_text(buf);
	}
	if (o->kind == OWNER_NONE)
		return cell_text(r->marks & MARK_NO_ACCESS   ? "reserved"
				 : r->evidence == EV_UNKNOWN ? "? unknown"
							     : "");
	(void)snprintf(buf, CELL_WHAT_MAX, "%s%s%s%s", d->mark, *d->mark ? " " : "", o->name,
		       r->marks & MARK_BSS ? " .bss" : "");
	return cell_text(buf);
}

struct cell cell_known(char buf[CELL_KNOWN_MAX], const uint64_t evidence_bytes[EV_COUNT])
{
	enum evidence first = EV_KERNEL;
	const struct evidence_desc *d;
	uint64_t sum = 0;
	int percent;

	for (int i = 0; i < EV_COUNT; i++) {
		sum += evidence_bytes[i];
		if (evidence_bytes[i] > evidence_bytes[first])
			first = (enum evidence)i;
	}
	d = &evidence_descs[first];
	percent = sum ? (int)(evidence_bytes[first] * 100 / sum) : 100;
	if (percent > 98)
		(void)snprintf(buf, CELL_KNOWN_MAX, "%s%s%s", d->mark, *d->mark ? " " : "", d->id);
	else
		(void)snprintf(buf, CELL_KNOWN_MAX, "%d %% %s", percent, d->id);
	return cell_toned(cell_text(buf), first == EV_UNKNOWN && sum ? TONE_WARN : TONE_PLAIN);
}

struct cell get_category_id(const struct ask *ask)
{
	return cell_text(category_descs[ask->index].id);
}

struct cell get_category_title(const struct ask *ask)
{
	return cell_text(category_descs[ask->index].title);
}

struct cell cell_perms(uint8_t perms)
{
	static const char texts[16][5] = {
		"---p", "r--p", "-w-p", "rw-p", "--xp", "r-xp", "-wxp", "rwxp",
		"---s", "r--s", "-w-s", "rw-s", "--xs", "r-xs", "-wxs", "rwxs",
	};

	return (struct cell){ .s = texts[perms & 15], .n = 4 };
}

struct cell cell_device(char buf[CELL_DEVICE_MAX], uint32_t major, uint32_t minor)
{
	(void)snprintf(buf, CELL_DEVICE_MAX, "%02x:%02x", major, minor);
	return cell_text(buf);
}

struct cell cell_time_of_day(struct report *r, int64_t wall_ns)
{
	time_t seconds = (time_t)(wall_ns / NS_PER_S);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm))
		return cell_none();
	return cell_text(
		arena_printf(&r->arena, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec));
}
