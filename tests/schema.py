#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Real output against the JSON Schema: every capture, inspected and listed."""

import json
import os
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("1..0 # SKIP no jsonschema module (Debian: apt install python3-jsonschema)")
    sys.exit(0)

SRCDIR = os.environ.get("srcdir", ".")
MEMSPECT = os.environ.get("MEMSPECT", "./memspect")
WRITE_SNAPSHOT = os.path.join(os.environ.get("builddir", "."), "tests", "write_snapshot")
CAPTURES = os.path.abspath(os.path.join(SRCDIR, "tests", "captures"))

count = 0


def check(name, wrong):
    global count
    count += 1
    print("%s %d - schema: %s" % ("not ok" if wrong else "ok", count, name))
    for line in wrong[:20]:
        print("# " + line)


def open_objects(node, path="#"):
    """Where an object may have fields that the schema does not name, or lack some that it does."""
    if isinstance(node, dict):
        fields = node.get("properties")
        if fields is not None and node.get("type") == "object":
            if node.get("additionalProperties") is not False:
                yield path + ": is not closed"
            if set(node.get("required", ())) != set(fields):
                yield path + ": does not require every field"
        for key, value in node.items():
            yield from open_objects(value, path + "/" + key)
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from open_objects(value, "%s/%d" % (path, i))


def reference_errors(schema):
    """Definitions that are unused or missing."""
    text = json.dumps(schema)
    defined = {"#/$defs/" + name for name in schema["$defs"]}
    used = {part.split('"')[0] for part in text.split('"$ref": "')[1:]}
    return sorted("%s: unused" % name for name in defined - used) + \
        sorted("%s: not defined" % name for name in used - defined)


def report_of(*options):
    run = subprocess.run([MEMSPECT, "-j", *options], capture_output=True, check=False)
    return json.loads(run.stdout)


def complaints(validator, report):
    errors = sorted(validator.iter_errors(report), key=lambda error: list(map(str, error.path)))
    return ["%s: %s" % ("/".join(map(str, error.path)), error.message[:200]) for error in errors]


def examine(validator, name, *options):
    try:
        check(name, complaints(validator, report_of(*options)))
    except ValueError as error:
        check(name, [str(error)])


def examine_capture(validator, name):
    case = os.path.join(CAPTURES, name)
    root = "--proc-root=" + os.path.join(case, "proc")
    with open(os.path.join(case, "pid"), encoding="ascii") as f:
        pid = f.read().strip()
    examine(validator, name, root, pid)
    examine(validator, name + ", mappings", root, "-r", "--would-fit=1G", pid)
    examine(validator, name + ", listed", root)
    examine(validator, name + ", without arguments", root, "--list", "--no-cmdline", pid)
    with tempfile.TemporaryDirectory() as twice:
        os.symlink(os.path.join(case, "sys"), os.path.join(twice, "sys"))
        os.mkdir(os.path.join(twice, "proc"))
        for entry in os.listdir(os.path.join(case, "proc")):
            os.symlink(os.path.join(case, "proc", entry), os.path.join(twice, "proc", entry))
        os.symlink(os.path.join(case, "proc", pid), os.path.join(twice, "proc", "4194304"))
        examine(validator, name + ", twice as a group", "--proc-root=" + twice + "/proc", pid,
                "4194304")


def refusals(validator, report, part):
    """Errors in this part of the report that the schema would accept."""
    for key in list(part):
        kept = part.pop(key)
        if validator.is_valid(report):
            yield "without " + key
        part[key] = kept
        part["x_" + key] = kept
        if validator.is_valid(report):
            yield "with x_" + key
        del part["x_" + key]


def snapshot_of(name, directory):
    """The path of a snapshot file of a capture."""
    case = os.path.join(CAPTURES, name)
    path = os.path.join(directory, name + ".yaml")
    with open(os.path.join(case, "pid"), encoding="ascii") as f:
        pid = f.read().strip()
    with open(path, "wb") as f:
        subprocess.run([WRITE_SNAPSHOT, "here", os.path.join(case, "proc"), pid], stdout=f,
                       check=True)
    return path


def examine_diffs(validator):
    """Each capture against the one after it, and against itself."""
    names = sorted(os.listdir(CAPTURES))
    with tempfile.TemporaryDirectory() as directory:
        paths = [snapshot_of(name, directory) for name in names]
        for i, name in enumerate(names):
            examine(validator, name + ", compared", "--diff", paths[i - 1], paths[i])
            examine(validator, name + ", with itself", "-r", "--diff", paths[i], paths[i])
        report = report_of("--diff", paths[names.index("redis")], paths[names.index("shm")])
        pair, = report["pairs"]
        for part in report, pair, pair["old"], pair["totals"][0], pair["categories"][0], \
                pair["categories"][0]["owners"][0], pair["regions"][0], pair["files"][0], \
                pair["permissions"][0]:
            check("wrong fields of a comparison are refused",
                  list(refusals(validator, report, part)))


def load_schema(kind):
    """The validator of a schema that is shipped."""
    with open(os.path.join(SRCDIR, "schema", "memspect.%s-1.schema.json" % kind),
              encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    check("every object of %s is closed" % kind, list(open_objects(schema)))
    check("every definition of %s is used" % kind, reference_errors(schema))
    return jsonschema.Draft202012Validator(schema)


def prometheus(*series):
    """The answer to a range query, with one list of bytes for each series."""
    results = [{"metric": {"pod": "a\u202eb%d" % i},
                "values": [[60 * k, str(v)] for k, v in enumerate(values)]}
               for i, values in enumerate(series)]
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": results}})


def examine_judge(validator):
    """Series of several shapes, judged."""
    shapes = {
        "one sample": [4096],
        "a few": [4096, 8192, 4096],
        "a flat line": [2 ** 30] * 60,
        "a leak": [2 ** 30 + i * 2 ** 20 for i in range(60)],
        "one that falls": [2 ** 30 - i * 2 ** 20 for i in range(60)],
        "a sawtooth": [2 ** 30 + i % 10 * 2 ** 22 for i in range(80)],
        "many samples": [2 ** 30 + i * 4096 for i in range(5000)],
        "extremes": [0, 2 ** 64 - 1] * 10,
    }
    inputs = {name: prometheus(values) for name, values in shapes.items()}
    inputs["several series"] = prometheus(*shapes.values())
    inputs["lines"] = "".join("%d,%d\n" % (i, 2 ** 30 + i * 2 ** 20) for i in range(60))
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as f:
        for name, text in inputs.items():
            f.seek(0)
            f.truncate()
            f.write(text)
            f.flush()
            examine(validator, name + ", judged", "--judge=" + f.name)
            examine(validator, name + ", judged with a limit", "--judge=" + f.name, "--limit=2G")


def examine_tables(validator):
    """What the full screen exports, as its unit tests compare it."""
    screens = os.path.join(SRCDIR, "tests", "screens")
    for name in sorted(os.listdir(screens)):
        if not name.endswith("-json.txt"):
            continue
        with open(os.path.join(screens, name), encoding="utf-8") as f:
            check("exported: " + name, complaints(validator, json.load(f)))


def main():
    validator = load_schema("report")
    for name in sorted(os.listdir(CAPTURES)):
        examine_capture(validator, name)
    root = "--proc-root=" + os.path.join(CAPTURES, "redis", "proc")
    report = report_of(root, "-C", "redis")
    check("wrong fields are refused",
          list(refusals(validator, report, report["processes"][0])))
    examine_diffs(load_schema("diff"))
    examine_judge(load_schema("judge"))
    examine_tables(load_schema("table"))
    print("1..%d" % count)


if __name__ == "__main__":
    main()
