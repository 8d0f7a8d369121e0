# SPDX-License-Identifier: GPL-2.0-or-later
"""--watch --deep: what grows is named by type and by line, walks keep to their rule, and neither
ticks nor a user who wants to stop wait for them."""

import concurrent.futures
import os
import re
import signal

import live
import watching
from watching import Sample, Watch

INTERVAL = 0.5
WALKS = 8
SECONDS = 900  # longer than any watch: how often is walked depends on the load of the machine
LEAK = (0.25, SECONDS)  # MB a second
RATE_WITHIN = 0.15  # of the true rate
GROWS = {"growing", "growing_in_steps"}

# A process whose walk takes long enough to be interrupted, and that does not change.
MANY = """
import os, sys
kept = [bytes(20) for i in range(6000000)]
print('ready', os.getpid(), flush=True)
sys.stdin.read()
"""
# 100 MB of objects.
QUIET = """
import os, sys
kept = [{i: str(i)} for i in range(330000)]
print('ready', os.getpid(), flush=True)
sys.stdin.read()
"""


def python(program):
    return live.Target([live.PYTHON, "-c", program])


DEEP_AGE = "deep_age_seconds"


def deep_age(record):
    return watching.age(record, DEEP_AGE)


def began(record):
    """When the last walk began, in seconds, by a record that tells its age."""
    return record["tool"]["elapsed_ms"] / 1e3 - deep_age(record)


def walks(samples):
    """The start of each walk. A record has the time a moment after the age."""
    begun, firsts = [], [sample["seq"] for sample in watching.readings(samples, DEEP_AGE)]
    for sample in samples:
        if sample["seq"] in firsts:
            begun.append(began(sample))
        elif begun:
            begun[-1] = min(begun[-1], began(sample))
    return begun


def cost(run):
    """The duration of the first walk in seconds, from a notice, exact to the millisecond."""
    notice = next((event["text"] for event in run.events("notice") if "memory of" in event["text"]),
                  "")
    return int((re.findall(r"takes (\d+) ms", notice) or ["0"])[0]) / 1e3


def watch_sample(sample):
    """(its watch after some walks, true rate in bytes a second)."""
    with sample, Watch(f"--watch={INTERVAL}", "--deep", sample.pid) as run:
        run.until(lambda record: record["kind"] == "sample" and
                  len(walks(run.samples)) >= WALKS, SECONDS)
        status, err = run.stop(signal.SIGTERM)
        if status or err:
            raise RuntimeError(f"memspect ended with {status}: {err}")
        return run, sample.rate()


def rates(process, kind):
    """{name: bytes a second} of the series of a kind that grow."""
    return {row["id"].partition("/")[2]: row["rate_bytes_per_hour"] / 3600
            for row in process["growth"]["series"]
            if row["id"].startswith(kind + ":") and row["verdict"] in GROWS}


def describe(process):
    return "\n".join(f"{row['id']}: {row['verdict']} {row['rate_bytes_per_hour']} "
                     f"{row['samples']} samples" for row in process["growth"]["series"]
                     if row["verdict"] in GROWS)


def check_types(tap, run, rate):
    process, = run.summary["processes"]
    types = rates(process, "type")
    lines = rates(process, "line")
    inside = process["deep"]
    tap.ok({"dict", "str", "int"} <= set(types), "objects: the types that leak are named",
           describe(process))
    tap.near(sum(types.values()), rate, RATE_WITHIN * rate, "objects: at the rate of the leak")
    tap.ok(lines.get("objects", 0) > lines.get("native", 0), "objects: by line, objects grow",
           describe(process))
    tap.ok(lines.get("native", 0) < 0.1 * rate, "objects: native memory hardly does", lines)
    tap.ok(inside["partial"] is None and
           {"dict", "str"} <= {row["type"] for row in inside["runtimes"][0]["types"]},
           "objects: the summary has the contents of memory", inside["partial"])
    begun = walks(run.samples)
    tap.ok(cost(run) > 0, "objects: a notice says how long a walk takes", run.events())
    tap.ok(begun[1] - begun[0] > 50 * (cost(run) - 0.0005),
           "objects: the next one is 50 times as long after it", (begun, cost(run)))


def check_native(tap, run, rate):
    process, = run.summary["processes"]
    lines = rates(process, "line")
    types = rates(process, "type")
    tap.near(lines.get("native"), rate, RATE_WITHIN * rate,
             "extension: native memory grows, at the rate of the leak")
    tap.ok(sum(types.values()) < 0.05 * rate, "extension: no type does", describe(process))


