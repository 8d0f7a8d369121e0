#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A leak in a C extension of Python: memory from malloc that Python has never heard of, so that its
own tools (gc, sys.getsizeof, tracemalloc) show nothing.

memspect: growing; by category heap, where Python keeps no small objects.

    cc -O1 -shared -fPIC $(python3-config --includes) -o _leakext.so _leakext.c
    PYTHONPATH=. ./leak_extension.py 1 60
"""

import _leakext

from pace import pace

BLOCK = 2000
REQUEST = b"x" * BLOCK

pace(BLOCK + 16, lambda: _leakext.parse(REQUEST))
