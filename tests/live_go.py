# SPDX-License-Identifier: GPL-2.0-or-later
"""The heap of Go from outside, compared with runtime.ReadMemStats in the program."""

import glob
import os
import shutil

import balance
import walked
import live

KIB, MIB = 1 << 10, 1 << 20
HEAP = 120
GOROUTINES = 500  # of the program, which wait
CHURN_WALKS = 20
BUILDS = {
    "plain": (),
    "stripped": ("-ldflags=-s -w",),
    "PIE, stripped": ("-buildmode=pie", "-ldflags=-s -w"),
}


def compilers():
    """All installed versions of Go, that of the path first."""
    found = {os.path.realpath(path): path
             for path in (shutil.which("go"), *sorted(glob.glob("/usr/lib/go-*/bin/go"))) if path}
    if not found:
        raise live.Skip("go is not installed")
    return list(found.values())


def compile_with(compiler, name, flags, cgo=False):
    path = os.path.join(live.scratch(), f"{name}-{len(flags)}-{''.join(flags)}".replace("/", "_")
                        .replace(" ", ""))
    env = dict(os.environ, CGO_ENABLED="01"[cgo], GO111MODULE="off", GOFLAGS="",
               GOTOOLCHAIN="local", GOCACHE=os.path.join(live.scratch(), "go-cache"))
    source = os.path.join(live.TARGETS, f"{name}.go")
    return live.build([compiler, "build", "-trimpath", *flags, "-o", path, source], path, env=env)


def runtime(pid):
    result = walked.show(pid)[0]
    found = [r for r in result["runtimes"] if r["name"] == "go"]
    if len(found) != 1:
        raise LookupError(f"{len(found)} of Go in {result['runtimes']}")
    return result, found[0]


def check(tap, name, argv, unknown=3, waiting=GOROUTINES, env=None, lazy=False, merged=False):
    with live.Target(argv, env=env) as target:
        result, go = runtime(target.pid)
        truth = target.made[0]
        report = live.report("--deep", target.pid)["processes"][0]
    tap.equal((go["unread"], go["complete"]), ("", True), f"{name}: read whole")
    if go["unread"]:
        return
    spaces = {space["name"]: space for space in go["spaces"]}
    tap.equal(spaces["spans in use"]["committed"], truth["inuse"], f"{name}: HeapInuse")
    tap.near(go["total"]["live"], truth["alloc"], 8 * KIB, f"{name}: HeapAlloc")
    tap.near(go["total"]["objects"], truth["objects"], 0.005 * truth["objects"] + 64,
             f"{name}: HeapObjects")
    tap.ok(0 <= spaces["stacks"]["committed"] - truth["stack"] <= 512 * KIB,
           f"{name}: stacks, and buffers of the collector", (spaces["stacks"], truth))
    kept = truth["idle"] - truth["released"]
    tap.near(go["total"]["free_resident"], kept, 0.02 * truth["inuse"] + 256 * KIB,
             f"{name}: idle and not returned")
    tap.near(spaces["released"]["reserved"], truth["released"], 0.02 * truth["inuse"] + 256 * KIB,
             f"{name}: HeapReleased")
    inside = report["deep"]["runtimes"][0]
    tap.ok(0 <= inside["tasks"] - truth["goroutines"] <= 8 + os.cpu_count(),
           f"{name}: goroutines, and those of the runtime", (inside["tasks"], truth))
    tap.ok(inside["tasks_waiting"] >= waiting, f"{name}: those that wait",
           inside["tasks_waiting"])
    own = spaces["runtime's own"]["resident"]
    # A mapping of C's may have merged with one of the runtime's, and all of it counts then.
    if not merged:
        tap.ok(own <= truth["own"], f"{name}: not more of its own than it mapped", (own, truth))
    if lazy:
        tap.ok(spaces["released"]["resident"] > 0.9 * truth["released"],
               f"{name}: released, and still in RAM", (spaces["released"], truth))
    tap.equal(sum(bytes for _, _, bytes in go["kinds"]), go["total"]["live"],
              f"{name}: sizes add up")
    tap.equal(walked.over_rss(result), {}, f"{name}: no mapping has more attributed than is resident")
    tap.equal(balance.errors(report), [], f"{name}: adds up")
    tap.ok(report["accounting"]["unexplained_percent"] <= unknown,
           f"{name}: at most {unknown} % unknown",
           report["accounting"])
    tap.note(f"{name}: {go['version']}, unknown {report['accounting']['unexplained_percent']} %, "
             f"took {report['deep']['scan_ms']:.0f} ms")


def test_builds(tap):
    for compiler in compilers():
        version = os.path.realpath(compiler).split("/")[-3]
        for name, flags in BUILDS.items():
            check(tap, f"{version} {name}",
                  [compile_with(compiler, "target_heap", flags), str(HEAP)])


def test_returned(tap):
    program = compile_with(compilers()[0], "target_heap", ())
    check(tap, "returned to the system", [program, str(HEAP), "free"])


def test_arenas_without_spans(tap):
    program = compile_with(compilers()[0], "target_heap", ())
    for value in "01":
        check(tap, f"whole arenas returned, madvdontneed={value}", [program, str(3 * HEAP), "drop"],
              env={"GODEBUG": f"madvdontneed={value}"}, lazy=value == "0")


def test_cgo(tap):
    live.need("cc")
    program = compile_with(compilers()[0], "target_heap_cgo", (), cgo=True)
    check(tap, "with libraries", [program], unknown=1, waiting=0, merged=True)


def test_churn(tap):
    program = compile_with(compilers()[0], "target_heap", ())
    with live.Target([program, str(HEAP), "churn"]) as target:
        walks = walked.show(target.pid, CHURN_WALKS)
    heaps = [walk["runtimes"][0] for walk in walks]
    read = [go for go in heaps if not go["unread"]]
    tap.note(f"{len(read)} of {len(walks)} read, {sum(go['complete'] for go in read)} whole, "
             f"{sum(go['retries'] for go in read)} at the second attempt")
    tap.ok(len(read) >= CHURN_WALKS * 0.8, "churn: read while it allocates",
           {go["unread"] for go in heaps})
    tap.equal([go["total"] for go in read
               if not HEAP // 4 * MIB < go["total"]["live"] <= go["total"]["committed"]], [],
              "churn: never more live than committed")
    tap.equal([walked.over_rss(walk) for walk in walks if walked.over_rss(walk)], [],
              "churn: no mapping has more attributed than is resident")


if __name__ == "__main__":
    live.run(test_builds, test_returned, test_arenas_without_spans, test_cgo, test_churn)
