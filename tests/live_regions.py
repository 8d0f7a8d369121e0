# SPDX-License-Identifier: GPL-2.0-or-later
"""Regions that a program maps in a runtime stay unknown; what the runtime's shape tells is named.

The regions are those of targets/target_regions.c, one property each.
"""

import glob
import os

import balance
import live

PAGE = 4096
MIB = 1 << 20
ARENA = ("anonymous", "allocator", "glibc malloc", "inferred")
STACKS = ("stack", "thread", "threads", "inferred")

# Memory that must stay named in each, as (category, owner kind, owner, evidence): least bytes.
NAMED = {
    "py": {ARENA: PAGE, STACKS: PAGE},
    "js": {("anonymous", "runtime", "v8", "inferred"): MIB, ARENA: 64 << 10, STACKS: PAGE},
    "java": {("jit_code", "runtime", "jvm", "inferred"): MIB // 2,
             ("anonymous", "runtime", "jvm", "inferred"): PAGE, ARENA: MIB, STACKS: 64 << 10},
    "go": {("anonymous", "runtime", "go", "inferred"): 16 * MIB},
    "rb": {ARENA: PAGE, STACKS: PAGE},
    "php": {},
}


def owner_bytes(process):
    """{(category, kind, name, evidence): RSS} of the balance sheet."""
    return {(category["id"], owner["kind"], owner["name"], owner["evidence"]): owner["rss_bytes"]
            for category in process["categories"] for owner in category["owners"]}


def parts_within(process, start, end):
    """The mappings that have something of a range, or what they were divided into."""
    return [part for region in process["regions"]
            if int(region["start"], 16) < end and int(region["end"], 16) > start
            for part in balance.parts_of(region)]


def check_regions(tap, name, process, regions):
    for region, (start, end) in regions.items():
        parts = parts_within(process, start, end)
        tap.ok({part["evidence"] for part in parts} == {"unknown"} and
               balance.total(parts, "rss_bytes") >= end - start, f"{name}: {region} stays unknown",
               parts)
        category = "jit_code" if region == "rwx" else "anonymous"
        tap.equal({part["category"] for part in parts}, {category}, f"{name}: {region}, category")


def check_named(tap, name, process, named):
    got = owner_bytes(process)
    for key, least in named.items():
        tap.ok(got.get(key, 0) >= least, f"{name}: {key[2]} in {key[0]} is {key[3]}",
               f"{got.get(key)} bytes, want {least}")


def check_language(tap, language, target, out, name=None):
    name = name or language
    with target:
        process, = live.report("-r", target.pid)["processes"]
        regions = live.regions_read(out)
        tap.equal(len(regions), 5, f"{name}: mapped all regions")
        check_regions(tap, name, process, regions)
        check_named(tap, name, process, NAMED[language])
        tap.equal(balance.errors(process), [], f"{name}: adds up")
        return process


def language_test(language):
    def test(tap):
        out = os.path.join(live.scratch(), f"regions.{language}")
        check_language(tap, language, live.regions_target(language, out), out)
    test.__name__ = f"regions in {language}"
    return test


def other_pythons():
    """Interpreters that pyenv installed."""
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    return sorted(glob.glob(f"{glob.escape(root)}/versions/3.*/bin/python3"))


def test_other_pythons(tap):
    pythons = other_pythons()
    if not pythons:
        raise live.Skip("there is no other interpreter")
    library = live.compile_c("target_regions", "-shared")
    for python in pythons:
        version = python.split("/")[-3]
        out = os.path.join(live.scratch(), f"regions.{version}")
        target = live.Target([python, f"{live.TARGETS}/regions_py.py", library],
                             env={"TARGET_REGIONS_OUT": out})
        process = check_language(tap, "py", target, out, f"Python {version}")
        told, = process["runtimes"]
        tap.ok(told["name"] == "cpython" and f"{version}.".startswith(f"{told['version']}."),
               f"Python {version}: is told", told)


live.run(*map(language_test, NAMED), test_other_pythons)
