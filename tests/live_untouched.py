# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading does not change memory: resident, shared and huge pages stay, without a new page
table."""

import re

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


def child_and_parent(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        parent = int(file.read().rpartition(")")[2].split()[1])
    return {"child": state(pid), "parent": state(parent)}


def shared():
    # Without libraries: another process that maps their pages would make them shared.
    return live.Target([live.compile_c("target_malloc", "-static"), "shared"])


def test_shared_and_huge(tap):
    results = []

    def measure(pid):
        walked.show(pid)  # what the first walk finds is what the others find
        return child_and_parent(pid)
    before, after = live.before_and_after(
        shared, measure, lambda target: results.append(walked.show(target.pid, 3)[-1]))
    rollup = before["child"]["rollup"]
    tap.ok(rollup["Shared_Dirty"] > SHARED_KB, "a child that shares its heap", before)
    if rollup["AnonHugePages"] < HUGE_KB:
        tap.skip("huge pages", "the kernel gives none")
    tap.ok(results[-1]["bytes_read"] > SHARED_KB << 10, "its heap is read",
           results[-1]["bytes_read"])
    for who, parts in before.items():
        for part, numbers_before in parts.items():
            tap.equal(after[who][part], numbers_before, f"{who}: {part} is as before")


def test_first_walk(tap):
    before, after = live.before_and_after(shared, state, lambda target: walked.show(target.pid))
    tap.equal(after, before, "the first walk changes nothing either")


if __name__ == "__main__":
    live.run(test_shared_and_huge, test_first_walk)
