#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The sums of a smaps file, by as little code as will do: oracle.py SMAPS

Prints JSON: "records"; "totals", bytes per field, null for a field that no record has; "names",
{name: {"records", field: bytes...}} for each name of a mapping, "" where it has none. Names are
latin-1, one character a byte, as they may be any bytes. Tests take these sums as the truth, so
nothing here is shared with memspect.
"""

import json
import re
import sys

FIELDS = ("Size", "Rss", "Pss", "Pss_Dirty", "Shared_Clean", "Shared_Dirty", "Private_Clean",
          "Private_Dirty", "Referenced", "Anonymous", "KSM", "LazyFree", "AnonHugePages",
          "ShmemPmdMapped", "FilePmdMapped", "Shared_Hugetlb", "Private_Hugetlb", "Swap", "SwapPss",
          "Locked")

# START-END PERMS OFFSET DEVICE INODE NAME; a newline in a name is written as \012.
HEADER = re.compile(r"[0-9a-f]+-[0-9a-f]+ [-rwxsp]{4} [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ [0-9]+"
                    r"(?: +(.*))?", re.S)
COUNT = re.compile(r"(\w+): *([0-9]+) kB")


def add(sums, field, count):
    sums[field] = sums.get(field, 0) + count


def sum_smaps(text):
    records, totals, names = 0, {}, {}
    of_name = {}
    for line in text.split("\n"):
        header, count = HEADER.fullmatch(line), COUNT.fullmatch(line)
        if header:
            records += 1
            of_name = names.setdefault(header[1] or "", {})
            add(of_name, "records", 1)
        elif count and count[1] in FIELDS:
            for sums in (totals, of_name):
                add(sums, count[1], int(count[2]) * 1024)
    return {"records": records, "names": names,
            "totals": {field: totals.get(field) for field in FIELDS}}


def sum_file(path):
    with open(path, encoding="latin-1", newline="\n") as file:
        return sum_smaps(file.read())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: oracle.py SMAPS")
    json.dump(sum_file(sys.argv[1]), sys.stdout, indent=1)
    print()
