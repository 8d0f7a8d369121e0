#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""YAML and JSON have the same data: every capture in both formats, read by other parsers."""

import json
import os
import subprocess
import sys

try:
    import yaml
except ImportError:
    print("1..0 # SKIP no yaml module (Debian: apt install python3-yaml)")
    sys.exit(0)

SRCDIR = os.environ.get("srcdir", ".")
MEMSPECT = os.environ.get("MEMSPECT", "./memspect")
CAPTURES = os.path.join(SRCDIR, "tests", "captures")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
VOLATILE = ("generated_at", "tool", "scan_ms")  # when, and how long it took


def report(load, *options):
    run = subprocess.run([MEMSPECT, *options], capture_output=True, check=False)
    return load(run.stdout)


def left_out(counters, key, value):
    """What a mapping lacks in YAML: a counter is 0 if it is listed; any other key has no value."""
    if key in counters:
        return value == 0
    return value in (None, "0")


def differences(as_json, as_yaml, path, counters=None):
    """counters: those that mappings state; None outside of a mapping."""
    if isinstance(as_json, dict) and isinstance(as_yaml, dict):
        for key in sorted(as_yaml.keys() - as_json.keys()):
            yield path + "." + key + ": in YAML only"
        for key, value in as_json.items():
            if key in VOLATILE:
                continue
            if key == "regions" and value is not None:
                stated = set(as_json["counters"])
                for i, (a, b) in enumerate(zip(value, as_yaml[key])):
                    yield from differences(a, b, "%s.regions.%d" % (path, i), stated)
                if len(value) != len(as_yaml[key]):
                    yield path + ": different numbers of regions"
            elif key in as_yaml:
                yield from differences(value, as_yaml[key], path + "." + key)
            elif counters is None or not left_out(counters, key, value):
                yield "%s.%s: %r in JSON only" % (path, key, value)
    elif isinstance(as_json, list) and isinstance(as_yaml, list):
        if len(as_json) != len(as_yaml):
            yield "%s: %d rows, in YAML %d" % (path, len(as_json), len(as_yaml))
        for i, (a, b) in enumerate(zip(as_json, as_yaml)):
            yield from differences(a, b, "%s.%d" % (path, i))
    elif type(as_json) is not type(as_yaml) or as_json != as_yaml:
        yield "%s: %r, in YAML %r" % (path, as_json, as_yaml)


def main():
    n = 0
    for case in sorted(os.listdir(CAPTURES)):
        root = "--proc-root=" + os.path.join(CAPTURES, case, "proc")
        with open(os.path.join(CAPTURES, case, "pid"), encoding="ascii") as f:
            pid = f.read().strip()
        for what, options in (("inspected", ("-r", pid)), ("listed", ())):
            n += 1
            wrong = list(differences(report(json.loads, "--format=json", root, *options),
                                     report(lambda text: yaml.load(text, LOADER),
                                            "--format=yaml", root, *options), ""))
            print("%s %d - yaml: %s, %s" % ("not ok" if wrong else "ok", n, case, what))
            for line in wrong[:20]:
                print("# " + line)
    print("1..%d" % n)


if __name__ == "__main__":
    main()
