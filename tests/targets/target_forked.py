# SPDX-License-Identifier: GPL-2.0-or-later
"""A service that forks its workers after loading: target_forked.py [WORKERS].

It has 80 MiB of objects and an array of ARRAY_MIB. Every worker changes some objects, the first one
the lower half of the array, too. Prints the PIDs of the workers in a line before the last.
"""

import gc
import json
import os
import signal
import sys

ARRAY_MIB = 8
WORKERS = int(sys.argv[1]) if len(sys.argv) > 1 else 5

kept = [{"number": n, "text": str(n), "list": [n]} for n in range(200_000)]
array = bytearray(b"x" * (ARRAY_MIB << 20))
gc.freeze()


def work(index, ready):
    """What a worker does."""
    for entry in kept[index * 1000:(index + 1) * 1000]:
        entry["number"] += 1
    for at in range(0, len(array) // 2 if index == 0 else 0, 4096):
        array[at] = index
    os.write(ready, b".")
    signal.pause()


def fork_all():
    """Returns the PIDs of the workers, once they have done their work."""
    pids = []
    seen, ready = os.pipe()
    for index in range(WORKERS):
        pid = os.fork()
        if pid == 0:
            work(index, ready)
            os._exit(0)
        pids.append(pid)
    got = 0
    while got < WORKERS:
        got += len(os.read(seen, WORKERS))
    return pids


def end(*_):
    """Ends the workers, and then itself."""
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
    os._exit(0)


workers = fork_all()
signal.signal(signal.SIGTERM, end)
print(json.dumps(workers))
print("ready", os.getpid(), flush=True)
while True:
    signal.pause()
