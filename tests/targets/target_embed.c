/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * target_embed LIBRARY STATEMENTS: a program that loads libpython and runs Python in it.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	void *library = argc == 3 ? dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL) : NULL;
	void (*start)(int);
	int (*run)(const char *);

	if (!library)
		return 1;
	*(void **)&start = dlsym(library, "Py_InitializeEx");
	*(void **)&run = dlsym(library, "PyRun_SimpleString");
	if (!start || !run)
		return 1;
	start(0);
	if (run(argv[2]))
		return 1;
	printf("ready %d\n", (int)getpid());
	(void)fflush(stdout);
	(void)pause();
	return 0;
}
