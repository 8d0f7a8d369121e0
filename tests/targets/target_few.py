# SPDX-License-Identifier: GPL-2.0-or-later
"""A Python process with a little of everything, to be recorded: run with `env -i`, -I and -S.

Prints what sys._debugmallocstats() says, as it was a moment before.
"""
import sys


class Point:
    def __init__(self, x):
        self.x = x


class Slots:
    __slots__ = ("a",)


points = [Point(i) for i in range(25)]
slots = [Slots() for i in range(12)]
table = {"key%d" % i: [i] for i in range(300)}
text = "\u20ac" * 1000
large = bytearray(200000)
sys._debugmallocstats()
print("ready", __import__("posix").getpid(), flush=True)
sys.stdin.read()
