/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/reason.h"

#include <errno.h>

#include "base/util.h"

static const char *const texts[] = {
	[REASON_NONE] = "",
	[REASON_BY_DESIGN] = "",
	[REASON_OTHER] = "a reason that this version does not know",
	[REASON_NOT_READ] = "not read",
	[REASON_NOT_REPORTED] = "not reported by this kernel",
	[REASON_NOT_RECORDED] = "not in the recorded tree",
	[REASON_NO_MM] = "no address space",
	[REASON_DENIED] = "permission denied",
	[REASON_NO_FILE] = "no such file",
	[REASON_GONE] = "the process is gone",
	[REASON_BAD_FORMAT] = "not in the format this program knows",
	[REASON_IPC_NAMESPACE] = "in another IPC namespace",
	[REASON_NETWORK_NAMESPACE] = "in another network namespace",
	[REASON_TOO_MANY_DESCRIPTORS] = "more descriptors than this program examines",
	[REASON_NO_ANSWER_IN_TIME] = "no answer in time",
	[REASON_NO_CGROUP] = "in no memory control group",
	[REASON_CGROUP_NOT_MOUNTED] = "control groups are not mounted here",
	[REASON_CGROUP_NOT_VISIBLE] = "its control group is not visible here",
	[REASON_CGROUP_NAMESPACE] = "outside this control group namespace",
	[REASON_CGROUP_NO_CONTROLLER] = "no memory controller in this control group",
	[REASON_CGROUP_ROOT] = "the root control group does not have it",
	[REASON_CGROUP_VERSION] = "this version of control groups does not have it",
	[REASON_EXITED] = "the process exited while it was read",
	[REASON_MM_ENDED] = "its address space ended while it was read",
	[REASON_EXECUTED] = "the process executed another program while it was read",
	[REASON_TOO_MANY_MAPPINGS] = "more mappings than are read",
	[REASON_TRUNCATED] = "smaps ended inside a record",
	[REASON_EXCESS] = "smaps reports more memory than is possible",
	[REASON_LEFT_OUT] = "left out on request",
	[REASON_NOT_STATED] = "the snapshot does not say why",
	[REASON_TRACED] = "not frozen: a debugger traces it",
	[REASON_NOT_STOPPED] = "not frozen: it does not stop",
	[REASON_STOP_DENIED] = "not frozen: not permitted",
	[REASON_OTHER_PROGRAM] = "it now runs another program",
	[REASON_LET_GO] = "the process continued before the walk ended",
	[REASON_INTERRUPTED] = "interrupted",
	[REASON_ONLY_PUBLISHED] = "permission denied: only what the runtime publishes was read",
	[REASON_NO_ANSWER] = "no answer",
	[REASON_NOT_COUNTED] = "they are not counted",
	[REASON_NOT_BLOCKS] = "not counted in blocks",
	[REASON_OWNERS_NOT_READ] = "the objects that may own blocks were not read",
	[REASON_NOT_OF_LINE] = "lines have no count",
	[REASON_V8_NOT_FOUND] = "where it allocates was not found",
	[REASON_NOT_READ_YET] = "not read yet by this version",
	[REASON_NO_WALKER] = "this version has no walker for it",
	[REASON_GLIBC_NOT_FOUND] = "its arenas were not found",
	[REASON_JEMALLOC_NOT_FOUND] = "its tree of extents was not found",
	[REASON_JEMALLOC_NOT_KNOWN] = "its extents are not like those of 5.0 to 5.3",
	[REASON_MIMALLOC_NOT_FOUND] = "no segments like those of 2.0.3 to 2.4 were found",
	[REASON_MUSL_NOT_FOUND] =
		"the context of mallocng, which is in musl 1.2.1 and later, was not found",
	[REASON_TCMALLOC_NOT_FOUND] = "no table of pages like that of gperftools was found",
	[REASON_TCMALLOC_NOT_KNOWN] = "its sizes of blocks are not like those of gperftools 2.10",
	[REASON_PYTHON_FREE_THREADED] = "a free-threaded build, which is not read yet",
	[REASON_PYTHON_OTHER_BUILD] = "objects of another build than the default one",
	[REASON_PYTHON_NO_VERSION] = "its version cannot be told",
	[REASON_PHP_NOT_FOUND] =
		"no heap of ZendMM was found: another version, or USE_ZEND_ALLOC=0",
	[REASON_PHP_NOT_KNOWN] = "its heap is not as in PHP 7.0 to 8.4, or did not keep still",
	[REASON_GO_NOT_FOUND] = "the list of its spans was not found",
	[REASON_GO_NOT_KNOWN] = "its type information does not tell the layout of spans",
	[REASON_GO_NO_GOROUTINES] = "the list of goroutines was not found, or not read whole",
	[REASON_JVM_NO_TABLES] = "it exports no tables of its data",
	[REASON_JVM_NOT_FOUND] = "its heap was not found: it is starting, or of an unknown kind",
	[REASON_JVM_COLLECTOR] = "this version does not know its collector",
	[REASON_JVM_NOT_KNOWN] = "the layout of its heap is not known",
	[REASON_PART_OF_MAPPING] = "not known for a part of a shared mapping",
	[REASON_NOT_RESIDENT] = "nothing is resident",
	[REASON_PARTIAL] = "smaps is incomplete",
	[REASON_INCONSISTENT] = "smaps changed while it was read",
	[REASON_RSS_CHANGED] = "VmRSS changed while smaps was read",
	[REASON_STACK_SIZE] = "the size of kernel stacks is not known on this machine",
	[REASON_NO_MEMBERS] = "there is no process",
	[REASON_SEVERAL_CGROUPS] = "the processes are in several control groups",
	[REASON_LIMIT_UNREADABLE] = "a limit that decides cannot be read",
	[REASON_TOO_SHORT] = "too few samples to judge growth",
	[REASON_TOO_FEW_SAMPLES] = "too few samples",
	[REASON_NOT_THIS_TICK] = "not read at this tick",
	[REASON_NOT_SAME_PROCESS] = "not the same process",
	[REASON_NOT_SAME_PROGRAM] = "not the same program",
	[REASON_REVERSED] = "OLD was taken after NEW",
	[REASON_TOO_CLOSE] = "less than a second apart",
	[REASON_WITHOUT_DEEP] = "taken without --deep",
	[REASON_NO_LINE] = "no line was walked",
	[REASON_NO_ALLOCATOR] = "no allocator was read",
	[REASON_NO_RUNTIME] = "no language runtime was read",
	[REASON_ONLY_LARGEST] = "only the largest are listed",
};

