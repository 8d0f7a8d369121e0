# SPDX-License-Identifier: GPL-2.0-or-later
"""--diff on real processes: the reported growth is what the program allocated."""

import glob
import os
import shutil
import time

import live

MIB = 1 << 20
GROWN = 50 * MIB

# Allocates a number of bytes a line, in one piece (anonymous memory) or in small ones (the heap).
PROGRAM = """
import os, sys
print("ready", os.getpid(), flush=True)
kept = []
for line in sys.stdin:
    kind, number = line.split()
    if kind == "exec":
        os.execv("/bin/sh", ["sh", "-c", "echo ready 0; exec cat"])
    kept.append(bytearray(int(number)) if kind == "piece" else
                [bytes(400) for _ in range(int(number) // 448)])
    print("done", flush=True)
"""


def target():
    # The allocator of the C library takes small pieces from the heap; Python's own would map arenas.
    return live.Target([live.PYTHON, "-c", PROGRAM], env={"PYTHONMALLOC": "malloc",
                                                          "MALLOC_MMAP_THRESHOLD_": "1048576"})


def ask(process, text):
    process.send(text.encode() + b"\n")
    return process.process.stdout.readline()


def snapshot(process, name):
    """The path of a snapshot that a watch has taken."""
    directory = os.path.join(live.scratch(), name)
    shutil.rmtree(directory, ignore_errors=True)
    os.mkdir(directory, 0o700)
    status, _, err = live.memspect("--watch=0.1", "-n", 1, f"--snapshot={directory}", process.pid)
    paths = glob.glob(os.path.join(glob.escape(directory), "memory_snapshot_*.yaml"))
    if status or len(paths) != 1:
        raise RuntimeError(f"no snapshot: {status}, {paths}, {err!r}")
    return paths[0]


def diff(old, new):
    pair, = live.report("--diff", old, new)["pairs"]
    return pair


def rows(pair, table, key="id"):
    return {row[key]: row for row in pair[table] or ()}


def check_sums(tap, name, pair):
    rss = rows(pair, "totals")["rss"]["delta_bytes"]
    for table in "categories", "permissions", "regions":
        tap.equal(sum(row["delta_rss_bytes"] for row in pair[table]), rss, f"{name}: {table} add up")
    for category in pair["categories"]:
        tap.equal(sum(row["delta_rss_bytes"] for row in category["owners"]),
                  category["delta_rss_bytes"], f"{name}: owners of {category['id']} add up")


def check_growth(tap, kind, category):
    with target() as process:
        before = snapshot(process, kind)
        time.sleep(1.1)  # a rate is over time
        ask(process, f"{kind} {GROWN}")
        pair = diff(before, process.pid)
        check_sums(tap, kind, pair)
        grown = rows(pair, "categories")[category]
        region = pair["regions"][0]
        tap.equal(pair["identity"], "same", f"{kind}: it is the same process")
        tap.equal(pair["categories"][0]["id"], category, f"{kind}: {category} comes first")
        tap.near(grown["delta_rss_bytes"], GROWN, 2 * MIB, f"{kind}: {category} grew by it")
        tap.near(rows(pair, "totals")["rss"]["delta_bytes"], GROWN, 2 * MIB, f"{kind}: so did RSS")
        tap.ok(region["category"] == category and region["delta_rss_bytes"] > GROWN * 0.9,
               f"{kind}: it is one mapping", region)
        tap.near(pair["rate_bytes_per_hour"] * pair["elapsed_seconds"] / 3600,
                 rows(pair, "totals")["rss"]["delta_bytes"], 4096, f"{kind}: the rate is right")


def test_piece(tap):
    check_growth(tap, "piece", "anonymous")


def test_small(tap):
    check_growth(tap, "small", "heap")


def test_back(tap):
    with target() as process:
        before = snapshot(process, "back")
        ask(process, f"piece {GROWN}")
        pair = diff(process.pid, before)
        tap.equal([note["id"] for note in pair["notes"]], ["reversed"], "back: it is said")
        tap.near(rows(pair, "totals")["rss"]["delta_bytes"], -GROWN, 2 * MIB, "back: it shrank")
        tap.equal(pair["rate_bytes_per_hour"], None, "back: there is no rate")


def test_sick_and_healthy(tap):
    with target() as healthy, target() as sick:
        ask(sick, f"piece {GROWN}")
        pair = diff(healthy.pid, sick.pid)
        check_sums(tap, "two", pair)
        tap.equal(pair["identity"], "other_process", "two: they are two processes")
        tap.equal((pair["elapsed_seconds"], pair["rate_bytes_per_hour"]), (None, None),
                  "two: there is no time between them")
        tap.near(rows(pair, "categories")["anonymous"]["delta_rss_bytes"], GROWN, 2 * MIB,
                 "two: the difference is told")
        tap.equal({row["status"] for row in pair["files"]} - {"same", "changed"}, set(),
                  "two: files are matched in spite of their addresses")
        # The same program with the same libraries: whatever is a file is on both sides.
        tap.equal([row["name"] for row in pair["regions"]
                   if row["name"].startswith("/") and row["status"] in ("added", "removed")], [],
                  "two: so are their mappings")


def test_exec(tap):
    with target() as process:
        before = snapshot(process, "exec")
        time.sleep(1.1)  # a rate is over time
        ask(process, "exec 0")
        live.wait_until(lambda: live.comm(process.pid) == "cat", "cat runs")
        live.wait_for_rest(process.pid)
        pair = diff(before, process.pid)
        check_sums(tap, "exec", pair)
        tap.equal(pair["identity"], "exec", "exec: it is said")
        tap.equal(pair["rate_bytes_per_hour"], None, "exec: there is no rate")
        tap.ok(pair["elapsed_seconds"] > 1, "exec: but it is one process", pair["elapsed_seconds"])


live.run(test_piece, test_small, test_back, test_sick_and_healthy, test_exec)
