#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a watch costs: its processor time and memory, and the mmaps of what it watches.

usage: watch.py MEMSPECT BUILDDIR [SECONDS]

Compiles farm.c and bare.c into BUILDDIR. Watches services, processes of 1,000 and 60,000 mappings,
and a system of 2,000 processes, at a tick a second for so many seconds (default 30), as JSON and as
text at the same time, while a bare program reads the same files once a second. Processor times are
of a tick: those of the start and the end, as a watch of one tick has them, are taken off. What a
process that maps and unmaps all the time can still do is compared between time alone, under a
watch of its twin, which takes the same processor time, under one of itself, and under a program
that reads its smaps over and over.
"""

import os
import select
import shutil
import statistics
import subprocess
import sys
import time

import ratios

STARTS = 5  # runs whose median is what starting costs
ROUNDS = 5  # of all the ways to read a process that maps
FORMS = ("--format=json", "--format=text")
NULL = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def cpu_ms(process):
    """Processor time of a child that ends, including its own children."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return (usage.ru_utime + usage.ru_stime) * 1000


def run_ms(argv):
    return cpu_ms(subprocess.Popen(argv, **NULL))


def watch(memspect, form, ticks, pids):
    """A watch whose peak RSS will be in a file: the path, and the command."""
    path = f"{ratios.PEAK}.{form[9:]}"
    argv = [ratios.PEAK, path, memspect, "--watch=1", f"-n{ticks}", form, *map(str, pids)]
    return path, subprocess.Popen(argv, **NULL)


def read_meanwhile(argv, seconds):
    """Processor times of bare reads, one each second."""
    times = []
    for _ in range(seconds):
        times.append(run_ms(argv))
        time.sleep(max(0, 1 - times[-1] / 1000))
    return times


def measure(title, memspect, pids, bare, seconds):
    """bare: a read of the files of a watch, and one of a very small file."""
    once = {form: statistics.median(cpu_ms(watch(memspect, form, 1, pids)[1])
                                    for _ in range(STARTS)) for form in FORMS}
    runs = {form: watch(memspect, form, seconds + 1, pids) for form in FORMS}
    floor = statistics.median(read_meanwhile(bare[0], seconds))
    floor -= statistics.median(run_ms(bare[1]) for _ in range(STARTS))
    print(f"\n{title}: a bare read takes {floor:.2f} ms of processor time")
    for form, (path, process) in runs.items():
        tick = (cpu_ms(process) - once[form]) / seconds
        with open(path, encoding="ascii") as file:
            peak = int(file.read()) / 1024
        print(f"  {form:14} {tick:7.2f} ms a tick ({tick / 10:.2f} % of a core)  "
              f"{tick / floor if floor > 0.05 else float('nan'):6.2f} x  {peak:6.1f} MiB")
    sys.stdout.flush()


def blocked_seconds(pid):
    """The time of its life in which it neither ran nor waited for a processor."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        running, waiting = map(int, file.read().split()[:2])
    return time.monotonic() - (running + waiting) / 1e9


def windows(process, seconds):
    """Of a farm that maps, over so many seconds from now: mmaps a second, and the share of time
    in which it is blocked, which for want of anything else is by who holds its mappings."""
    counts = []
    while select.select([process.stdout], [], [], 0)[0]:
        process.stdout.readline()
    process.stdout.readline()  # began earlier
    start, blocked = time.monotonic(), blocked_seconds(process.pid)
    while time.monotonic() < start + seconds:
        counts.append(2 * int(process.stdout.readline()))
    blocked = blocked_seconds(process.pid) - blocked
    return statistics.mean(counts), blocked / (time.monotonic() - start)


def windows_under(process, argv, seconds):
    """windows() while a command runs, which is then killed; argv None: no command."""
    if not argv:
        return windows(process, seconds)
    with subprocess.Popen(argv, **NULL) as reader:
        under = windows(process, seconds)
        reader.kill()
    return under


def measure_maps(memspect, bare, farm, size, seconds):
    """size: mappings, and pages of each, of the target and of a twin that does nothing."""
    process = subprocess.Popen([farm, *size, "map"], stdout=subprocess.PIPE, bufsize=0)
    pid = process.stdout.readline().decode().split()[1]
    twin = ratios.start([farm, *size])
    print(f"\n{size[0]} mappings, mapping and unmapping all the time")
    commands = {"alone": None,
                "--watch=0.1 of a twin": [memspect, "--watch=0.1", str(twin.pid)],
                "--watch=0.1": [memspect, "--watch=0.1", pid],
                "smaps over and over": ["sh", "-c", f"while {bare} smaps {pid}; do :; done"]}
    got = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, argv in commands.items():
            got[name].append(windows_under(process, argv, seconds / ROUNDS))
    floor = statistics.median(rate for rate, _ in got["alone"])
    for name, under in got.items():
        rate, blocked = map(statistics.median, zip(*under))
        print(f"  {name:22} {rate:8.0f} mmaps a second  {rate / floor:6.3f} x  "
              f"blocked {100 * blocked:5.1f} % of the time")
    sys.stdout.flush()
    for each in (process, twin):
        each.kill()
        each.wait()


def main():
    memspect, build = sys.argv[1], sys.argv[2]
    seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 30
    bare, farm = ratios.compile_all(build)
    targets = ratios.services(build) + [("1000 mappings", [farm, "1000", "100"]),
                                        ("60000 mappings", [farm, "60000", "8"])]
    for title, argv in targets:
        process = ratios.start(argv) if shutil.which(argv[0]) else None
        if not process:
            print(f"\n{title}: not there")
            continue
        pid = str(process.pid)
        measure(title, memspect, [pid], ([bare, "smaps", pid], [bare, "stat", pid]), seconds)
        process.kill()
        process.wait()
    process = ratios.start([ratios.PYTHON, "-c", ratios.WORKERS, "2000"])
    measure("2000 processes", memspect, [], ([bare, "-a", "1", "status"], [bare, "stat", "1"]),
            seconds)
    process.kill()
    process.wait()
    for size in (("1000", "100"), ("60000", "8")):
        measure_maps(memspect, bare, farm, size, seconds)


if __name__ == "__main__":
    main()
