/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a number or a text is absent. Code compares reasons by value; the texts are for people, and
 * are what reports and snapshot files contain.
 */
#ifndef BASE_REASON_H
#define BASE_REASON_H

enum reason {
	REASON_NONE,      /* it is not absent */
	REASON_BY_DESIGN, /* the value does not exist, and nothing failed */
	REASON_OTHER,     /* a text of a snapshot file that this version does not know */

	/* Of all readers. */
	REASON_NOT_READ, /* before a reader ran */
	REASON_NOT_REPORTED,
	REASON_NOT_RECORDED,
	REASON_NO_MM,
	REASON_DENIED,
	REASON_NO_FILE,
	REASON_GONE,
	REASON_BAD_FORMAT,

	/* Of files of processes and of the system. */
	REASON_IPC_NAMESPACE,
	REASON_NETWORK_NAMESPACE,
	REASON_TOO_MANY_DESCRIPTORS,
	REASON_NO_ANSWER_IN_TIME,

	/* Of control groups. */
	REASON_NO_CGROUP,
	REASON_CGROUP_NOT_MOUNTED,
	REASON_CGROUP_NOT_VISIBLE,
	REASON_CGROUP_NAMESPACE,
	REASON_CGROUP_NO_CONTROLLER,
	REASON_CGROUP_ROOT,
	REASON_CGROUP_VERSION,

	/* Of a snapshot. */
	REASON_EXITED,
	REASON_MM_ENDED,
	REASON_EXECUTED,
	REASON_TOO_MANY_MAPPINGS,
	REASON_TRUNCATED,
	REASON_EXCESS,
	REASON_LEFT_OUT,
	REASON_NOT_STATED,

	/* Of a walk through memory. */
	REASON_TRACED,
	REASON_NOT_STOPPED,
	REASON_STOP_DENIED,
	REASON_OTHER_PROGRAM,
	REASON_LET_GO,
	REASON_INTERRUPTED,
	REASON_ONLY_PUBLISHED,
	REASON_NO_ANSWER,
	REASON_NOT_COUNTED,
	REASON_NOT_BLOCKS,
	REASON_OWNERS_NOT_READ,
	REASON_NOT_OF_LINE,
	REASON_V8_NOT_FOUND,

	/* Of an allocator or runtime whose memory was not read. */
	REASON_NOT_READ_YET,
	REASON_NO_WALKER,
	REASON_GLIBC_NOT_FOUND,
	REASON_JEMALLOC_NOT_FOUND,
	REASON_JEMALLOC_NOT_KNOWN,
	REASON_MIMALLOC_NOT_FOUND,
	REASON_MUSL_NOT_FOUND,
	REASON_TCMALLOC_NOT_FOUND,
	REASON_TCMALLOC_NOT_KNOWN,
	REASON_PYTHON_FREE_THREADED,
	REASON_PYTHON_OTHER_BUILD,
	REASON_PYTHON_NO_VERSION,
	REASON_PHP_NOT_FOUND,
	REASON_PHP_NOT_KNOWN,
	REASON_GO_NOT_FOUND,
	REASON_GO_NOT_KNOWN,
	REASON_GO_NO_GOROUTINES,
	REASON_JVM_NO_TABLES,
	REASON_JVM_NOT_FOUND,
	REASON_JVM_COLLECTOR,
	REASON_JVM_NOT_KNOWN,

	/* Of judgements. */
	REASON_PART_OF_MAPPING,
	REASON_NOT_RESIDENT,
	REASON_PARTIAL,
	REASON_INCONSISTENT,
	REASON_RSS_CHANGED,
	REASON_STACK_SIZE,
	REASON_NO_MEMBERS,
	REASON_SEVERAL_CGROUPS,
	REASON_LIMIT_UNREADABLE,
	REASON_TOO_SHORT,
	REASON_TOO_FEW_SAMPLES,
	REASON_NOT_THIS_TICK,

	/* Of a comparison. */
	REASON_NOT_SAME_PROCESS,
	REASON_NOT_SAME_PROGRAM,
	REASON_REVERSED,
	REASON_TOO_CLOSE,
	REASON_WITHOUT_DEEP,
	REASON_NO_LINE,
	REASON_NO_ALLOCATOR,
	REASON_NO_RUNTIME,
	REASON_ONLY_LARGEST,

	REASON_COUNT,
	/* An error number without a reason of its own is added to this. */
	REASON_ERRNO = 0x1000,
	REASON_ERRNO_LAST = REASON_ERRNO + 0xfff
};

/* Returns the text of a reason, "" for REASON_NONE; static. */
const char *reason_text(enum reason why);
/* Returns the reason that has this text, or REASON_OTHER. */
enum reason reason_of_text(const char *text);
/* Returns the reason for an error number, positive or negative. */
enum reason reason_of_errno(int code);
/* Returns the text of an error number, positive or negative, in the C locale; static. */
const char *reason_errno_text(int code);

#endif
