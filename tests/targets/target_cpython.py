# SPDX-License-Identifier: GPL-2.0-or-later
"""target_cpython.py COUNT [numpy|small]: a process full of Python objects that tells what it holds.

Reads "truth" and "stats" from stdin, and answers with a line of JSON: {type: [count, bytes]} of all
objects that the collector and its references lead to, and what sys._debugmallocstats() prints.
Runs under every CPython since 3.8.
"""
import array
import collections
import gc
import io
import json
import os
import sys
import tempfile
import types


class Point:
    def __init__(self, x):
        self.x, self.y, self.z = x, str(x), [x]


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a):
        self.a, self.b = a, float(a)


class Text(str):
    pass


class Number(int):
    pass


class Pair(tuple):
    pass


class Table(dict):
    pass


class Meta(type):
    pass


class Outer:
    class Point:  # the name of another class
        pass


def generate(x):
    while True:
        yield x


def ordered(n):
    return collections.OrderedDict((k, n) for k in range(n))


# How to make an object from a number, and how few of them there are.
MAKERS = [
    (Point, 1), (Slots, 1), (Text, 10), (Number, 10), (lambda i: Pair((i, i)), 10),
    (lambda i: Table({i: i}), 10), (lambda i: Outer.Point(), 3),
    (lambda i: Meta("Made", (), {"number": i}), 1000),
    (lambda i: {"a": i, "b": [i], "c": (i, i)}, 1), (lambda i: {j: j for j in range(i % 60)}, 20),
    (lambda i: bytes(i % 700), 2), (lambda i: "\u20ac" * (i % 300), 10),
    (lambda i: "x%d\u00e9" % i, 10), (lambda i: "\U0001f40d" * (i % 50), 50),
    (lambda i: set(range(i % 40)), 10), (lambda i: frozenset(range(i % 40)), 10),
    (lambda i: 10 ** (i % 100), 1), (lambda i: i * 0.5, 2), (lambda i: complex(i, i), 10),
    (lambda i: bytearray(i % 2000), 10), (lambda i: array.array("i", range(i % 300)), 10),
    (lambda i: collections.deque(range(i % 300)), 50), (lambda i: ordered(i % 30), 50),
    (lambda i: collections.defaultdict(int, {j: i for j in range(i % 30)}), 50),
    (lambda i: (lambda k=i: k), 20), (lambda i: tuple(range(i % 200)), 10),
    (lambda i: list(range(i % 200)), 10), (lambda i: memoryview(b"abc" * 10), 50),
    (lambda i: io.BytesIO(b"x" * (i % 99)), 50), (range, 20), (slice, 20),
]

# Objects of more than 1 MiB.
NUMBERS = [] if "small" in sys.argv else list(range(500000))
LARGE = NUMBERS and [
    b"B" * 5000000, bytearray(3000000), "s" * 4000000, "\u20ac" * 1500000,
    array.array("d", range(400000)), {"key%d" % i: i for i in NUMBERS[:200000]},
    set(NUMBERS[:300000]), tuple(NUMBERS[:300000])]


def make(n):
    data = [[maker(i) for i in range(n // few)] for maker, few in MAKERS]
    generators = [generate(i) for i in range(n // 20)]
    for generator in generators:
        next(generator)
    encoded = ["ab\u0101%d" % i for i in range(n // 10)]
    for text in encoded:
        text.encode()
    # Some of the used memory becomes free.
    for table in data[8][::3]:
        table.clear()
    del data[0][::7]
    return data, generators, encoded


def make_arrays(n):
    import numpy
    small = [numpy.arange(i % 100) for i in range(n // 10)]
    return small, numpy.ones(3000000), numpy.ones((1000, 3000)), \
        numpy.asfortranarray(numpy.ones((1000, 500))), numpy.ones(2000000)[::2]


CODE = ("co_code", "co_consts", "co_names", "co_filename", "co_name", "co_exceptiontable",
        "co_qualname", "co_lnotab" if sys.version_info < (3, 10) else "co_linetable")
NAMES = ("co_varnames", "co_freevars", "co_cellvars")


def more_references(thing):
    """Objects that an object refers to without reporting them to the collector."""
    if isinstance(thing, types.CodeType):
        told = [getattr(thing, name) for name in CODE if hasattr(thing, name)]
        for name in NAMES:
            # 3.11 creates these tuples on each request.
            told += getattr(thing, name) if sys.version_info[:2] == (3, 11) else [
                getattr(thing, name)]
        return told
    if isinstance(thing, dict):
        return [*thing.keys(), *thing.values()]
    if isinstance(thing, (range, slice)):
        return [thing.start, thing.stop, thing.step]
    if type(thing).__name__ == "ndarray":
        return [thing.base]
    return []


def truth():
    seen, left = {}, gc.get_objects()
    own = {id(seen), id(left)}
    while left:
        thing = left.pop()
        if id(thing) not in seen and id(thing) not in own:
            seen[id(thing)] = thing
            left += gc.get_referents(thing)
            left += more_references(thing)
    rows = {}
    for thing in seen.values():
        kind = type(thing)
        module = kind.__module__ if isinstance(kind.__module__, str) else "?"
        name = kind.__name__ if module == "builtins" else module + "." + kind.__name__
        # A static type is no object of the heap.
        if isinstance(thing, type) and not thing.__flags__ & 1 << 9:
            continue
        row = rows.setdefault(name, [0, 0])
        row[0] += 1
        row[1] += sys.getsizeof(thing)
    return rows


def stats():
    with tempfile.TemporaryFile("w+") as file:
        saved = os.dup(2)
        os.dup2(file.fileno(), 2)
        sys._debugmallocstats()
        os.dup2(saved, 2)
        os.close(saved)
        file.seek(0)
        return file.read()


def main():
    count = int(sys.argv[1])
    data = [make(count)]
    if "numpy" in sys.argv:
        data.append(make_arrays(count))
    gc.collect()
    print("ready", os.getpid(), flush=True)
    for line in sys.stdin:
        answer = {"truth": truth, "stats": stats}[line.strip()]()
        print(json.dumps(answer), flush=True)


main()
