/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes the text of --help from the table of options.
 */
#ifndef APP_HELP_H
#define APP_HELP_H

#include <stdio.h>

void help_print(FILE *out);

#endif
