# SPDX-License-Identifier: GPL-2.0-or-later
"""Four threads that create and drop objects all the time, and 200,000 permanent objects."""
import collections
import os
import threading
import time


class Kept:
    __slots__ = ("value",)


full = threading.Semaphore(0)


def churn():
    recent = collections.deque(maxlen=20000)
    i = 0
    while True:
        i += 1
        if i == 30000:
            full.release()
        recent.append({"a": i, "b": [i, str(i)], "c": {i, i + 1}, "d": bytes(i % 2000)})


kept = [Kept() for _ in range(200000)]
tables = [{"x": i, "y": [i]} for i in range(300000)]
for _ in range(4):
    threading.Thread(target=churn, daemon=True).start()
for _ in range(4):
    full.acquire()
print("ready", os.getpid(), flush=True)
time.sleep(600)
