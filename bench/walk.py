#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How fast the walkers are, and what a walk costs the process that is read.

usage: walk.py DEPTH_SHOW BUILDDIR [ROUNDS]

DEPTH_SHOW is tests/depth_show of a build (make check TESTS=). Compiles tests/targets/target_malloc.c
and bare.c into BUILDDIR. For a heap of 1 GB with ten million chunks it prints chunks a second, the
time against that of a bare read of the same memory in the same round, and the peak RSS of the tool;
then how much a process that allocates flat out in two threads gets done while it is walked each
second, against the seconds without. Medians; by the clock, and by CPU time, which says more on a
shared machine.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = os.path.join(HERE, "..", "tests", "targets", "target_malloc.c")
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
        """How many times the churning threads have allocated."""
        self.process.stdin.write("?")
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
        size = int(end, 16) - int(start, 16)
        print(f"chunks                {chunks / 1e6:8.1f} million in {size >> 20} MiB")
        for i, name in ((0, "by the clock"), (1, "of CPU time")):
            speed = statistics.median(chunks / walk[i] for walk in walks) / 1e6
            ratio = statistics.median(walk[i] / read[i] for walk, read in zip(walks, reads))
            print(f"a second, {name:12s}{speed:8.1f} million, {ratio:.2f} of a bare read")
        print(f"peak RSS              {peak / 2**20:8.1f} MiB")


def bench_effect(show, program):
    with Target(program, "churn", "2") as target:
        time.sleep(1)
        rates = {False: [], True: []}
        for second in range(2 * CHURN_SECONDS):
            walked = second % 2 == 1
            before, start = target.rounds(), time.monotonic()
            if walked:
                timed([show, str(target.pid)])
            time.sleep(max(0, start + 1 - time.monotonic()))
            rates[walked].append((target.rounds() - before) / (time.monotonic() - start))
        without, with_walk = (statistics.median(rates[walked]) for walked in (False, True))
        print(f"allocations a second  {without / 1e6:8.1f} million, "
              f"{with_walk / without:.3f} of it in seconds with a walk")


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    show, build = os.path.abspath(sys.argv[1]), sys.argv[2]
    programs = []
    for source in (os.path.join(HERE, "bare.c"), TARGET):
        program = os.path.join(build, os.path.basename(source)[:-2])
        subprocess.run(["cc", "-O2", "-std=gnu11", "-D_GNU_SOURCE", "-pthread", "-o", program,
                        source], check=True)
        programs.append(program)
    bench_speed(show, *programs, int(sys.argv[3]) if len(sys.argv) == 4 else 9)
    bench_effect(show, programs[1])


if __name__ == "__main__":
    main()
