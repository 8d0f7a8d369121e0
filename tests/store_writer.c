/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Usage: store_writer DIR WALL_SECONDS ROUNDS LINES [KEEP]
 *
 * store.py runs, kills and starts it twice: it takes the lock if KEEP is given, prints "ready", and in
 * each round adds a snapshot, writes "state" and, with KEEP, prunes. Prints the names of the
 * snapshots. After an error it prints one line to stderr and ends with status 1.
 */
#include <errno.h>

#include "base/clock.h"
#include "base/num.h"
#include "model/store/store.h"

struct content {
	unsigned long long seed, lines;
};

/* Each file differs from the last in every line, and its first line says what must follow. */
static int fill(FILE *out, void *arg)
{
	const struct content *c = arg;
	int ret = fprintf(out, "# memspect snapshot 1\n%llu %llu\n", c->seed, c->lines);

	for (unsigned long long i = 0; i < c->lines && ret >= 0; i++)
		ret = fprintf(out, "%llu %llu\n", c->seed, i);
	return ret < 0 ? -errno : 0;
}

static int write_rounds(struct store *s, int64_t wall_ns, uint64_t rounds, struct content content,
			const struct store_policy *policy, struct err *err)
{
	char name[STORE_NAME_MAX];
	size_t removed;
	int ret = 0;

	for (; rounds > 0 && ret == 0; rounds--, content.seed++) {
		ret = store_add(s, wall_ns, fill, &content, name, err);
		if (ret < 0)
			return ret;
		(void)puts(name);
		ret = store_put(s, "state", fill, &content, err);
		if (ret == 0 && policy->keep)
			ret = store_prune(s, policy, wall_ns, name, &removed, err);
	}
	return ret;
}

static int run(char *argv[], const uint64_t numbers[4], struct err *err)
{
	auto_store s = STORE_INIT;
	struct content content = { (unsigned long long)getpid() * 1000000, numbers[2] };
	struct store_policy policy = { .keep = numbers[3] };
	int ret = store_open(argv[1], &s, err);

	if (ret == 0 && policy.keep)
		ret = store_lock(&s, err);
	if (ret < 0)
		return ret;
	(void)puts("ready");
	(void)fflush(stdout);
	return write_rounds(&s, (int64_t)numbers[0] * NS_PER_S, numbers[1], content, &policy, err);
}

int main(int argc, char *argv[])
{
	uint64_t numbers[4] = { 0 };
	struct err err = ERR_INIT;

	for (int i = 2; i < argc && i < 6; i++) {
		if (num_parse_u64(argv[i], &numbers[i - 2]) < 0)
			argc = 0;
	}
	if (argc < 5) {
		(void)fputs("usage: store_writer DIR WALL_SECONDS ROUNDS LINES [KEEP]\n", stderr);
		return 2;
	}
	if (run(argv, numbers, &err) == 0)
		return EXIT_SUCCESS;
	(void)fprintf(stderr, "%s\n", err.text);
	return EXIT_FAILURE;
}
