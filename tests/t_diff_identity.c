/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of analysis/diff/identity and analysis/delta: what is compared, how far apart, and the
 * difference if a side is absent.
 */
#include "diff_side.h"

#define BOOT_A "aaaaaaaa-0000-0000-0000-000000000000"
#define BOOT_B "bbbbbbbb-0000-0000-0000-000000000000"

struct who {
	const char *host, *boot_id;
	pid_t pid;
	uint64_t start_ticks, start_code;
	const char *exe;
	double age_seconds;
	int64_t wall_s;
};

struct who_row {
	const char *name;
	struct who old_side, new_side;
	const char *want_identity;
	double want_elapsed;    /* -1e9: not known */
	const char *want_notes; /* ids */
	enum reason want_rate_why;
};

#define ELAPSED_NONE (-1e9)
#define OTHER REASON_NOT_SAME_PROCESS

static const struct who_row who_rows[] = {
	{ "a process an hour later",
	  { "h", BOOT_A, 7, 100, 0x400000, "/bin/x", 10, 5000 },
	  { "h", BOOT_A, 7, 100, 0x400000, "/bin/x", 3610, 9000 },
	  "same",
	  3600,
	  "",
	  REASON_NONE },
	{ "the host was renamed",
	  { "h", BOOT_A, 7, 100, 0, NULL, 10, 0 },
	  { "i", BOOT_A, 7, 100, 0, NULL, 20, 0 },
	  "same",
	  10,
	  "",
	  REASON_NONE },
	{ "an age that is not known leaves the wall clock",
	  { "h", BOOT_A, 7, 100, 0, NULL, -1, 5000 },
	  { "h", BOOT_A, 7, 100, 0, NULL, 3610, 5060 },
	  "same",
	  60,
	  "wall_clock",
	  REASON_NONE },
	{ "a boot that is not known",
	  { "h", "", 7, 100, 0, NULL, 10, 0 },
	  { "h", BOOT_A, 7, 100, 0, NULL, 20, 0 },
	  "same",
	  10,
	  "boot_unknown",
	  REASON_NONE },
	{ "an unknown boot, another host",
	  { "h", "", 7, 100, 0, NULL, 10, 0 },
	  { "i", BOOT_A, 7, 100, 0, NULL, 20, 0 },
	  "other_host",
	  ELAPSED_NONE,
	  "",
	  OTHER },
	{ "at nearly the same moment",
	  { "h", BOOT_A, 7, 100, 0, NULL, 10.004, 0 },
	  { "h", BOOT_A, 7, 100, 0, NULL, 10, 0 },
	  "same",
	  0,
	  "",
	  REASON_TOO_CLOSE },
	{ "the wrong way round",
	  { "h", BOOT_A, 7, 100, 0, NULL, 20, 0 },
	  { "h", BOOT_A, 7, 100, 0, NULL, 10, 0 },
	  "same",
	  -10,
	  "reversed",
	  REASON_REVERSED },
	{ "another program after exec",
	  { "h", BOOT_A, 7, 100, 0, "/bin/sh", 10, 0 },
	  { "h", BOOT_A, 7, 100, 0, "/bin/x", 20, 0 },
	  "exec",
	  10,
	  "",
	  REASON_NOT_SAME_PROGRAM },
	{ "the same program after exec",
	  { "h", BOOT_A, 7, 100, 0x55550000, "/bin/x", 10, 0 },
	  { "h", BOOT_A, 7, 100, 0x66660000, "/bin/x", 20, 0 },
	  "exec",
	  10,
	  "",
	  REASON_NOT_SAME_PROGRAM },
	{ "a program that was replaced on disk",
	  { "h", BOOT_A, 7, 100, 0x400000, "/bin/x", 10, 0 },
	  { "h", BOOT_A, 7, 100, 0x400000, "/bin/x (deleted)", 20, 0 },
	  "same",
	  10,
	  "",
	  REASON_NONE },
	{ "an address of the program that is denied",
	  { "h", BOOT_A, 7, 100, 0x400000, NULL, 10, 0 },
	  { "h", BOOT_A, 7, 100, 1, NULL, 20, 0 },
	  "same",
	  10,
	  "",
	  REASON_NONE },
	{ "another process",
	  { "h", BOOT_A, 7, 100, 0, "/bin/x", 10, 0 },
	  { "h", BOOT_A, 8, 100, 0, "/bin/x", 20, 0 },
	  "other_process",
	  ELAPSED_NONE,
	  "",
	  OTHER },
	{ "a number that was used again",
	  { "h", BOOT_A, 7, 100, 0, "/bin/x", 10, 0 },
	  { "h", BOOT_A, 7, 900, 0, "/bin/y", 20, 0 },
	  "other_process",
	  ELAPSED_NONE,
	  "other_program",
	  OTHER },
	{ "another boot, with the same number and start",
	  { "h", BOOT_A, 7, 100, 0, "/bin/x", 10, 0 },
	  { "h", BOOT_B, 7, 100, 0, "/bin/x", 20, 0 },
	  "other_boot",
	  ELAPSED_NONE,
	  "",
	  OTHER },
	{ "another host",
	  { "h", BOOT_A, 7, 100, 0, "/bin/x", 10, 0 },
	  { "i", BOOT_B, 7, 100, 0, "/bin/x", 20, 0 },
	  "other_host",
	  ELAPSED_NONE,
	  "",
	  OTHER },
};

