#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the full screen costs, beside htop in the same terminal, and how fast it answers keys.

usage: top.py MEMSPECT BUILDDIR [SECONDS]

Compiles bare.c into BUILDDIR. Among 500 and 2,000 processes memspect --top and htop, at 2 seconds
and with a like set of columns, run in turns in a terminal of 160x60, for so many seconds each
(default 30); then the time from a key to the first byte of the answer is taken while memspect
reads every second. A tick is all of the processor time of a refresh, PSS by rotation and drawing
included; the bare read is of stat and statm of every process. Only ratios mean something on a
shared machine.
"""

import os
import statistics
import subprocess
import sys
import time

import pexpect

import ratios

WIDTH, HEIGHT = 160, 60
SETTLE = 16  # seconds until everything was read once
ROUNDS = 2
KEYS = 200

# PID, user, state, threads, RSS, shared, virtual, command; no threads and no threads of the kernel.
HTOPRC = """fields=0 48 2 46 39 40 38 1
sort_key=39
sort_direction=-1
hide_kernel_threads=1
hide_userland_threads=1
show_program_path=1
delay=20
left_meters=Memory Swap
left_meter_modes=2 2
right_meters=Tasks
right_meter_modes=2
"""


class Screen:
    """A program in a pseudo-terminal, whose output is thrown away."""

    def __init__(self, *argv, **env):
        self.child = pexpect.spawn(argv[0], list(argv[1:]), dimensions=(HEIGHT, WIDTH),
                                   env={**os.environ, "TERM": "xterm-256color",
                                        "LC_ALL": "C.UTF-8", **env})
        self.child.delaybeforesend = None

    def take(self, seconds):
        """Returns whether there was output, and the output; waits for the first bytes."""
        try:
            return self.child.read_nonblocking(1 << 16, timeout=seconds)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return b""

    def run(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.take(0.2)

    def cpu_ms(self):
        with open(f"/proc/{self.child.pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def peak_mib(self):
        with open(f"/proc/{self.child.pid}/status", encoding="ascii", errors="replace") as file:
            line, = (line for line in file if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def end(self):
        self.child.send("q")
        self.run(0.5)
        self.child.close(force=True)


def refresh(screen, seconds):
    """Processor milliseconds of each refresh every two seconds, and the peak RSS in MiB."""
    screen.run(SETTLE)
    before, start = screen.cpu_ms(), time.monotonic()
    screen.run(seconds)
    took = (screen.cpu_ms() - before) / ((time.monotonic() - start) / 2)
    peak = screen.peak_mib()
    screen.end()
    return took, peak


def answers(memspect):
    """Milliseconds from a key to its answer, while all processes are read every second."""
    screen = Screen(memspect, "--top", "--delay=1", MEMSPECT_CONFIG="")
    screen.run(SETTLE)
    times = []
    for i in range(KEYS):
        while screen.take(0.001):
            pass
        start = time.perf_counter()
        screen.child.send("jk"[i % 2])
        screen.take(5)
        times.append((time.perf_counter() - start) * 1000)
        time.sleep(0.007 * (i % 11))
    screen.end()
    return sorted(times)


def bare_ms(bare):
    before = os.times()
    subprocess.run([bare, "-a", "1", "stat", "statm"], check=False, stdout=subprocess.DEVNULL)
    after = os.times()
    return (after[2] + after[3] - before[2] - before[3]) * 1000


def measure(memspect, bare, htoprc, count, seconds):
    farm = ratios.start([ratios.PYTHON, "-c", ratios.WORKERS, str(count)])
    ours, theirs, peaks = [], [], []
    for _ in range(ROUNDS):
        took, _ = refresh(Screen("htop", HTOPRC=htoprc), seconds)
        theirs.append(took)
        took, peak = refresh(Screen(memspect, "--top", "--delay=2", MEMSPECT_CONFIG=""), seconds)
        ours.append(took)
        peaks.append(peak)
    floor = statistics.mean(bare_ms(bare) for _ in range(20))
    mine, other = statistics.mean(ours), statistics.mean(theirs)
    print(f"\n{count} processes: a bare read of stat and statm takes {floor:.1f} ms")
    print(f"  memspect --top {mine:7.1f} ms a refresh  {mine / floor:5.2f} x bare  "
          f"{mine / other:5.2f} x htop  {max(peaks):5.1f} MiB")
    print(f"  htop           {other:7.1f} ms a refresh  {other / floor:5.2f} x bare")
    times = answers(memspect)
    print(f"  a key is answered in {statistics.median(times):.1f} ms, of 20 one in "
          f"{times[len(times) * 19 // 20]:.1f} ms, the slowest in {times[-1]:.1f} ms")
    sys.stdout.flush()
    farm.kill()
    farm.wait()


def main():
    memspect, build = sys.argv[1], sys.argv[2]
    seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 30
    bare, _ = ratios.compile_all(build)
    htoprc = os.path.join(build, "htoprc")
    for count in (500, 2000):
        with open(htoprc, "w", encoding="ascii") as file:
            file.write(HTOPRC)
        measure(memspect, bare, htoprc, count, seconds)


if __name__ == "__main__":
    main()
