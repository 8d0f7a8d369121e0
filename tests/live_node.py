# SPDX-License-Identifier: GPL-2.0-or-later
"""The heaps of V8 against what V8 says of them: process.memoryUsage(), v8.getHeapSpaceStatistics().

The system's node, and those that MEMSPECT_NODES names: paths of programs, separated by colons.
"""

import json
import os
import shutil
import subprocess

import balance
import walked
import live

CHURN_READS = 10
MIB = 1 << 20
TARGET = os.path.join(live.TARGETS, "target_node.js")

# Names that differ in V8. It counts no memory of its read-only space.
NAMES = {
    "new_large_object_space": "new large objects",
    "large_object_space": "large objects",
    "code_large_object_space": "large code objects",
    "shared_large_object_space": "shared large objects",
    "shared_trusted_large_object_space": "shared trusted large objects",
    "trusted_large_object_space": "trusted large objects",
}
# An answer takes some memory itself, which the next one includes.
ANSWER_BYTES = 64 << 10


def nodes():
    found = [path for path in [shutil.which("node"),
                               *os.environ.get("MEMSPECT_NODES", "").split(":")] if path]
    if not found:
        raise live.Skip("node is not installed")
    return found


def version(program):
    return subprocess.run([program, "--version"], capture_output=True, text=True,
                          check=True).stdout.strip()


class Node(live.Target):
    def __init__(self, program, case):
        super().__init__([program, "--expose-gc", TARGET, case])

    def ask(self):
        self.send(b"?\n")
        return json.loads(self.process.stdout.readline())

    def settle(self):
        """Answers come to take the same memory each time."""
        for _ in range(5):
            self.ask()
            live.wait_for_rest(self.pid)


def heaps(result):
    return [r for r in result["runtimes"] if r["name"] == "node"]


def read(target):
    """What is told of the main isolate, with what it said before and after."""
    target.settle()
    before = target.ask()
    live.wait_for_rest(target.pid)
    result = walked.show(target.pid)[0]
    return result, heaps(result)[0], before, target.ask()


def check_spaces(tap, name, heap, before, after):
    got = {space["name"]: space for space in heap["spaces"]}
    for old, new in zip(before["spaces"], after["spaces"]):
        if not old["space_size"] or old["space_size"] != new["space_size"]:
            continue
        what = NAMES.get(old["space_name"], old["space_name"].replace("_", " "))
        space = got[what]
        low, high = sorted((old["space_used_size"], new["space_used_size"]))
        within = max(low // 200, ANSWER_BYTES)
        tap.equal(space["committed"], old["space_size"], f"{name}: {what}, size")
        tap.ok(low - within <= space["live"] <= high + within, f"{name}: {what}, in use",
               (space["live"], low, high))


def check_case(tap, program, case):
    name = f"{version(program)} {case}"
    with Node(program, case) as target:
        result, heap, before, after = read(target)
    total = heap["total"]
    tap.equal(heap["unread"], "", f"{name}: is read")
    tap.ok(heap["complete"], f"{name}: completely", heap)
    check_spaces(tap, name, heap, before, after)
    if before["memory"]["heapTotal"] == after["memory"]["heapTotal"]:
        tap.equal(total["committed"], after["memory"]["heapTotal"], f"{name}: is heapTotal")
    used = after["memory"]["heapUsed"]
    tap.near(total["live"], used, max(used // 200, ANSWER_BYTES), f"{name}: is heapUsed")
    tap.equal(walked.over_rss(result), {}, f"{name}: no mapping has more attributed than is resident")
    tap.equal(result["skew"], 0, f"{name}: no skew")
    return result, after


def test_small(tap):
    for program in nodes():
        check_case(tap, program, "small")


def test_large(tap):
    for program in nodes():
        check_case(tap, program, "large")


def test_buffers(tap):
    """Their bytes are blocks of malloc, each with a record that tells of it."""
    for program in nodes():
        name = version(program)
        result, after = check_case(tap, program, "buffers")
        space = next(row for row in heaps(result)[0]["spaces"] if row["name"] == "array buffers")
        tap.near(space["live"], after["memory"]["arrayBuffers"], 4096, f"{name}: is arrayBuffers")
        tap.ok(5040 <= space["objects"] < 5200, f"{name}: each of them", space)
        tap.near(walked.lines(result)["buffers"], space["live"], MIB,
                 f"{name}: buffers are a line of their own")


def test_workers(tap):
    for program in nodes():
        name = version(program)
        with Node(program, "workers") as target:
            _, heap, before, after = read(target)
            found = heaps(walked.show(target.pid)[0])
        check_spaces(tap, f"{name} workers", heap, before, after)
        tap.equal([row["label"] for row in found], ["", "node worker 1", "node worker 2"],
                  f"{name}: an isolate each")
        live_bytes = sorted(row["total"]["live"] or 0 for row in found)
        tap.ok(live_bytes[0] * 1.5 < live_bytes[1] * 1.4 < live_bytes[2],
               f"{name}: the one with more has more", live_bytes)


def test_report(tap):
    for program in nodes():
        name = version(program)
        with Node(program, "large") as target:
            process = live.report("--deep", "-r", target.pid)["processes"][0]
        tap.equal(balance.errors(process), [], f"{name}: adds up")
        tap.ok(process["accounting"]["unexplained_percent"] < 3,
               f"{name}: hardly anything unknown", process["accounting"])


def test_churn(tap):
    for program in nodes():
        name = version(program)
        with live.Target([program, "--expose-gc", TARGET, "churn"]) as target:
            live.wait_for_work(target.pid, 0.5)
            results = walked.show(target.pid, CHURN_READS)
        reads = [heaps(result)[0] for result in results]
        tap.note(f"{name}: {sum(heap['complete'] for heap in reads)} of {len(reads)} complete, "
                 f"{sum(heap['retries'] for heap in reads)} read anew")
        tap.ok(all(not heap["unread"] for heap in reads), f"{name}: is read while it works", reads)
        tap.equal([walked.over_rss(result) for result in results], [{}] * len(results),
                  f"{name}: no mapping has more attributed than is resident")


if __name__ == "__main__":
    live.run(test_small, test_large, test_buffers, test_workers, test_report, test_churn)
