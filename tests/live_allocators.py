# SPDX-License-Identifier: GPL-2.0-or-later
"""Allocators other than glibc's, from outside, compared byte for byte with their own statistics."""

import os
import subprocess

import walked
import live
import servers

LIBRARIES = ("/usr/lib/x86_64-linux-gnu", "/usr/lib", "/usr/lib64")
CASES = (("mixed", 1, 40 << 10), ("mixed", 4, 40 << 10), ("ended", 3, 20 << 10), ("mixed", 2, 64),
         ("striped", 1, 10 << 10))
CHURN_WALKS = 20
CHURN_THREADS = 4


def library(name):
    """The environment that loads an allocator's library into a program."""
    path = next((os.path.join(place, name) for place in LIBRARIES
                 if os.path.exists(os.path.join(place, name))), None)
    if not path:
        raise live.Skip(f"{name} is not installed")
    return {"LD_PRELOAD": path}


def allocator(pid, name):
    """The result of a walk, and its allocator of that name."""
    result = walked.show(pid)[0]
    found = [a for a in result["allocators"] if a["name"] == name]
    if len(found) != 1 or found[0]["unread"]:
        raise LookupError(f"{name}: {result['allocators']}")
    return result, found[0]


def check_sums(tap, name, result, heap, want):
    """Checks that hold for all allocators while no thread allocates."""
    tap.ok(heap["complete"] and not heap["retries"], f"{name}: complete at once", heap)
    own = heap["live_blocks"] - want["list_blocks"]
    tap.ok(0 <= own <= 40, f"{name}: live are the blocks of its lists", own)
    tap.equal(sum(count for _, count, _ in heap["classes"]), heap["live_blocks"],
              f"{name}: classes hold all blocks")
    tap.equal(sum(size for _, _, size in heap["classes"]), heap["live"],
              f"{name}: classes hold all bytes")
    tap.equal(walked.over_rss(result), {}, f"{name}: no mapping has more attributed than is resident")
    tap.equal(result["skew"], 0, f"{name}: no skew")


def check_churn(tap, program, env, name):
    """Threads allocate all the time: the walk ends, and its sums are near those while they are
    stopped."""
    with live.Target([program, "churn", str(CHURN_THREADS), str(40 << 10)], env=env) as target:
        want = target.made[0]["list_bytes"]
        walks = []
        for result in walked.show(target.pid, CHURN_WALKS):
            walks += [a for a in result["allocators"] if a["name"] == name]
    read = [heap for heap in walks if not heap["unread"]]
    tap.ok(len(read) >= CHURN_WALKS - 2, f"{name}, churn: read", len(read))
    share = sum(heap["unwalked"] / heap["system"] for heap in read) / len(read)
    tap.note(f"{name}: {sum(heap['complete'] for heap in read)} of {len(read)} walks complete, "
             f"unwalked {100 * share:.3f} % on average")
    tap.ok(share <= 0.05, f"{name}, churn: at most 5 % is not walked, on average", share)
    mean = sum(heap["live"] for heap in read) / len(read)
    tap.near(mean, want, 0.2 * want, f"{name}, churn: live is near its lists, within 20 %")


def check_jemalloc(tap, name, target):
    want = target.made[0]
    result, heap = allocator(target.pid, "jemalloc")
    check_sums(tap, name, result, heap, want)
    got = {"allocated": heap["live"] + heap["tcache"], "cached": heap["tcache"],
           "dirty": heap["idle"] - heap["lazy"], "muzzy": heap["lazy"],
           "retained": heap["retained"], "mapped": heap["system"]}
    tap.equal(got, {key: want[key] for key in got}, f"{name}: what mallctl says")


def test_jemalloc(tap):
    env = library("libjemalloc.so.2")
    program = live.compile_c("target_blocks")
    for case in CASES:
        argv = [program, *map(str, case)]
        with live.Target(argv, env=env) as target:
            check_jemalloc(tap, f"jemalloc {' '.join(argv[1:])}", target)
    for conf in ("cache_oblivious:false,narenas:1", "dirty_decay_ms:0,muzzy_decay_ms:-1",
                 "tcache:false", "lg_tcache_max:20,percpu_arena:percpu"):
        with live.Target([program, "mixed", "3", "8192"],
                         env={**env, "MALLOC_CONF": conf}) as target:
            check_jemalloc(tap, f"jemalloc with {conf}", target)


