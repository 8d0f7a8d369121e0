# SPDX-License-Identifier: GPL-2.0-or-later

# MS_REQUIRE_LIB(PREFIX, MODULE, PACKAGE)
# ---------------------------------------
# Sets PREFIX_CFLAGS and PREFIX_LIBS from pkg-config, or stops with the Debian package to install.
AC_DEFUN([MS_REQUIRE_LIB], [
	PKG_CHECK_MODULES([$1], [$2], [],
		[AC_MSG_ERROR([$2 not found (Debian: apt install $3)])])
])

# MS_SUGGEST_LIB(PREFIX, MODULE, PACKAGE, PURPOSE)
# ------------------------------------------------
# As MS_REQUIRE_LIB for what building does not need: sets the conditional HAVE_PREFIX.
AC_DEFUN([MS_SUGGEST_LIB], [
	PKG_CHECK_MODULES([$1], [$2], [ms_have_$1=yes], [
		ms_have_$1=no
		AC_MSG_NOTICE([$2 not found: '$4' will not run (Debian: apt install $3)])
	])
	AM_CONDITIONAL([HAVE_$1], [test "x$ms_have_$1" = xyes])
])
