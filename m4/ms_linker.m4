# SPDX-License-Identifier: GPL-2.0-or-later

# MS_CHECK_LINKER
# ---------------
# Sets LINK_LDFLAGS so that a program loads only the libraries it uses.
AC_DEFUN([MS_CHECK_LINKER], [
	LINK_LDFLAGS=
	AC_MSG_CHECKING([whether the linker knows --as-needed])
	ms_saved_LDFLAGS=$LDFLAGS
	LDFLAGS="$LDFLAGS -Wl,--as-needed"
	AC_LINK_IFELSE([AC_LANG_PROGRAM()],
		[AC_MSG_RESULT([yes]); LINK_LDFLAGS=-Wl,--as-needed],
		[AC_MSG_RESULT([no])])
	LDFLAGS=$ms_saved_LDFLAGS
	AC_SUBST([LINK_LDFLAGS])
])
