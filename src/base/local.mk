# SPDX-License-Identifier: GPL-2.0-or-later

libmemspect_a_SOURCES += \
	src/base/alloc.c \
	src/base/alloc.h \
	src/base/amount.c \
	src/base/amount.h \
	src/base/arena.c \
	src/base/arena.h \
	src/base/atomic_file.c \
	src/base/atomic_file.h \
	src/base/banned.h \
	src/base/clock.c \
	src/base/clock.h \
	src/base/crc.c \
	src/base/crc.h \
	src/base/demangle.c \
	src/base/demangle.h \
	src/base/dir.c \
	src/base/dir.h \
	src/base/err.c \
	src/base/err.h \
	src/base/fmt.c \
	src/base/fmt.h \
	src/base/index.c \
	src/base/index.h \
	src/base/io.c \
	src/base/io.h \
	src/base/num.c \
	src/base/num.h \
	src/base/path.c \
	src/base/path.h \
	src/base/sbuf.c \
	src/base/sbuf.h \
	src/base/stamp.c \
	src/base/stamp.h \
	src/base/task.c \
	src/base/task.h \
	src/base/text.c \
	src/base/text.h \
	src/base/util.h \
	src/base/workers.c \
	src/base/workers.h \
	src/base/yevents.c \
	src/base/yevents.h \
	src/base/ytree.c \
	src/base/ytree.h
