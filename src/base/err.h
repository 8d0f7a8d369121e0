/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An error message for people: what failed and why. It is set where the cause is known; later
 * errors do not replace it.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/util.h"

struct err {
	int code;       /* positive errno, 0 while no error is set */
	char text[512]; /* "what: why", without the program's name and without a newline */
};

#define ERR_INIT                                                                                   \
	{                                                                                          \
		0, ""                                                                              \
	}

/* Records the error unless one is set already. Returns -code. `err` may be NULL. */
int err_set(struct err *err, int code, const char *fmt, ...) attr_printf(3, 4);
/* Does the same as err_set, and appends ": " and the text of `code`. */
int err_set_errno(struct err *err, int code, const char *fmt, ...) attr_printf(3, 4);

#endif
