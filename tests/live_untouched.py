# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading memory leaves it as it was: resident, shared, huge, and without a new page table."""

import re
import time

import walked
import live

STATUS = ("VmRSS", "RssAnon", "RssFile", "RssShmem", "VmPTE", "VmSwap", "VmData", "VmLck", "VmPin")
# Not Pss: of files that the reader maps too, the share gets less.
SAME = ("Rss", "Pss_Anon", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty", "Anonymous",
        "AnonHugePages", "LazyFree", "Swap")
HUGE_KB = 32 << 10
SHARED_KB = 32 << 10


def numbers(pid, name, keys):
    with open(f"/proc/{pid}/{name}", encoding="utf-8", errors="replace") as file:
        found = dict(re.findall(r"^(\w+):\s+(\d+) kB$", file.read(), re.MULTILINE))
    return {key: int(found[key]) for key in keys if key in found}


def faults(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[7]), int(fields[9])


def state(pid):
    return {"status": numbers(pid, "status", STATUS),
            "rollup": numbers(pid, "smaps_rollup", SAME), "faults": faults(pid)}


def test_shared_and_huge(tap):
    with live.Target([live.compile_c("target_malloc"), "shared"]) as target:
        with open(f"/proc/{target.pid}/stat", encoding="utf-8") as file:
            parent = int(file.read().rpartition(")")[2].split()[1])
        walked.show(target.pid)  # what the first walk finds is what the others find
        time.sleep(0.5)
        before, before_parent = state(target.pid), state(parent)
        tap.ok(before["rollup"]["Shared_Dirty"] > SHARED_KB, "a child that shares its heap",
               before)
        if before["rollup"]["AnonHugePages"] < HUGE_KB:
            tap.skip("huge pages", "the kernel gives none")
        result = walked.show(target.pid, 3)[-1]
        after, after_parent = state(target.pid), state(parent)
        tap.ok(result["bytes_read"] > SHARED_KB << 10, "its heap is read", result["bytes_read"])
        for part, numbers_before in before.items():
            tap.equal(after[part], numbers_before, f"child: {part} is as before")
            tap.equal(after_parent[part], before_parent[part], f"parent: {part} is as before")


def test_first_walk(tap):
    with live.Target([live.compile_c("target_malloc"), "shared"]) as target:
        before = state(target.pid)
        walked.show(target.pid)
        tap.equal(state(target.pid), before, "the first walk changes nothing either")


if __name__ == "__main__":
    live.run(test_shared_and_huge, test_first_walk)
