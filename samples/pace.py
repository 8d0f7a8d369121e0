# SPDX-License-Identifier: GPL-2.0-or-later
"""What the Python samples share: PROGRAM [MB_PER_SECOND [SECONDS]].

A sample prints "ready PID", takes memory at that pace, says every second how much it holds, and
ends after SECONDS, at 256 MB, or on SIGTERM: nothing that it does outlives it.
"""

import os
import sys
import time

MB = 1 << 20
MAX_BYTES = 256 * MB
TICK_SECONDS = 0.02


def pace(unit, step, held=None, mb_per_second=1, seconds=60):
    """Calls step() once for every `unit` bytes of the pace. What is held is what held() says, and
    all of that if there is no such function."""
    words = sys.argv[1:] + [mb_per_second, seconds][len(sys.argv) - 1:]
    rate, seconds = float(words[0]) * MB, float(words[1])
    print("ready", os.getpid(), flush=True)
    start = time.monotonic()
    done = told = passed = 0
    while passed < seconds and (held() if held else done) < MAX_BYTES:
        for _ in range(int((rate * passed - done) // unit)):
            step()
            done += unit
        if passed - told >= 1:
            print(f"{passed:.2f} s: {held() if held else done} bytes", flush=True)
            told = passed
        time.sleep(TICK_SECONDS)
        passed = time.monotonic() - start
