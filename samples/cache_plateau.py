#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks like a leak, and is a cache that warms up: 48 MB at most, filled fast at first and slowly
at the end, since ever more of what is asked for is there already.

memspect: warming up, then stable.

    ./cache_plateau.py 20 60
"""

import functools
import random

from pace import MB, pace

SIZE = 48 * MB
PAGE = 16 << 10  # too large for Python's allocator: from malloc, on the heap

asked = random.Random(1)


@functools.lru_cache(maxsize=SIZE // PAGE)
def render(number):
    return bytes([number % 256]) * (PAGE - 64)


def handle_request():
    render(asked.randrange(SIZE // PAGE))


pace(PAGE, handle_request, lambda: render.cache_info().currsize * PAGE, mb_per_second=20)
