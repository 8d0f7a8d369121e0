/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process with misleading names: its own, those of one mapped page of each of several files in
 * $TMPDIR, which it does not remove, and those of memory files.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { PAGE = 4096 };

/* In stat this looks like the end of the name and the start of the next fields. */
static const char comm[] = ") R 1\n\033[1m\377\")";

static const char *const names[] = {
	"new\nline",
	"literal\\012backslash",
	"escape\033[31mred",
	"clipboard\033]52;c;aGk=\007",
	"bell\007tab\treturn\rbackspace\b",
	"delete\177",
	"c1\302\233",
	"not\377\376utf8",
	"overlong\300\257",
	"bidi\342\200\256txt.so",
	"quotes\"'`$(true)",
	"<b>&amp;]]>",
	"=1+1,\"a\";b",
	"- list: {key: &a *a}",
	" spaces at both ends ",
	"gone (deleted)",
	"[heap]",
	"libfake.so.1\n7f0000000000-7f0000001000 rw-p 00000000 00:00 0 ",
};

static int map_page(int fd)
{
	char *p;

	if (fd < 0 || ftruncate(fd, PAGE) < 0)
		return -errno;
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	*p = 1;
	return 0;
}

int main(void)
{
	const char *dir = getenv("TMPDIR");

	if (chdir(dir ? dir : "/var/tmp") < 0)
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int file = open(names[i], O_RDWR | O_CREAT | O_CLOEXEC, 0600);

		if (map_page(file) < 0 || map_page(memfd_create(names[i], MFD_CLOEXEC)) < 0) {
			fprintf(stderr, "target_hostile: %zu: %s\n", i, strerror(errno));
			return 1;
		}
	}
	(void)prctl(PR_SET_NAME, comm);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	printf("ready %d\n", (int)getpid());
	(void)fflush(stdout);
	for (;;)
		(void)pause();
}