def test_jemalloc_churn(tap):
    check_churn(tap, live.compile_c("target_blocks"), library("libjemalloc.so.2"), "jemalloc")


def test_redis(tap):
    live.need("redis-server")
    live.need("redis-cli")
    path = os.path.join(live.scratch(), "redis.socket")
    argv = ["redis-server", "--port", "0", "--unixsocket", path, "--save", "",
            "--dir", live.scratch()]
    fill = "for i=1,200000 do redis.call('hset', 'h'..(i % 2000), 'f'..i, string.rep('x', i % 300)) end"

    def ask(*command):
        return subprocess.run(["redis-cli", "-s", path, *command], capture_output=True, text=True,
                              timeout=live.PATIENCE_SECONDS, check=True).stdout

    with subprocess.Popen(argv, stdout=subprocess.DEVNULL) as process:
        try:
            servers.connect(path).close()
            ask("eval", fill, "0")
            said = dict(line.split(":", 1) for line in ask("info", "memory").split()
                        if ":" in line)
            result, heap = allocator(process.pid, "jemalloc")
        finally:
            process.kill()
    want = int(said["allocator_allocated"])
    tap.near(heap["live"] + heap["tcache"], want, 0.005 * want,
             "redis: what it says is allocated, within 0.5 %")
    tap.near(heap["live"] + heap["tcache"] + heap["free"] - heap["idle"],
             int(said["allocator_active"]), 0.005 * want, "redis: active, within 0.5 %")
    tap.equal(walked.over_rss(result), {}, "redis: no mapping has more attributed than is resident")


def compile_musl(*flags):
    live.need("musl-gcc")
    path = os.path.join(live.scratch(), "".join(["target_blocks-musl", *flags]))
    return live.build(["musl-gcc", "-std=gnu11", "-D_GNU_SOURCE", "-O1", *flags, "-o", path,
                       os.path.join(live.TARGETS, "target_blocks.c")], path)


def test_musl(tap):
    for flags in ((), ("-static", "-s")):
        program = compile_musl(*flags)
        for case in CASES:
            argv = [program, *map(str, case)]
            name = " ".join(["musl", *flags, *argv[1:]])
            with live.Target(argv) as target:
                result, heap = allocator(target.pid, "musl malloc")
                check_sums(tap, name, result, heap, target.made[0])
                own = heap["live"] - target.made[0]["list_bytes"]
                tap.ok(0 <= own <= 4096, f"{name}: live are the slots of its lists", own)


def test_musl_churn(tap):
    check_churn(tap, compile_musl("-static"), {}, "musl malloc")


def test_mimalloc(tap):
    env = library("libmimalloc.so.2.0")
    program = live.compile_c("target_blocks")
    for case in CASES:
        argv = [program, *map(str, case)]
        name = f"mimalloc {' '.join(argv[1:])}"
        with live.Target(argv, env=env) as target:
            result, heap = allocator(target.pid, "mimalloc")
            check_sums(tap, name, result, heap, target.made[0])
            own = heap["live"] - target.made[0]["list_bytes"]
            tap.ok(0 <= own <= 8192, f"{name}: live are the blocks of its lists", own)


def test_mimalloc_churn(tap):
    check_churn(tap, live.compile_c("target_blocks"), library("libmimalloc.so.2.0"), "mimalloc")


def test_tcmalloc(tap):
    env = library("libtcmalloc_minimal.so.4")
    program = live.compile_c("target_blocks")
    for case in CASES:
        argv = [program, *map(str, case)]
        name = f"tcmalloc {' '.join(argv[1:])}"
        with live.Target(argv, env=env) as target:
            want = target.made[0]
            result, heap = allocator(target.pid, "tcmalloc")
            check_sums(tap, name, result, heap, want)
            got = {"current_allocated_bytes": heap["live"], "pageheap_free_bytes": heap["idle"],
                   "pageheap_unmapped_bytes": heap["retained"]}
            tap.equal(got, {key: want[key] for key in got}, f"{name}: what MallocExtension says")
            tap.equal(heap["tcache"], want["transfer_cache_free_bytes"] +
                      want["thread_cache_free_bytes"], f"{name}: what is in caches")
            tap.equal([a["name"] for a in result["allocators"]], ["tcmalloc"],
                      f"{name}: [heap] is not taken for glibc's")
            check_brk(tap, name, target.pid, result)


