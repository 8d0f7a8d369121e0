#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A leak in Python: a list that only ever gets longer. Python's own allocator holds small objects
in anonymous memory, 1 MB at a time.

memspect: growing; by category anonymous.

    ./leak_list.py 1 60
"""

import sys

from pace import pace

requests = []


def handle_request():
    requests.append({"id": len(requests), "body": f"{len(requests):200}"})


# A dict, a string and a number, in the sizes of the allocator: multiples of 16.
UNIT = sum(-(-(sys.getsizeof(thing) + header) // 16) * 16
           for thing, header in (({"id": 0, "body": 0}, 0), (f"{0:200}", 0), (1 << 20, 0)))

pace(UNIT, handle_request)
