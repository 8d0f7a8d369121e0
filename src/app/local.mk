# SPDX-License-Identifier: GPL-2.0-or-later

libmemspect_a_SOURCES += \
	src/app/cmd.h \
	src/app/cmd_columns.c \
	src/app/cmd_diff.c \
	src/app/cmd_judge.c \
	src/app/cmd_list.c \
	src/app/cmd_show.c \
	src/app/cmd_top.c \
	src/app/config.c \
	src/app/config.h \
	src/app/context.c \
	src/app/context.h \
	src/app/help.c \
	src/app/help.h \
	src/app/inspect.c \
	src/app/inspect.h \
	src/app/modes.c \
	src/app/modes.h \
	src/app/options.c \
	src/app/options.h \
	src/app/options_check.c \
	src/app/output.c \
	src/app/output.h \
	src/app/select.c \
	src/app/select.h \
	src/app/top_signals.c \
	src/app/top_signals.h \
	src/app/watch/alarms.c \
	src/app/watch/cmd_watch.c \
	src/app/watch/inspect.c \
	src/app/watch/inspect.h \
	src/app/watch/report.c \
	src/app/watch/store.c \
	src/app/watch/store.h \
	src/app/watch/ticker.c \
	src/app/watch/ticker.h \
	src/app/watch/walk.c \
	src/app/watch/walk.h \
	src/app/watch/watch.h \
	src/app/watch/watched.c \
	src/app/watch/watched.h
