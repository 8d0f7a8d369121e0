# SPDX-License-Identifier: GPL-2.0-or-later
"""Python with a heap of its own: regions_py.py [LIBRARY], which is loaded last."""

import ctypes
import os
import signal
import sys
import threading

# Freed objects stay with pymalloc, as gaps among those that are kept.
heap = {n: [str(n) * 3, float(n)] for n in range(100_000)}
for n in range(0, 100_000, 3):
    del heap[n]
buffer = bytearray(8 << 20)
for _ in range(2):
    threading.Thread(target=threading.Event().wait, daemon=True).start()

if len(sys.argv) > 1:
    ctypes.CDLL(sys.argv[1])

print("ready", os.getpid(), flush=True)
signal.pause()
