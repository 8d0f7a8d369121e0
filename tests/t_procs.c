/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of screen/data/procs: the state of processes from tick to tick. */
#include "screen/data/procs.h"

#include "base/clock.h"
#include "rows.h"

static struct scan_reading reading(pid_t pid, uint64_t start, uint64_t rss)
{
	return (struct scan_reading){
		.pid = pid,
		.stat = { .pid = pid, .comm = "name", .start_ticks = start, .threads = 1 },
		.uid = amount_of(7),
		.size_bytes = amount_of(rss),
		.rss_bytes = amount_of(rss),
		.shared_bytes = amount_of(0),
	};
}

static void fold(struct procs *p, int64_t second, struct scan_reading *readings, size_t n)
{
	procs_fold(p, second * NS_PER_S, readings, n);
}

static void set_command(struct procs *p, pid_t pid, const char *command, const char *user)
{
	struct slow_fields more = { .read_ns = 1,
				    .command = xstrdup(command),
				    .user = user ? xstrdup(user) : NULL };

	procs_set_slow_fields(p, pid, 0, &more);
	assert_null(more.command);
}

static void test_come_and_go(void **state attr_unused)
{
	struct scan_reading all[] = { reading(1, 10, 100), reading(2, 20, 100),
				      reading(3, 30, 100) };
	struct procs p;

	procs_init(&p);
	fold(&p, 1, all, 3);
	set_command(&p, 2, "two", "ann");
	assert_string_equal(proc_command(procs_find(&p, 2, 20)), "two");
	assert_string_equal(procs_find(&p, 3, 0)->user, "ann"); /* both have the same user */
	assert_string_equal(proc_command(procs_find(&p, 1, 0)), "[name]");
	assert_null(procs_find(&p, 2, 21));
	fold(&p, 2, all + 1, 2);
	assert_null(procs_find(&p, 1, 0));
	assert_string_equal(proc_command(procs_find(&p, 2, 0)), "two");
	/* Another process has the number, and nothing is known about it. */
	all[1] = reading(2, 99, 100);
	all[1].change = SCAN_NEW;
	fold(&p, 3, all, 3);
	assert_string_equal(proc_command(procs_find(&p, 2, 99)), "[name]");
	assert_int_equal(procs_find(&p, 2, 99)->series.n, 1);
	assert_int_equal(procs_find(&p, 3, 30)->series.n, 3);
	set_command(&p, 77, "nobody", NULL);
	procs_release(&p);
}

/* exec starts a new series; the user's tag stays. */
static void test_exec(void **state attr_unused)
{
	struct scan_reading r = reading(5, 50, 100);
	struct procs p;

	procs_init(&p);
	for (int i = 0; i < 20; i++)
		fold(&p, i, &r, 1);
	set_command(&p, 5, "before", NULL);
	p.rows[0].is_tagged = true;
	r.change = SCAN_EXEC;
	fold(&p, 20, &r, 1);
	assert_int_equal(p.rows[0].series.n, 1);
	assert_string_equal(proc_command(&p.rows[0]), "[name]");
	assert_true(p.rows[0].more.v[METRIC_PSS].why == REASON_NOT_READ);
	assert_true(p.rows[0].is_tagged);
	procs_release(&p);
}

/* A slot has the largest value of its time, and the newest slot is the last. */
static void test_sparks(void **state attr_unused)
{
	const uint64_t values[] = { 5, 9, 3, 7 };
	struct procs p;

	procs_init(&p);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct scan_reading r = reading(5, 50, values[i]);

		fold(&p, (int64_t)i * SPARK_SECONDS / 2, &r, 1);
	}
	assert_int_equal(p.rows[0].sparks, 2);
	assert_int_equal(p.rows[0].spark[SPARK_SLOTS - 2], 9);
	assert_int_equal(p.rows[0].spark[SPARK_SLOTS - 1], 7);
	for (int i = 0; i < 2 * SPARK_SLOTS; i++) {
		struct scan_reading r = reading(5, 50, 1);

		fold(&p, 1000 + (int64_t)i * SPARK_SECONDS, &r, 1);
	}
	assert_int_equal(p.rows[0].sparks, SPARK_SLOTS);
	assert_int_equal(p.rows[0].spark[0], 1);
	procs_release(&p);
}

/* A process whose memory never changed is stable without being judged; others are to be judged. */
static void test_judgement(void **state attr_unused)
{
	struct growth growth = { .verdict = VERDICT_GROWING, .has_rate = true, .rate = 1e6 };
	struct procs p;

	procs_init(&p);
	for (int i = 0; i < 30; i++) {
		struct scan_reading all[] = { reading(1, 10, 100),
					      reading(2, 20, (uint64_t)i * 100) };

		fold(&p, i, all, 2);
	}
	assert_false(proc_wants_judgement(&p.rows[0]));
	assert_int_equal(p.rows[0].growth.verdict, VERDICT_STABLE);
	assert_true(proc_wants_judgement(&p.rows[1]));
	procs_set_growth(&p, 2, 20, p.rows[1].series.pushed, &growth);
	assert_false(proc_wants_judgement(&p.rows[1]));
	assert_true(proc_grows(&p.rows[1]));
	assert_int_equal(p.growing, 1);
	procs_set_growth(&p, 2, 21, 1, &growth);
	assert_int_equal(p.growing, 1);
	procs_release(&p);
}

int main(void)
{
	struct row_tests tests = { 0 };

	rows_add_one(&tests, "procs_fold: processes come and go", test_come_and_go);
	rows_add_one(&tests, "procs_fold: another program", test_exec);
	rows_add_one(&tests, "procs_fold: the last minutes", test_sparks);
	rows_add_one(&tests, "proc_wants_judgement", test_judgement);
	return rows_run("screen/procs", &tests);
}
