# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared by tests of the walkers on real processes."""

import json
import os
import subprocess

import live

SHOW = os.path.join(os.environ.get("builddir", "."), "tests", "walk_show")


def show(pid, times=1, status=0, **popen):
    """The output of walk_show for a process, a dictionary for each walk."""
    done = subprocess.run([SHOW, "-n", str(times), str(pid)], capture_output=True, text=True,
                          timeout=live.PATIENCE_SECONDS, **popen)
    if done.returncode != status:
        raise RuntimeError(f"walk_show ended with {done.returncode}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def glibc(result):
    """The one glibc malloc of a result."""
    found = [a for a in result["allocators"] if a["name"] == "glibc malloc"]
    if len(found) != 1:
        raise LookupError(f"{len(found)} of glibc in {result['allocators']}")
    return found[0]


def as_mallinfo(heap):
    """The numbers of mallinfo2(3) that follow from a walk."""
    return {
        "arena": heap["system"],
        "fsmblks": heap["fast"],
        "fordblks": heap["free"] + heap["top"],
        "uordblks": heap["live"] + heap["tcache"] + heap["overhead"],
        "hblks": heap["mmapped_blocks"],
        "hblkhd": heap["mmapped"],
    }


def lines(result):
    """Attributed bytes by line."""
    sums = {}
    for attribution in result["attributions"]:
        sums[attribution["line"]] = sums.get(attribution["line"], 0) + attribution["bytes"]
    return sums


def over_rss(result):
    """The mappings with more attributed than resident bytes."""
    sums, rss = {}, {}
    for attribution in result["attributions"]:
        sums[attribution["start"]] = sums.get(attribution["start"], 0) + attribution["bytes"]
        rss[attribution["start"]] = attribution["rss"]
    return {start: (total, rss[start]) for start, total in sums.items() if total > rss[start]}
