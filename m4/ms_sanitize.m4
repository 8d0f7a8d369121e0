# SPDX-License-Identifier: GPL-2.0-or-later

# MS_ENABLE_SANITIZE
# ------------------
# --enable-sanitize puts the address and undefined behaviour sanitizers, both fatal, into
# SANITIZE_CFLAGS, which compiling and linking share.
AC_DEFUN([MS_ENABLE_SANITIZE], [
	AC_ARG_ENABLE([sanitize],
		[AS_HELP_STRING([--enable-sanitize], [build with ASan and UBSan])],
		[], [enable_sanitize=no])
	SANITIZE_CFLAGS=
	AS_IF([test "x$enable_sanitize" != xno], [
		SANITIZE_CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all"
		SANITIZE_CFLAGS="$SANITIZE_CFLAGS -fno-omit-frame-pointer"
		AC_MSG_CHECKING([whether the sanitizers link])
		ms_saved_CFLAGS=$CFLAGS
		CFLAGS="$CFLAGS $SANITIZE_CFLAGS"
		AC_LINK_IFELSE([AC_LANG_PROGRAM()], [AC_MSG_RESULT([yes])], [
			AC_MSG_RESULT([no])
			AC_MSG_ERROR([$CC has no address and undefined sanitizers])
		])
		CFLAGS=$ms_saved_CFLAGS
	])
	AC_SUBST([SANITIZE_CFLAGS])
])