def check_brk(tap, name, pid, result):
    """The allocator uses brk(2), so [heap] belongs to it."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
        start = next(line.split("-")[0] for line in maps if line.endswith("[heap]\n"))
    owners = {c["owner"] for c in result["attributions"] if int(c["start"], 16) == int(start, 16)}
    tap.equal(owners, {"tcmalloc"}, f"{name}: [heap] is tcmalloc's")


def test_tcmalloc_churn(tap):
    check_churn(tap, live.compile_c("target_blocks"), library("libtcmalloc_minimal.so.4"),
                "tcmalloc")


def test_other_releases(tap):
    """Empty libraries with those names are refused, with their release."""
    for name, text, want in (("jemalloc.so.2", "4.5.0-0-g04380e79", "4.5.0"),
                             ("tcmalloc.so.9", "gperftools 9.1", "9.1"),
                             ("mimalloc.so.7.1", "no release", "7.1"),
                             ("jemalloc.so.9", "no release", "")):
        source = os.path.join(live.scratch(), "release.c")
        with open(source, "w", encoding="ascii") as file:
            file.write(f'const char release[] = "{text}";\n')
        path = os.path.join(live.scratch(), f"lib{name}")
        live.build(["cc", "-shared", "-fPIC", "-o", path, source], path)
        env = {**os.environ, "LD_PRELOAD": path}
        with subprocess.Popen(["sleep", "60"], env=env) as process:
            live.wait_for_rest(process.pid)  # in sleep, when the library is loaded
            found = walked.show(process.pid)[0]["allocators"]
            process.kill()
        tap.equal([(a["name"], a["version"]) for a in found if a["unread"]],
                  [(name.split(".")[0], want)], f"lib{name}: named and refused")


def test_chance(tap):
    """Words that look like the root of jemalloc's tree are no jemalloc, unless its code is there."""
    for flags, want in (((), []), (("-DNAMED",), ["jemalloc"])):
        with live.Target([live.compile_c("target_tree", *flags)]) as target:
            result = walked.show(target.pid)[0]
        found = [a["name"] for a in result["allocators"] if a["name"] != "glibc malloc"]
        tap.equal(found, want, f"words like jemalloc's tree {' '.join(flags)}")
        tap.ok(all(a["unread"] for a in result["allocators"] if a["name"] in want),
               f"words like jemalloc's tree {' '.join(flags)}: it is not read", result)


def test_owned(tap):
    """Blocks that Python objects own are attributed to them, with any allocator."""
    work = ("import time; rows = [bytearray(2000 + i % 5000) for i in range(20000)]; "
            "print('ready', __import__('os').getpid(), flush=True); time.sleep(60)")
    for name, file in (("jemalloc", "libjemalloc.so.2"), ("mimalloc", "libmimalloc.so.2.0"),
                       ("tcmalloc", "libtcmalloc_minimal.so.4")):
        with live.Target([live.PYTHON, "-c", work], env=library(file)) as target:
            result, heap = allocator(target.pid, name)
        lines = walked.lines(result)
        want = sum(2000 + i % 5000 for i in range(20000))
        tap.ok(lines.get("buffers", 0) + lines.get("objects", 0) >= 0.95 * want,
               f"Python with {name}: its buffers are its own", (lines, want))
        tap.ok(lines.get("native", 0) < 0.3 * heap["live"],
               f"Python with {name}: and not native memory", lines)
        tap.equal(walked.over_rss(result), {}, f"Python with {name}: no mapping has more attributed than is resident")


if __name__ == "__main__":
    live.run(test_jemalloc, test_jemalloc_churn, test_redis, test_musl, test_musl_churn,
             test_mimalloc, test_mimalloc_churn, test_tcmalloc, test_tcmalloc_churn, test_other_releases,
             test_chance, test_owned)
