# SPDX-License-Identifier: GPL-2.0-or-later
"""The heap of PHP against what PHP says of it: memory_get_usage() and its kin, to the byte."""

import contextlib
import fcntl
import glob
import json
import os
import shutil
import struct
import subprocess

import balance
import walked
import live
import servers

CHURN_READS = 12
MIB = 1 << 20
TARGET = os.path.join(live.TARGETS, "target_php.php")


def php(result):
    found = [r for r in result["runtimes"] if r["name"] == "php"]
    if len(found) != 1:
        raise LookupError(f"{len(found)} of PHP in {result['runtimes']}")
    return found[0]


def space(runtime, name):
    return next(row for row in runtime["spaces"] if row["name"] == name)


def check_usage(tap, name, heap, want):
    total = heap["total"]
    tap.equal(heap["unread"], "", f"{name}: is read")
    tap.equal((total["live"], total["committed"], heap["peak_live"], heap["peak_committed"]),
              (want["size"], want["real"], want["peak"], want["real_peak"]),
              f"{name}: is what memory_get_usage and memory_get_peak_usage say")
    tap.ok(heap["complete"], f"{name}: every free list was followed", heap)
    tap.equal(sum(row["live"] for row in heap["spaces"]), total["live"],
              f"{name}: spaces hold what is live")
    tap.equal(sum(row[2] for row in heap["kinds"]), total["live"],
              f"{name}: sizes hold what is live")


def check_lines(tap, name, result):
    lines, heap = walked.lines(result), php(result)["total"]
    tap.equal(walked.over_rss(result), {}, f"{name}: no mapping has more attributed than is resident")
    tap.equal(result["skew"], 0, f"{name}: no skew")
    tap.equal(lines["runtime_free"], heap["free_resident"], f"{name}: what is free is its line")
    tap.ok(lines["objects"] <= heap["live"], f"{name}: live is a line", lines)


def check_case(tap, case, least):
    with live.Target(["php", TARGET, case]) as target:
        result = walked.show(target.pid)[0]
        check_usage(tap, case, php(result), target.made[0])
        check_lines(tap, case, result)
        for name, key, bytes_least in least:
            row = space(php(result), name)
            tap.ok(row[key] >= bytes_least, f"{case}: {key} of {name}", row)


def test_small(tap):
    check_case(tap, "small", [("small blocks", "live", 20 * MIB),
                              ("small blocks", "free_resident", 5 * MIB)])


def test_large(tap):
    check_case(tap, "large", [("large blocks", "live", 10 * MIB),
                              ("free pages", "free_resident", 5 * MIB)])


def test_huge(tap):
    check_case(tap, "huge", [("huge blocks", "live", 60 * MIB)])


def test_cached(tap):
    check_case(tap, "cached", [("cached chunks", "free_resident", MIB)])


def test_report(tap):
    with live.Target(["php", TARGET, "small"]) as target:
        process = live.report("--deep", "-r", target.pid)["processes"][0]
    heap = process["deep"]["runtimes"][0]
    tap.equal(balance.errors(process), [], "report: adds up")
    tap.equal((heap["live_bytes"], heap["peak_live_bytes"]),
              (target.made[0]["size"], target.made[0]["peak"]), "report: what PHP says")
    tap.ok(process["accounting"]["unexplained_percent"] < 3, "report: hardly anything unknown",
           process["accounting"])


