/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocates this many blocks of this many bytes for each line "BLOCKS BYTES" that it reads, and
 * prints "done".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
	unsigned long blocks, bytes;
	char line[80];

	(void)printf("ready %d\n", getpid());
	(void)fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		char *end;

		blocks = strtoul(line, &end, 10);
		bytes = strtoul(end, NULL, 10);
		while (blocks-- > 0) {
			void *block = malloc(bytes);

			if (!block)
				return 1;
			memset(block, 1, bytes);
		}
		(void)puts("done");
		(void)fflush(stdout);
	}
	return 0;
}
