# SPDX-License-Identifier: GPL-2.0-or-later
"""The programs of samples/, which leak or only look like it: each is watched for a short while, and
what memspect makes of it is compared with what the program says of itself."""

import concurrent.futures
import signal
import traceback

import live
import watching

INTERVAL = 0.5
SECONDS = 300  # longer than any watch
START_SECONDS = 8
READINGS = 10  # of mappings: how often they are read depends on the load of the machine
RATE_WITHIN = 0.1  # of the true rate

LEAK = {"growing", "growing_in_steps"}
LEVEL = {"stable", "warming_up", "sawtooth", "shrinking"}
# 20 seconds may show too few cycles of collected memory; then "insufficient" is correct.
COLLECTED = LEVEL | {"insufficient"}
ALL_TOTALS = {"rss", "pss", "uss", "anonymous"}

# Sample, its arguments, number of ticks at least, and by what ids the growth is named.
LEAKS = (
    ("leak_malloc.c", (1,), 40, {"category:heap", "owner:allocator/brk", "region:[heap]"}),
    ("leak_malloc.c", (3,), 24, {"category:heap", "owner:allocator/brk", "region:[heap]"}),
    ("leak_mmap.c", (1,), 40, {"category:anonymous"}),
    ("leak_mmap.c", (3,), 24, {"category:anonymous"}),
    ("leak_threads.c", (1,), 40, {"category:stack", "owner:thread/threads"}),
    ("leak_list.py", (1,), 40, {"category:anonymous"}),
    ("leak_list.py", (3,), 24, {"category:anonymous"}),
    ("leak_extension.py", (1,), 40, {"category:heap", "owner:allocator/brk", "region:[heap]"}),
)
# Sample, its arguments, number of ticks at least, what may be made of it, and the totals that do not grow.
NO_LEAKS = (
    ("cache_plateau.py", (20,), 40, LEVEL, {"rss", "anonymous"}),
    ("buffers.js", (20,), 40, COLLECTED, {"rss"}),
    ("HeapFill.java", (20,), 40, COLLECTED, {"rss"}),
    ("gc.go", (20,), 40, COLLECTED, {"rss"}),
    ("lazy_free.c", (1,), 40, COLLECTED, ALL_TOTALS),
    ("lazy_free.c", (3,), 24, COLLECTED, ALL_TOTALS),
)
# A runtime loads and compiles for as long as it runs. If RSS rises by less than this share of it, it
# is right to say so.
RUNTIMES = {"buffers.js", "HeapFill.java", "gc.go"}
RISE_OF_RUNTIME = 0.03
AT_ONCE = 4  # more would keep one another waiting, and then mappings are read seldom


def watch(sample, ticks):
    """(summary of the process, true rate in bytes a second)."""
    with sample:
        if is_collected(sample):
            sample.wait(START_SECONDS)
        with watching.Watch(f"--watch={INTERVAL}", sample.pid) as run:
            run.until(lambda record: record["kind"] == "sample" and len(run.samples) >= ticks and
                      len(watching.readings(run.samples, watching.MAPPINGS_AGE)) >= READINGS and
                      not (sample.name in RUNTIMES and is_taken_for_leak(record)))
            status, err = run.stop(signal.SIGTERM)
        if status or err:
            raise RuntimeError(f"memspect ended with {status}: {err}")
        process, = run.summary["processes"]
        return process, sample.rate()


def is_taken_for_leak(record):
    """What a collector leaves may rise over one watch of twenty seconds, when the machine is busy;
    but that must not last. If it does, the watch goes on until it is out of time, and fails."""
    process, = record["processes"]
    return process["growth"]["verdict"] in LEAK | {"sawtooth_growing"}


def is_collected(sample):
    """Starts with a rise that no one can tell from a leak while it lasts. That of HeapFill is what
    it is about."""
    return sample.name in ("buffers.js", "gc.go")


def title(case):
    return " ".join(map(str, (case[0], *case[1])))


def grown(process):
    """The series that grow, the fastest first, without the addresses of regions."""
    series = [row for row in process["growth"]["series"] if row["verdict"] in LEAK]
    series.sort(key=lambda row: -row["rate_bytes_per_hour"])
    return [row["id"].partition("@")[0] for row in series]


def describe(growth):
    keys = ("verdict", "confidence", "samples", "rate_bytes_per_hour", "low_bytes_per_hour",
            "high_bytes_per_hour")
    rows = [growth, *growth["series"]]
    return "\n".join(f"{row.get('id', '')}: " + ", ".join(str(row.get(key)) for key in keys)
                     for row in rows)


def check_leak(tap, case, process, rate):
    name, names = title(case), case[3]
    growth = process["growth"]
    tap.ok(growth["verdict"] in LEAK, f"{name}: grows", describe(growth))
    tap.near(growth["rate_bytes_per_hour"] / 3600, rate, RATE_WITHIN * rate, f"{name}: its rate")
    tap.ok(growth["low_bytes_per_hour"] <= growth["rate_bytes_per_hour"] <=
           growth["high_bytes_per_hour"], f"{name}: the rate is in its interval", growth)
    series = grown(process)
    tap.ok(names <= set(series), f"{name}: what grew is named", describe(growth))
    category = next((row for row in series if row.startswith("category:")), None)
    tap.ok(category in names, f"{name}: and no category grew more", series)


def rises_little(process):
    growth = process["growth"]
    rise = growth["rate_bytes_per_hour"] / 3600 * growth["span_seconds"]
    return rise < RISE_OF_RUNTIME * process["totals"]["rss_bytes"]


def check_no_leak(tap, case, process):
    name, verdicts, totals = title(case), case[3], case[4]
    growth = process["growth"]
    tap.note(f"{name}: {growth['verdict']}, {growth['rate_bytes_per_hour']} an hour")
    if case[0] in RUNTIMES and rises_little(process):
        tap.ok(True, f"{name}: does not leak, or hardly")
        return
    tap.ok(growth["verdict"] in verdicts, f"{name}: does not leak", describe(growth))
    tap.ok(not set(grown(process)) & totals, f"{name}: nor does a total", describe(growth))


def check(tap, case, future):
    try:
        process, rate = future.result()
    except Exception:
        tap.ok(False, title(case), traceback.format_exc())
        return
    if case in LEAKS:
        check_leak(tap, case, process, rate)
    else:
        check_no_leak(tap, case, process)


def built(tap):
    """The cases that can be had here, each with its program."""
    for case in (*LEAKS, *NO_LEAKS):
        try:
            alone = case in NO_LEAKS and case[4] == ALL_TOTALS
            yield case, watching.Sample(case[0], *case[1], SECONDS, alone=alone)
        except live.Skip as reason:
            tap.skip(title(case), reason)


def test_samples(tap):
    cases = list(built(tap))  # compilers are done before anything is watched
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        futures = [pool.submit(watch, sample, case[2]) for case, sample in cases]
    for (case, _), future in zip(cases, futures):
        check(tap, case, future)


live.run(test_samples)
