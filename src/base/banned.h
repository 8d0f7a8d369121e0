/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes calls of functions that invite overflows, silent truncation or dependence on the locale
 * fail to compile.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

/* A poisoned name may not be declared either, so these headers have to come first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncat sprintf vsprintf strtok strtok_r gets
#pragma GCC poison atoi atol atoll atof sscanf gmtime localtime ctime asctime

#endif