def test_behind_library(tap):
    """The kernel puts chunks where there is room: one may follow the data of a library."""
    with live.Target(["php", TARGET, "small"]) as target:
        process = live.report("--deep", "-r", target.pid)["processes"][0]
    bss = [region for region in process["regions"] if region["rule"] == "bss"
           and region["size_bytes"] >= 2 * MIB]
    for region in bss:
        walked = sum(part["rss_bytes"] for part in region["parts"] or ()
                     if part["evidence"] == "walked")
        tap.ok(walked > region["rss_bytes"] // 2, "behind a library: is PHP's", region)
    if not bss:
        tap.skip("behind a library", "the kernel placed no chunk there")


def test_malloc(tap):
    with live.Target(["php", TARGET, "small"], env={"USE_ZEND_ALLOC": "0"}) as target:
        heap = php(walked.show(target.pid)[0])
    tap.ok("USE_ZEND_ALLOC=0" in heap["unread"], "malloc instead: is said", heap)


def test_churn(tap):
    with live.Target(["php", TARGET, "churn"]) as target:
        live.wait_for_work(target.pid, 0.5)
        results = walked.show(target.pid, CHURN_READS)
    reads = [php(result) for result in results]
    good = [heap for heap in reads if not heap["unread"]]
    tap.note(f"{len(good)} of {len(reads)} read, {sum(heap['retries'] for heap in reads)} anew")
    tap.ok(good, "churn: a heap that changes all the time can be read", reads)
    tap.ok(all(0 < heap["total"]["live"] <= heap["total"]["committed"] for heap in good),
           "churn: what is read makes sense", good)
    tap.equal([walked.over_rss(result) for result in results], [{}] * len(results),
              "churn: no mapping has more attributed than is resident")


# It waits until the test lets go of the gate: without taking memory.
FPM_SCRIPT = """<?php
$gate = fopen(__DIR__ . '/gate', 'r');
for ($i = 0; $i < 20000; $i++)
	$rows[] = ['id' => $i, 'name' => "row $i"];
unset($rows[100]);
echo "\\n";
flush();
$size = memory_get_usage();
$real = memory_get_usage(true);
$peak = memory_get_peak_usage();
$real_peak = memory_get_peak_usage(true);
echo '{"pid":', getmypid(), ',"size":', $size, ',"real":', $real, ',"peak":', $peak,
	',"real_peak":', $real_peak, "}\\n";
flush();
flock($gate, LOCK_SH);
"""

FPM_CONFIG = """
[global]
error_log = {scratch}/fpm.log
daemonize = no
[www]
listen = {scratch}/fpm.socket
pm = static
pm.max_children = 1
php_admin_value[output_buffering] = 0
php_admin_value[memory_limit] = -1
"""


def fastcgi_record(kind, data):
    return struct.pack(">BBHHBB", 1, kind, 1, len(data), 0, 0) + data


def ask_fpm(path, script):
    """Sends a request; the connection, from which the answer can be read as it comes."""
    params = {"SCRIPT_FILENAME": script, "REQUEST_METHOD": "GET", "SCRIPT_NAME": "/x.php"}
    pairs = b"".join(bytes([len(key), len(value)]) + key.encode() + value.encode()
                     for key, value in params.items())
    connection = servers.connect(path)
    connection.sendall(fastcgi_record(1, struct.pack(">HB5x", 1, 0)) + fastcgi_record(4, pairs) +
                       fastcgi_record(4, b"") + fastcgi_record(5, b""))
    return connection


@contextlib.contextmanager
def fpm(program):
    scratch = live.scratch()
    with open(f"{scratch}/fpm.conf", "w", encoding="ascii") as file:
        file.write(FPM_CONFIG.format(scratch=scratch))
    argv = [program, "-n", "-F", "-y", f"{scratch}/fpm.conf"] + ["-R"] * (os.geteuid() == 0)
    if os.geteuid() == 0:
        with open(f"{scratch}/fpm.conf", "a", encoding="ascii") as file:
            file.write("user = root\ngroup = root\n")
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield f"{scratch}/fpm.socket"
        finally:
            process.terminate()


def read_answer(connection):
    answer = b""
    while b"}" not in answer:
        answer += connection.recv(4096)
    return json.loads(answer[answer.index(b"{"):answer.index(b"}") + 1])


def test_fpm(tap):
    program = next((path for path in glob.glob("/usr/sbin/php-fpm*") if os.access(path, os.X_OK)),
                   shutil.which("php-fpm"))
    if not program:
        raise live.Skip("php-fpm is not installed")
    script = os.path.join(live.scratch(), "fpm.php")
    with open(script, "w", encoding="ascii") as file:
        file.write(FPM_SCRIPT)
    with open(os.path.join(live.scratch(), "gate"), "w", encoding="ascii") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        with fpm(program) as path, ask_fpm(path, script) as connection:
            made = read_answer(connection)
            during = walked.show(made["pid"])[0]
            fcntl.flock(gate, fcntl.LOCK_UN)
            while connection.recv(4096):
                pass
            connection.close()  # PHP waits for that before it lets go of memory
            live.wait_for_rest(made["pid"])
            after = php(walked.show(made["pid"])[0])
    check_usage(tap, "php-fpm", php(during), made)
    tap.equal(after["unread"], "", "php-fpm, behind the request: is read")
    tap.ok(after["total"]["live"] < made["size"] // 4, "php-fpm, behind the request: little is live",
           after["total"])


if __name__ == "__main__":
    live.run(test_small, test_large, test_huge, test_cached, test_report, test_behind_library,
             test_malloc, test_churn, test_fpm)
