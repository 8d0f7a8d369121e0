# SPDX-License-Identifier: GPL-2.0-or-later

# MS_CHECK_WARNINGS
# -----------------
# Puts the warnings that the compiler knows, probed one by one, into WARN_CFLAGS.
AC_DEFUN([MS_CHECK_WARNINGS], [
	AC_REQUIRE([AC_PROG_CC])
	WARN_CFLAGS=
	m4_foreach_w([ms_flag], [
		-Wall
		-Wextra
		-Wshadow
		-Wmissing-prototypes
		-Wstrict-prototypes
		-Wwrite-strings
		-Wformat=2
		-Wvla
		-Wundef
		-Wpointer-arith
		-Wcast-qual
	], [MS_PROBE_WARNING(ms_flag)])
	AC_SUBST([WARN_CFLAGS])
])

# MS_PROBE_WARNING(FLAG)
# ----------------------
# clang takes unknown warnings and only grumbles, hence -Werror while asking.
AC_DEFUN([MS_PROBE_WARNING], [
	AC_MSG_CHECKING([whether $CC knows $1])
	ms_saved_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS -Werror $1"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
		[AC_MSG_RESULT([yes]); AS_VAR_APPEND([WARN_CFLAGS], [" $1"])],
		[AC_MSG_RESULT([no])])
	CFLAGS=$ms_saved_CFLAGS
])
