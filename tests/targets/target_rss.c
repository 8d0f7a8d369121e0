/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a program and writes its highest RSS, in KiB, to a file: target_rss FILE PROGRAM [ARG]... A
 * program that starts another one passes on its own highest RSS, so this one is small.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct rusage usage;
	pid_t child;
	int status;
	FILE *out;

	if (argc < 3)
		return 2;
	child = fork();
	if (child == 0) {
		(void)execv(argv[2], argv + 2);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) < 0)
		return 1;
	out = fopen(argv[1], "we");
	if (!out)
		return 1;
	(void)fprintf(out, "%ld\n", usage.ru_maxrss);
	(void)fclose(out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