_Static_assert(ARRAY_SIZE(texts) == REASON_COUNT, "a text for each reason");

const char *reason_text(enum reason why)
{
	const char *text;

	if (why < REASON_COUNT)
		return texts[why];
	/* Unlike strerror, this text is not translated and does not live in a buffer. */
	text = strerrordesc_np((int)why - REASON_ERRNO);
	return text ? text : "unknown error";
}

enum reason reason_of_text(const char *text)
{
	for (int i = REASON_OTHER + 1; i < REASON_COUNT; i++) {
		if (streq(texts[i], text))
			return (enum reason)i;
	}
	for (int i = REASON_ERRNO; i <= REASON_ERRNO_LAST; i++) {
		const char *known = strerrordesc_np(i - REASON_ERRNO);

		if (known && streq(known, text))
			return (enum reason)i;
	}
	return REASON_OTHER;
}

enum reason reason_of_errno(int code)
{
	code = abs(code);
	switch (code) {
	case EACCES:
	case EPERM:
		return REASON_DENIED; /* hidepid causes EPERM, all else EACCES */
	case ENOENT:
		return REASON_NO_FILE;
	case ESRCH:
		return REASON_GONE;
	case EBADMSG:
		return REASON_BAD_FORMAT;
	default:
		return (enum reason)MIN(REASON_ERRNO + code, REASON_ERRNO_LAST);
	}
}

const char *reason_errno_text(int code)
{
	return reason_text(reason_of_errno(code));
}
