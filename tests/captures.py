#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every capture, and one of 60,000 mappings: the sums hold, and totals are those of the oracle."""

import json
import os
import subprocess
import sys
import tempfile

SRCDIR = os.environ.get("srcdir", ".")
MEMSPECT = os.environ.get("MEMSPECT", "./memspect")
TESTS = os.path.join(SRCDIR, "tests")

# Totals of the report by the field of smaps that they are sums of, in kB.
TOTALS = {"rss_bytes": "Rss", "pss_bytes": "Pss", "swap_bytes": "Swap", "swap_pss_bytes": "SwapPss",
          "anonymous_bytes": "Anonymous", "lazyfree_bytes": "LazyFree"}

count = 0


def check(name, wrong):
    global count
    count += 1
    print("%s %d - %s" % ("not ok" if wrong else "ok", count, name))
    for line in wrong:
        print("# " + line)
    return not wrong


def equal(what, got, want):
    return [] if got == want else ["%s: %s, not %s" % (what, got, want)]


def total(rows, key):
    return sum(row[key] or 0 for row in rows)


def sums(process):
    """The sums of the balance sheet (design: each byte on exactly one line)."""
    rss = process["totals"]["rss_bytes"]
    accounting = process["accounting"]
    wrong = equal("categories", total(process["categories"], "rss_bytes"), rss)
    wrong += equal("permissions", total(process["permissions"], "rss_bytes"), rss)
    wrong += equal("regions", total(process["regions"], "rss_bytes"), rss)
    wrong += equal("mappings", len(process["regions"]), process["totals"]["mappings"])
    wrong += equal("evidence", sum(accounting[key] for key in (
        "kernel_bytes", "walked_bytes", "inferred_bytes", "unexplained_bytes")), rss)
    for category in process["categories"]:
        own = category["rss_bytes"] or 0
        wrong += equal(category["id"] + " owners", total(category["owners"], "rss_bytes"), own)
        wrong += equal(category["id"] + " evidence", sum(category["evidence"].values()), own)
    for region in process["regions"]:
        if region["parts"]:
            wrong += equal(region["start"] + " parts", total(region["parts"], "rss_bytes"),
                           region["rss_bytes"])
    return wrong


def oracle(process, smaps):
    run = subprocess.run([sys.executable, os.path.join(TESTS, "oracle.py"), smaps],
                         capture_output=True, text=True, check=True)
    want = json.loads(run.stdout)
    truth = want["totals"]
    wrong = equal("records", process["totals"]["mappings"], want["records"])
    for key, field in TOTALS.items():
        value = truth.get(field)
        wrong += equal(key, process["totals"][key], None if value is None else value)
    private = [truth.get("Private_Clean"), truth.get("Private_Dirty")]
    wrong += equal("uss_bytes", process["totals"]["uss_bytes"],
                   None if None in private else sum(private))
    return wrong


def examine(name, root, pid):
    run = subprocess.run([MEMSPECT, "--proc-root=" + os.path.join(root, "proc"), "-j", "-r", pid],
                         capture_output=True, check=False)
    if not check(name + ": is reported on", equal("status", run.returncode, 0)):
        return
    process = json.loads(run.stdout)["processes"][0]
    directory = os.path.join(root, "proc", pid)
    smaps = os.path.join(directory, "smaps")
    if not os.path.exists(smaps) or os.path.getsize(smaps) == 0:
        tasks = os.path.join(directory, "task")
        alive = [os.path.join(tasks, tid, "smaps") for tid in
                 (sorted(os.listdir(tasks)) if os.path.isdir(tasks) else [])]
        alive = [path for path in alive if os.path.exists(path) and os.path.getsize(path)]
        if not alive:
            check(name + ": has no memory, and says so",
                  equal("rss", process["totals"]["rss_bytes"], None) +
                  equal("why", process["unavailable"].get("totals.rss_bytes"), "no address space"))
            return
        smaps = alive[0]
    check(name + ": the sums hold", sums(process))
    check(name + ": the totals are the oracle's", oracle(process, smaps))


def main():
    captures = os.path.join(TESTS, "captures")
    for name in sorted(os.listdir(captures)):
        with open(os.path.join(captures, name, "pid"), encoding="ascii") as f:
            examine(name, os.path.join(captures, name), f.read().strip())
    with tempfile.TemporaryDirectory() as root:
        subprocess.run([os.path.join(TESTS, "gen-many-mappings"), "60000", root], check=True)
        examine("60,000 mappings", root, "4242")
    print("1..%d" % count)


if __name__ == "__main__":
    main()
