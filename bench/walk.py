#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How fast the walkers are, and what a walk costs the process that is read.

usage: walk.py TESTS BUILDDIR [ROUNDS]

TESTS is the directory tests/ of a build (make check TESTS=), for its walk_show and cpython_show.
Compiles tests/targets/target_malloc.c and bare.c into BUILDDIR. For a heap of 1 GB with ten million
chunks, and for Python processes of six million objects of several kinds, it prints chunks or objects
a second, the time against that of a bare read of the same memory in the same round, and the peak RSS
of the tool; then how much a process that allocates flat out in two threads gets done while it is
walked each second, against the seconds without. Medians; by the clock, and by CPU time, its own or
the target's, which says more on a shared machine.
"""

import glob
import json
import os
import resource
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = os.path.join(HERE, "..", "tests", "targets", "target_malloc.c")
PYTHON = "/usr/bin/python3"
OBJECTS = os.path.join(HERE, "objects.py")
N_OBJECTS = 6000000
N_KEPT = 500000  # by the one that makes and drops others
CHURN_SECONDS = 10


class Target:
    def __init__(self, program, *args):
        self.process = subprocess.Popen([program, *args], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if line.startswith("ready "):
                self.pid = int(line.split()[1])
                return

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def rounds(self):
        """The number of allocations of the churning threads."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


def timed(argv):
    """Output, seconds by the clock, and seconds of CPU of a command."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, wall, (after.ru_utime + after.ru_stime) - (before.ru_utime +
                                                                   before.ru_stime)


def heap_of(pid):
    with open(f"/proc/{pid}/maps", encoding="utf-8") as file:
        line = next(line for line in file if line.rstrip().endswith("[heap]"))
    return line.split()[0].split("-")


def bench_speed(show, bare, program, rounds):
    with Target(program, "dense") as target:
        start, end = heap_of(target.pid)
        walks, reads, chunks, peak = [], [], 0, 0
        for _ in range(rounds):
            reads.append(timed([bare, "-m", str(target.pid), start, end])[1:])
            out, wall, cpu = timed([show, str(target.pid)])
            result = json.loads(out)
            peak = max(peak, result["own_peak"])
            heap = result["allocators"][0]
            chunks = heap["live_blocks"] + heap["free_blocks"] + heap["tcache_blocks"]
            walks.append((wall, cpu))
    print_speed("chunks", chunks, int(end, 16) - int(start, 16), walks, reads, peak)


def print_speed(what, n, size, walks, reads, peak):
    print(f"{what:22s}{n / 1e6:8.1f} million in {size >> 20} MiB")
    for i, name in ((0, "by the clock"), (1, "of CPU time")):
        speed = statistics.median(n / walk[i] for walk in walks) / 1e6
        ratio = statistics.median(walk[i] / read[i] for walk, read in zip(walks, reads))
        print(f"a second, {name:12s}{speed:8.1f} million, {ratio:.2f} of a bare read")
    print(f"peak RSS              {peak / 2**20:8.1f} MiB", flush=True)


def private_memory(pid):
    """Bounds of writable mappings without a file."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as file:
        rows = [line.split() for line in file]
    return [bound for row in rows if row[1] == "rw-p" and row[5:] in ([], ["[heap]"])
            for bound in row[0].split("-")]


def bench_objects(show, bare, kind, rounds):
    with Target(PYTHON, OBJECTS, kind, str(N_OBJECTS)) as target:
        bounds = private_memory(target.pid)
        walks, reads, peak = [], [], 0
        for _ in range(rounds):
            reads.append(timed([bare, "-m", str(target.pid), *bounds])[1:])
            out, *spent = timed([show, str(target.pid)])
            result = json.loads(out)
            peak = max(peak, result["peak_rss"])
            walks.append(spent)
    size = sum(int(end, 16) - int(start, 16) for start, end in zip(bounds[::2], bounds[1::2]))
    print_speed(f"objects, {kind}", result["runtimes"][0]["objects"], size, walks, reads, peak)


def seconds_of_cpu(pid):
    """Processor time of the threads of a process."""
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        with open(path, encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def bench_effect(show, what, *target):
    with Target(*target) as target:
        time.sleep(1)
        rates = {False: ([], []), True: ([], [])}
        for second in range(2 * CHURN_SECONDS):
            walked = second % 2 == 1
            before, cpu, start = target.rounds(), seconds_of_cpu(target.pid), time.monotonic()
            if walked:
                timed([show, str(target.pid)])
            time.sleep(max(0, start + 1 - time.monotonic()))
            done = target.rounds() - before
            rates[walked][0].append(done / (time.monotonic() - start))
            rates[walked][1].append(done / (seconds_of_cpu(target.pid) - cpu))
        for i, name in ((0, "by the clock"), (1, "of CPU time")):
            without, with_walk = (statistics.median(rates[walked][i]) for walked in (False, True))
            print(f"{what:22s}{without / 1e6:8.3f} million a second {name}, "
                  f"{with_walk / without:.3f} of it in seconds with a walk", flush=True)


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    show, show_python = (os.path.abspath(os.path.join(sys.argv[1], name))
                         for name in ("walk_show", "cpython_show"))
    build, rounds = sys.argv[2], int(sys.argv[3]) if len(sys.argv) == 4 else 9
    programs = []
    for source in (os.path.join(HERE, "bare.c"), TARGET):
        program = os.path.join(build, os.path.basename(source)[:-2])
        subprocess.run(["cc", "-O2", "-std=gnu11", "-D_GNU_SOURCE", "-pthread", "-o", program,
                        source], check=True)
        programs.append(program)
    bench_speed(show, *programs, rounds)
    for kind in ("ints", "dicts", "instances", "mixed"):
        bench_objects(show_python, programs[0], kind, rounds)
    bench_effect(show, "allocations", programs[1], "churn", "2")
    bench_effect(show_python, "Python records", PYTHON, OBJECTS, "churn", str(N_KEPT))


if __name__ == "__main__":
    main()