static struct diff_side who_side(struct made *m, const struct who *who)
{
	struct snapshot *s = &m->snapshot;

	snap_init(s);
	s->pid = s->stat.pid = who->pid;
	s->stat.start_ticks = who->start_ticks;
	s->stat.start_code = who->start_code;
	s->exe = who->exe;
	s->age_seconds = who->age_seconds;
	memcpy(s->sys.boot_id, who->boot_id, strlen(who->boot_id) + 1);
	return made_side(m, who->host, who->wall_s * INT64_C(1000000000));
}

static void test_who(void **state)
{
	const struct who_row *row = *state;
	struct made olds, news;
	struct diff_side old_side = who_side(&olds, &row->old_side);
	struct diff_side new_side = who_side(&news, &row->new_side);
	auto_sbuf notes = SBUF_INIT;
	struct diff d;
	enum reason why;

	diff_init(&d, &old_side, &new_side);
	assert_string_equal(diff_identity_texts[d.identity].id, row->want_identity);
	assert_int_equal(d.elapsed_why != REASON_NONE, row->want_elapsed <= ELAPSED_NONE);
	if (!d.elapsed_why)
		assert_true(d.elapsed_seconds - row->want_elapsed < 1e-6 &&
			    row->want_elapsed - d.elapsed_seconds < 1e-6);
	assert_int_equal(d.rate_why != REASON_NONE, row->want_rate_why != REASON_NONE);
	if (d.rate_why)
		assert_int_equal(d.rate_why, row->want_rate_why);
	for (int i = 0; i < DIFF_NOTE_COUNT; i++) {
		if (diff_note(&d, (enum diff_note)i, &why))
			sbuf_adds(&notes, diff_note_texts[i].id);
	}
	assert_string_equal(sbuf_str(&notes), row->want_notes);
	diff_release(&d);
	made_release(&olds);
	made_release(&news);
}

#define SURE(bytes)                                                                                \
	{                                                                                          \
		.value = bytes                                                                     \
	}
#define GONE(reason)                                                                               \
	{                                                                                          \
		.why = reason                                                                      \
	}

static const struct {
	const char *name;
	struct amount old_value, new_value;
	int64_t want;
	enum reason want_why;
} delta_rows[] = {
	{ "grew", SURE(4096), SURE(12288), 8192, REASON_NONE },
	{ "shrank", SURE(12288), SURE(4096), -8192, REASON_NONE },
	{ "stayed", SURE(4096), SURE(4096), 0, REASON_NONE },
	{ "appeared", SURE(0), SURE(4096), 4096, REASON_NONE },
	{ "the old one is absent", GONE(REASON_DENIED), SURE(4096), 0, REASON_DENIED },
	{ "the new one is absent", SURE(4096), GONE(REASON_DENIED), 0, REASON_DENIED },
	{ "both are absent", GONE(REASON_DENIED), GONE(REASON_GONE), 0, REASON_DENIED },
	{ "more than a number holds", SURE(0), SURE(UINT64_MAX), INT64_MAX, REASON_NONE },
	{ "less than a number holds", SURE(UINT64_MAX), SURE(0), -INT64_MAX, REASON_NONE },
};

static void test_delta(void **state)
{
	const __typeof__(delta_rows[0]) *row = *state;
	struct delta d = delta_of(row->old_value, row->new_value);

	assert_int_equal(d.why != REASON_NONE, row->want_why != REASON_NONE);
	if (d.why)
		assert_int_equal(d.why, row->want_why);
	else
		assert_int_equal(d.bytes, row->want);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "diff", who_rows, test_who);
	ROWS_ADD(&tests, "delta_of", delta_rows, test_delta);
	return rows_run("diff_identity", &tests);
}
