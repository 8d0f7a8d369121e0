# SPDX-License-Identifier: GPL-2.0-or-later

# MS_ENABLE_WERROR
# ----------------
# --enable-werror makes warnings errors. The flag stays out of CFLAGS, where it would break the
# probes of configure.
AC_DEFUN([MS_ENABLE_WERROR], [
	AC_ARG_ENABLE([werror],
		[AS_HELP_STRING([--enable-werror], [treat compiler warnings as errors])],
		[], [enable_werror=no])
	WERROR_CFLAGS=
	AS_IF([test "x$enable_werror" != xno], [WERROR_CFLAGS=-Werror])
	AC_SUBST([WERROR_CFLAGS])
])
