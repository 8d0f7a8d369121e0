# SPDX-License-Identifier: GPL-2.0-or-later
"""The slots of Ruby against what Ruby counts: ObjectSpace.count_objects, type by type."""

import json
import os
import subprocess

import balance
import walked
import live

CHURN_READS = 8
MIB = 1 << 20
TARGET = os.path.join(live.TARGETS, "target_ruby.rb")
# Telling takes objects itself.
ANSWER_OBJECTS = 300


class Ruby(live.Target):
    def __init__(self, case, **popen):
        super().__init__(["ruby", TARGET, case], **popen)

    def ask(self):
        self.send(b"?\n")
        return json.loads(self.process.stdout.readline())


def heap(result):
    return next(r for r in result["runtimes"] if r["name"] == "ruby")


def read(target):
    """The runtime, and what Ruby said before and after."""
    for _ in range(3):
        target.ask()
    before = target.ask()
    live.wait_for_rest(target.pid)
    result = walked.show(target.pid)[0]
    return result, heap(result), before, target.ask()


def check_counts(tap, name, got, before, after):
    kinds = {kind: count for kind, count, _ in got["kinds"]}
    types = {key for key in {*before, *after} if key.startswith("T_")}
    wrong = [(key, kinds.get(key, 0), before.get(key, 0), after.get(key, 0)) for key in types
             if not before.get(key, 0) - ANSWER_OBJECTS <= kinds.get(key, 0)
             <= after.get(key, 0) + ANSWER_OBJECTS]
    tap.equal(wrong, [], f"{name}: objects of each type")
    quiet = [key for key in types if before.get(key, 0) == after.get(key, 0)]
    tap.equal({key: kinds.get(key, 0) for key in quiet},
              {key: before.get(key, 0) for key in quiet}, f"{name}: types that do not change")
    tap.equal(set(kinds) - types, set(), f"{name}: no other types")
    if before["TOTAL"] == after["TOTAL"]:
        total = got["total"]
        slot = total["live"] // total["objects"]
        tap.equal(total["objects"] + total["free"] // slot, before["TOTAL"], f"{name}: all slots")


def check_case(tap, case):
    with Ruby(case) as target:
        result, got, before, after = read(target)
        process = live.report("--deep", "-r", target.pid)["processes"][0]
    tap.equal(got["unread"], "", f"{case}: is read")
    tap.ok(got["complete"], f"{case}: completely", got)
    check_counts(tap, case, got, before, after)
    tap.equal(walked.over_rss(result), {}, f"{case}: no mapping has more attributed than is resident")
    tap.equal(result["skew"], 0, f"{case}: no skew")
    tap.equal(balance.errors(process), [], f"{case}: adds up")
    tap.ok(process["accounting"]["unexplained_percent"] < 3, f"{case}: hardly anything unknown",
           process["accounting"])
    return result, got


def test_strings(tap):
    result, got = check_case(tap, "strings")
    lines = walked.lines(result)
    tap.ok(got["total"]["free_resident"] > MIB, "strings: what was freed is free", got["total"])
    # 80000 strings of more than 23 bytes have a block each, of 115 bytes on average and its header.
    tap.ok(6 * MIB < lines["buffers"] < 14 * MIB, "strings: their bytes are theirs", lines)
    tap.ok(lines["native"] < 6 * MIB, "strings: and not native memory", lines)


def test_mixed(tap):
    result, _ = check_case(tap, "mixed")
    lines = walked.lines(result)
    tap.ok(lines["buffers"] > 8 * MIB, "mixed: what objects hold is theirs", lines)
    tap.ok(lines["native"] < 8 * MIB, "mixed: and not native memory", lines)


def test_preloaded(tap):
    """Blocks of another allocator; the slots are Ruby's own pages all the same."""
    library = "/usr/lib/x86_64-linux-gnu/libjemalloc.so.2"
    if not os.path.exists(library):
        raise live.Skip("libjemalloc is not installed")
    with Ruby("strings", env={"LD_PRELOAD": library}) as target:
        result, got, before, after = read(target)
    tap.equal(got["unread"], "", "jemalloc: is read")
    check_counts(tap, "jemalloc", got, before, after)
    tap.equal(walked.over_rss(result), {}, "jemalloc: no mapping has more attributed than is resident")


def test_churn(tap):
    with live.Target(["ruby", TARGET, "churn"], stdin=subprocess.PIPE) as target:
        live.wait_for_work(target.pid, 0.3)
        results = walked.show(target.pid, CHURN_READS)
    reads = [heap(result) for result in results]
    good = [got for got in reads if not got["unread"]]
    tap.note(f"{len(good)} of {len(reads)} read, {sum(got['retries'] for got in reads)} anew")
    tap.ok(good, "churn: a heap that changes all the time can be read", reads)
    tap.equal([walked.over_rss(result) for result in results], [{}] * len(results),
              "churn: no mapping has more attributed than is resident")


if __name__ == "__main__":
    live.run(test_strings, test_mixed, test_preloaded, test_churn)
