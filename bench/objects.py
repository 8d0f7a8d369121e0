# SPDX-License-Identifier: GPL-2.0-or-later
"""objects.py KIND COUNT: a process of about so many Python objects, to be measured on.

KIND is ints, dicts, instances, mixed, or churn: that keeps COUNT objects, makes and drops others in
two threads without end, and answers each line on its input with how often it has done so.
"""

import collections
import os
import sys
import threading
import time


class Instance:
    def __init__(self, n):
        self.x, self.y = n + 1000, n * 0.5


def dict_of_str(n):
    return {f"key {i} of {n}": f"value {i} of {n}" for i in range(5)}


def record(n):
    """An object as json.loads makes it."""
    return {"id": n + 300, "name": f"user {n}", "mail": f"user{n}@example.com",
            "tags": [f"tag {n % 50}", f"tag {n}"], "score": n * 0.7, "active": True,
            "address": {"street": f"{n} Main Street", "city": f"City {n % 100}", "zip": str(n)},
            "history": [n + 5000, n + 6000, n + 7000]}


# How to make an object from a number, and how many that one is.
MAKERS = {
    "ints": (lambda n: n + 1000, 1),
    "dicts": (dict_of_str, 11),
    "instances": (Instance, 3),
    "mixed": (record, 17),
    "churn": (record, 17),
}

rounds = [0, 0]


def churn(thread):
    recent = collections.deque(maxlen=1000)
    while True:
        recent.append(record(rounds[thread]))
        rounds[thread] += 1


def main():
    kind, count = sys.argv[1], int(sys.argv[2])
    make, objects = MAKERS[kind]
    kept = [make(n) for n in range(count // objects)]
    for thread in range(len(rounds) if kind == "churn" else 0):
        threading.Thread(target=churn, args=(thread,), daemon=True).start()
    print("ready", os.getpid(), flush=True)
    for _ in sys.stdin:
        print(sum(rounds), flush=True)
    time.sleep(3600)
    del kept


main()
