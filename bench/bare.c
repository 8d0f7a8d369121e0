/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor that every measurement is held against: reads files of /proc and throws them away.
 *
 *   bare FILE PID...         reads /proc/PID/FILE of each process once
 *   bare -a THREADS FILE...  reads the FILEs of every process, on so many threads
 *   bare -m PID START END... reads the memory of a process from each START to END, in hexadecimal
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER = 64 << 10, BLOCK = 256 << 10, THREADS_MAX = 16, PIDS_MAX = 1 << 16 };

struct work {
	char **files;
	int n_files;
	int *pids;
	size_t n_pids;
	atomic_size_t next;
};

static long read_file(const char *path)
{
	static _Thread_local char buffer[BUFFER];
	long total = 0;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		total += n;
	(void)close(fd);
	return total;
}

static void *read_all(void *arg)
{
	struct work *w = arg;
	size_t i;

	while ((i = atomic_fetch_add(&w->next, 1)) < w->n_pids) {
		for (int k = 0; k < w->n_files; k++) {
			char path[128];

			(void)snprintf(path, sizeof(path), "/proc/%d/%s", w->pids[i], w->files[k]);
			(void)read_file(path);
		}
	}
	return NULL;
}

static size_t list_pids(int *pids, size_t max)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	size_t n = 0;

	while (dir && n < max && (entry = readdir(dir))) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (pid > 0 && *end == '\0')
			pids[n++] = (int)pid;
	}
	if (dir)
		(void)closedir(dir);
	return n;
}

static int read_system(int argc, char **argv)
{
	static int pids[PIDS_MAX];
	struct work w = { .files = argv + 3, .n_files = argc - 3, .pids = pids };
	pthread_t threads[THREADS_MAX];
	int n = atoi(argv[2]);

	if (n < 1 || n > THREADS_MAX)
		return 2;
	w.n_pids = list_pids(pids, PIDS_MAX);
	for (int i = 1; i < n; i++)
		if (pthread_create(&threads[i], NULL, read_all, &w) != 0)
			return 5;
	(void)read_all(&w);
	for (int i = 1; i < n; i++)
		(void)pthread_join(threads[i], NULL);
	return 0;
}

static void read_range(int fd, uint64_t at, uint64_t end)
{
	static char block[BLOCK];

	while (at < end) {
		ssize_t n = pread(fd, block, end - at < BLOCK ? end - at : BLOCK, (off_t)at);

		if (n <= 0)
			break;
		at += (uint64_t)n;
	}
}

static int read_memory(int argc, char **argv)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%s/mem", argv[2]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		perror(path);
		return 3;
	}
	for (int i = 3; i + 1 < argc; i += 2)
		read_range(fd, strtoull(argv[i], NULL, 16), strtoull(argv[i + 1], NULL, 16));
	(void)close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 5 && strcmp(argv[1], "-m") == 0)
		return read_memory(argc, argv);
	if (argc >= 4 && strcmp(argv[1], "-a") == 0)
		return read_system(argc, argv);
	if (argc < 3) {
		(void)fprintf(stderr, "usage: bare FILE PID... | bare -a THREADS FILE... |"
				      " bare -m PID START END...\n");
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		char path[128];

		(void)snprintf(path, sizeof(path), "/proc/%s/%s", argv[i], argv[1]);
		if (read_file(path) < 0) {
			perror(path);
			return 3;
		}
	}
	return 0;
}
