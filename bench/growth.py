#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How the cost of a report grows with the number of mappings.

usage: growth.py MEMSPECT BUILDDIR [ROUNDS] [vary]

Compiles farm.c and bare.c into BUILDDIR, starts processes of 1,000 to 60,000 mappings with the same
counters, or, with "vary", with other counters than their neighbours, and runs commands in turn with
a bare read of smaps, as ratios.py does. Printed are, for each number of mappings, the processor time
of the bare read a mapping; and for each command its ratio to the bare read, and what it costs beside
the bare read a mapping. A cost that is linear stays the same down its column, but for the first
rows, which share the start of the program among few mappings.
"""

import os
import signal
import statistics
import sys

import ratios

MAPPINGS = (1000, 3000, 10000, 30000, 60000)
PAGES = 17  # touched of each mapping, if need be on average: 4 GB in all at most
COMMANDS = ("report", "-r", "-j -r")


def measure(base, commands, rounds):
    """Medians in milliseconds: the base, the ratios of the commands to it, their differences."""
    bases, shares, extras = [], [[] for _ in commands], [[] for _ in commands]
    for _ in range(rounds):
        floor = ratios.run(base)
        bases.append(floor)
        for i, argv in enumerate(commands):
            spent = ratios.run(argv)
            shares[i].append(spent / floor)
            extras[i].append(spent - floor)
    return (statistics.median(bases), [statistics.median(s) for s in shares],
            [statistics.median(e) for e in extras])


def main():
    memspect, build = sys.argv[1], sys.argv[2]
    vary = sys.argv[3:][-1:] == ["vary"]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 + vary else 11
    bare, farm = ratios.compile_all(build)
    print("%9s %12s" % ("mappings", "bare us/map") +
          "".join("  %9s %7s" % (name, "us/map") for name in COMMANDS))
    for count in MAPPINGS:
        process = ratios.start([farm, str(count), str(PAGES << vary)] + ["vary"] * vary)
        if not process:
            sys.exit("growth.py: no process of %d mappings" % count)
        pid = str(process.pid)
        commands = [[memspect] + (name.split() if name != "report" else []) + [pid]
                    for name in COMMANDS]
        floor, shares, extras = measure([bare, "smaps", pid], commands, rounds)
        print("%9d %12.2f" % (count, floor * 1000 / count) +
              "".join("  %7.2f x %7.2f" % (share, extra * 1000 / count)
                      for share, extra in zip(shares, extras)))
        sys.stdout.flush()
        process.send_signal(signal.SIGKILL)
        process.wait()


if __name__ == "__main__":
    main()
