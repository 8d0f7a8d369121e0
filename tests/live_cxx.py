# SPDX-License-Identifier: GPL-2.0-or-later
"""Objects of C++ classes, counted from outside, against how many the program made."""

import os

import live

SHARED = ("std::_Sp_counted_ptr_inplace<app::Counted, std::allocator<void>, "
          "(__gnu_cxx::_Lock_policy)2>")
MADE = {"app::Named": 2000, "app::Both": 2000, "app::Diamond": 1500, "app::Box<int, 3>": 4000,
        "app::Box<app::Plain, 50>": 200, "Shape": 700, "(anonymous namespace)::Hidden": 600,
        SHARED: 250}

# Ways to build a program, and by what its own classes are recognised.
BUILDS = {
    "as usual": [],
    "stripped": ["-s"],
    "at a fixed address": ["-no-pie"],
    "at a fixed address, stripped": ["-no-pie", "-s"],
    "without type information": ["-fno-rtti"],
    "of exported symbols alone": ["-fno-rtti", "-rdynamic", "-s"],
    "static": ["-static"],
    "static and stripped": ["-static", "-s"],
}


def compile_cxx(number, flags):
    directory = live.scratch()
    library = os.path.join(directory, "libtarget_cxx.so")
    sources = [os.path.join(live.TARGETS, f"{name}.cc") for name in ("target_cxx", "target_cxx_lib")]
    compiler = ["g++", "-std=gnu++17", "-O1"]
    if "-static" in flags:
        parts = sources
    else:
        live.build([*compiler, "-shared", "-fPIC", "-o", library, sources[1]], library)
        parts = [sources[0], library, f"-Wl,-rpath,{directory}"]
    path = os.path.join(directory, f"target_cxx{number}")
    return live.build([*compiler, *flags, "-o", path, *parts], path)


def classes_of(pid):
    process, = live.report("--deep=malloc", pid)["processes"]
    allocator, = [a for a in process["deep"]["allocators"] if a["name"] == "glibc malloc"]
    return allocator, {row["class"]: row for row in allocator["classes"]}


def test_builds(tap):
    for number, (name, flags) in enumerate(BUILDS.items()):
        try:
            program = compile_cxx(number, flags)
        except live.Skip as reason:
            tap.skip(name, reason)
            continue
        with live.Target([program]) as target:
            allocator, classes = classes_of(target.pid)
        tap.equal({name: row["blocks"] for name, row in classes.items() if row["blocks"] > 1}, MADE,
                  f"{name}: objects by class")
        tap.equal(sum(row["bytes"] for row in classes.values()), allocator["object_bytes"],
                  f"{name}: their bytes")
        tap.ok(classes["app::Box<app::Plain, 50>"]["bytes"] >= 200 * 1208, f"{name}: by class")


def test_modules(tap):
    program = compile_cxx(0, [])
    with live.Target([program]) as target:
        allocator, classes = classes_of(target.pid)
    tap.equal(classes["app::Both"]["module"], program, "a class of the program")
    blocks = {os.path.basename(row["module"]): row["blocks"]
              for row in allocator["native_modules"]}
    tap.ok(blocks[os.path.basename(program)] >= MADE["app::Both"], "blocks that are the program's",
           blocks)
    tap.ok(blocks["libtarget_cxx.so"] >= MADE["(anonymous namespace)::Hidden"],
           "blocks that are a library's", blocks)
    tap.ok("ld-linux-x86-64.so.2" not in blocks, "records of the loader are not objects of a class", blocks)
    tap.equal(os.path.basename(classes["(anonymous namespace)::Hidden"]["module"]),
              "libtarget_cxx.so", "a class of a library")


def test_none(tap):
    code = "import os, time; print('ready', os.getpid(), flush=True); time.sleep(600)"
    with live.Target([live.PYTHON, "-c", code]) as target:
        allocator, classes = classes_of(target.pid)
    tap.equal((allocator["object_blocks"], classes), (0, {}), "a program in C has none")


def test_node(tap):
    """No type information, and symbols in a table of megabytes."""
    code = ("const kept = []; for (let i = 0; i < 2000; i++) kept.push(Buffer.alloc(50000));"
            "console.log('ready ' + process.pid); setInterval(() => kept.length, 1000)")
    with live.Target([live.need("node"), "-e", code]) as target:
        _, classes = classes_of(target.pid)
    tap.note({name: row["blocks"] for name, row in list(classes.items())[:5]})
    tap.equal(classes["node::Environment"]["blocks"], 1, "node: one environment")


live.run(test_builds, test_modules, test_none, test_node)
