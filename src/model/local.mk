# SPDX-License-Identifier: GPL-2.0-or-later

libmemspect_a_SOURCES += \
	src/model/metrics.c \
	src/model/metrics.h \
	src/model/parts.c \
	src/model/parts.h \
	src/model/region.c \
	src/model/region.h \
	src/model/rule/package.c \
	src/model/rule/package.h \
	src/model/rule/rule.c \
	src/model/rule/rule.h \
	src/model/rule/rules_std.c \
	src/model/rule/rules_yaml.c \
	src/model/rule/rules_yaml.h \
	src/model/rule/runtime.c \
	src/model/rule/runtime.h \
	src/model/rule/shapes.c \
	src/model/rule/shapes.h \
	src/model/snapfile/heap_stats.c \
	src/model/snapfile/process.c \
	src/model/snapfile/process.h \
	src/model/snapfile/reasons.c \
	src/model/snapfile/regions.c \
	src/model/snapfile/snapfile.c \
	src/model/snapfile/snapfile.h \
	src/model/snapfile/snapread.c \
	src/model/snapfile/snapread.h \
	src/model/snapfile/sources.c \
	src/model/snapshot/capture.c \
	src/model/snapshot/capture.h \
	src/model/snapshot/classify.c \
	src/model/snapshot/classify.h \
	src/model/snapshot/heap_stats.c \
	src/model/snapshot/heap_stats.h \
	src/model/snapshot/proclist.c \
	src/model/snapshot/proclist.h \
	src/model/snapshot/snapshot.c \
	src/model/snapshot/snapshot.h \
	src/model/snapshot/sources.c \
	src/model/snapshot/sources.h \
	src/model/store/name.c \
	src/model/store/name.h \
	src/model/store/prune.c \
	src/model/store/store.c \
	src/model/store/store.h
