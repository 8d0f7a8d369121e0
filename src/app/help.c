/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/help.h"

#include "app/option_table.h"

void help_print(FILE *out)
{
	(void)fputs("Usage: memspect [OPTION]... PID...    inspect processes\n"
		    "       memspect [OPTION]...           list every process, by PSS\n"
		    "       memspect --watch=TIME [PID...] see what grows\n"
		    "       memspect --diff OLD NEW        what changed between two\n"
		    "       memspect --judge=FILE          a series recorded elsewhere\n"
		    "Show where the memory of Linux processes is.\n",
		    out);
	for (size_t i = 0; i < n_option_descs; i++) {
		const struct option_desc *d = &option_descs[i];
		char left[64];

		if (d->group)
			(void)fprintf(out, "\n%s:\n", d->group);
		(void)snprintf(left, sizeof(left), "%c%c%c --%s%s%s%s", d->letter ? '-' : ' ',
			       d->letter ? d->letter : ' ', d->letter ? ',' : ' ', d->name,
			       d->optional ? "[="
			       : d->arg    ? "="
					   : "",
			       d->arg ? d->arg : "", d->optional ? "]" : "");
		(void)fprintf(out, "  %-27s %s\n", left, d->help);
	}
	(void)fputs("\nExit status: 0 done, 1 a limit was exceeded, 2 usage, 3 no such process,\n4 "
		    "not permitted or unavailable, 5 I/O error.\n\nExamples:\n  memspect 1234      "
		    "         one report\n  memspect -C '^gunicorn' -t  a service with its "
		    "workers, and their sum\n  memspect -j -r 1234         everything, as JSON\n  "
		    "memspect --watch=300 1234   is it growing, how fast, and which part\n",
		    out);
}