def test_leaks(tap):
    cases = ((Sample("leak_list.py", *LEAK), check_types),
             (Sample("leak_extension.py", *LEAK), check_native))
    with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
        futures = [pool.submit(watch_sample, sample) for sample, _ in cases]
    for (_, check), future in zip(cases, futures):
        check(tap, *future.result())


def test_quiet(tap):
    """A process that does not change, and the cost of noticing that."""
    with python(QUIET) as target, Watch("--watch=1", "-n", 6, "--deep", target.pid) as run:
        status, err = run.end()
    process, = run.summary["processes"]
    tool = run.summary["tool"]
    tap.equal((status, err), (0, ""), "quiet: no error")
    tap.equal(describe_types(process), [], "quiet: no type grows")
    tap.ok(deep_age(run.summary) < deep_age(run.samples[-1]) +
           (run.summary["tool"]["elapsed_ms"] - run.samples[-1]["tool"]["elapsed_ms"]) / 1e3 - 0.5,
           "quiet: it is walked at the end", process["growth"]["sampled"])
    share = tool["cpu_ms"] / tool["elapsed_ms"]
    tap.note(f"quiet: RSS {process['totals']['rss_bytes'] >> 20} MiB, a walk takes "
             f"{cost(run) * 1e3:.0f} ms; own cpu {100 * share:.1f} %, "
             f"own RSS {tool['rss_bytes'] / (1 << 20):.1f} MiB")
    tap.ok(share < 0.1, "quiet: it takes a small share of a processor", tool)
    tap.ok(tool["rss_bytes"] < 64 << 20, "quiet: and little memory", tool)


def describe_types(process):
    return [row["id"] for row in process["growth"]["series"]
            if row["id"].startswith("type:") and row["verdict"] in GROWS]


def test_ticks_go_on(tap):
    """During a walk of many objects. The first snapshot waits for its results."""
    with python(MANY) as target, \
            Watch("--watch=0.05", "--deep", f"--snapshot={live.scratch()}/deep", target.pid) as run:
        first = run.until(lambda record: record["kind"] == "sample" and
                          deep_age(record) is not None)
        before = [sample for sample in run.samples if sample["seq"] < first["seq"]]
        run.until(lambda record: record["kind"] == "event" and record["event"]["id"] == "snapshot")
        status, err = run.stop(signal.SIGTERM)
    process, = run.summary["processes"]
    kept = run.events("snapshot")
    with open(kept[0]["text"], encoding="utf-8") as file:
        snapshot = file.read()
    tap.equal(len(kept), 1, "ticks: one snapshot is taken")
    tap.equal((status, err), (0, ""), "ticks: no error")
    tap.ok(len(before) > 1, "ticks: they continue during a walk", len(before))
    tap.ok(process["deep"] and process["deep"]["partial"] is None, "ticks: the summary has the contents of memory")
    tap.ok(re.search(r"^ +deep:\n", snapshot, re.M) and 'type: "bytes"' in snapshot,
           "ticks: a snapshot has it", snapshot[:2000])


def test_interrupt(tap):
    """A signal during the first walk: it ends, and the summary says so. A walk that had ended
    when the signal came cannot be interrupted."""
    with python(MANY) as target:
        for _ in range(live.TRIES):
            with Watch("--watch=0.5", "--deep", target.pid) as run:
                run.until_sample(1)
                status, err = run.stop(signal.SIGINT)
            process, = run.summary["processes"]
            inside = process["deep"]
            if inside and inside["partial"]:
                break
    tap.equal((status, err), (0, ""), "interrupt: no error")
    tap.equal(inside and inside["partial"], "interrupted", "interrupt: the walk was cut short")
    tap.equal(rates(process, "type"), {}, "interrupt: and is no part of a series")


def test_end(tap):
    """A process that ends during a watch: the summary has its last walk."""
    with python(QUIET) as target, Watch("--watch=0.1", "--deep", target.pid) as run:
        run.until(lambda record: record["kind"] == "sample" and deep_age(record) is not None)
        target.stop()
        status, err = run.end()
    process, = run.summary["processes"]
    tap.equal((status, err), (0, ""), "end: no error")
    tap.ok(process["deep"]["runtimes"][0]["types"], "end: the last walk is in the summary")


def test_refused(tap):
    for args, word in ((["--watch=1", "--deep"], b"needs -p"),
                       (["--watch=1", "--deep", "--freeze", os.getpid()], b"--freeze")):
        status, _, err = live.memspect(*args)
        tap.ok(status == 2 and word in err, f"refused: {' '.join(map(str, args[:3]))}", err)


live.run(test_leaks, test_quiet, test_ticks_go_on, test_interrupt, test_end, test_refused)
