# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests on real processes share: targets, runs of memspect, TAP lines.

A test is a function that takes a Tap, and a file of them ends in run(test, ...). A test that lacks
something it needs raises Skip with the reason. The environment is that of `make check-live`; by
hand, MEMSPECT is enough.
"""

import atexit
import contextlib
import json
import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
TARGETS = os.path.join(HERE, "targets")
SAMPLES = os.path.join(os.path.dirname(HERE), "samples")
PYTHON = "/usr/bin/python3"  # the distribution's, which has its numpy
MEMSPECT = os.environ.get("MEMSPECT", "memspect")
# Whatever is waited for has this long: a machine may be busy.
PATIENCE_SECONDS = 180
POLL_SECONDS = 0.005
REST_POLLS = 40
TRIES = 4
# No process has it: more than the largest that a kernel may give.
MISSING_PID = 2000000000

# How a file of tests is run again for one test, and where it finds compiled programs.
ONLY_OPTION = "--only="
ONLY = next((word[len(ONLY_OPTION):] for word in sys.argv[1:] if word.startswith(ONLY_OPTION)), None)
SCRATCH_VARIABLE = "MEMSPECT_LIVE_SCRATCH"


class Skip(Exception):
    """The test cannot run here; has the reason."""


class Tap:
    """Prints TAP lines."""

    def __init__(self):
        self.tests = self.failed = 0

    def ok(self, good, name, detail=""):
        self.tests += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.tests} - {name}")
        if not good:
            self.note(detail)
        return good

    def equal(self, got, want, name):
        return self.ok(got == want, name, f"got {got!r}, want {want!r}")

    def near(self, got, want, within, name):
        good = got is not None and abs(got - want) <= within
        return self.ok(good, name, f"got {got!r}, want {want!r}, within {within}")

    def skip(self, name, reason):
        self.tests += 1
        print(f"ok {self.tests} - {name} # SKIP {reason}")

    def note(self, text):
        for line in str(text).splitlines():
            print("#", line)

    def relay(self, output):
        """Adds the results of another run; a run without a plan has failed."""
        for line in output.splitlines():
            result = re.fullmatch(r"(not )?ok \d+ - (.*?)(?: # SKIP (.*))?", line)
            if line.startswith("#"):
                print(line)
            elif not result:
                self.note(line)
            elif result[3]:
                self.skip(result[2], result[3])
            else:
                self.ok(not result[1], result[2])
        if not re.search(r"^1\.\.\d+$", output, re.M):
            self.ok(False, "it ran to its end")

    def finish(self):
        print(f"1..{self.tests}", flush=True)
        sys.exit(self.failed > 0)


def alone(test):
    """Runs the test in a PID namespace of its own, in which processes of the host are not
    visible."""
    def run_alone(tap):
        if ONLY == test.__name__:
            test(tap)
            return
        rights = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        done = subprocess.run([need("unshare"), *rights, "--pid", "--fork", "--kill-child",
                               "--mount-proc", sys.executable, os.path.abspath(sys.argv[0]),
                               ONLY_OPTION + test.__name__], text=True, check=False,
                              env={**os.environ, SCRATCH_VARIABLE: scratch()},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        if "1.." not in done.stdout and done.stderr.startswith("unshare: "):
            raise Skip(f"no PID namespace: {done.stderr.strip()}")
        tap.relay(done.stdout + done.stderr)
    run_alone.__name__ = test.__name__
    return run_alone


def run(*tests):
    """Runs test functions, each named by its subject, and exits."""
    tap = Tap()
    for test in tests:
        if ONLY not in (None, test.__name__):
            continue
        name = test.__name__.removeprefix("test_").replace("_", " ")
        started = time.monotonic()
        try:
            test(tap)
        except Skip as reason:
            tap.skip(name, reason)
        except Exception:
            tap.ok(False, name, traceback.format_exc())
        tap.note(f"{name}: took {time.monotonic() - started:.1f} s")
        sys.stdout.flush()
    tap.finish()


def need(*programs):
    """Skips unless these programs are installed; returns the path of the first."""
    for program in programs:
        if not shutil.which(program):
            raise Skip(f"{program} is not installed")
    return shutil.which(programs[0])


def need_root():
    if os.geteuid() != 0:
        raise Skip("needs root")


def need_kernel_thread():
    """Skips unless process 2 is a kernel thread; returns its PID."""
    with contextlib.suppress(OSError), open("/proc/2/comm", encoding="ascii") as file:
        if file.read() == "kthreadd\n":
            return 2
    raise Skip("no kernel threads can be seen")


def becomes(condition, seconds=PATIENCE_SECONDS):
    """Returns the result of condition() once it is true, or after the time limit."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(POLL_SECONDS)
    return value


def wait_until(condition, what, seconds=PATIENCE_SECONDS):
    """Returns the result of condition() once it is true; an error names the condition that never
    was."""
    value = becomes(condition, seconds)
    if not value:
        raise TimeoutError(f"{what}: not within {seconds} s")
    return value


def comm(pid):
    with open(f"/proc/{pid}/comm", encoding="latin-1") as file:
        return file.read().rstrip("\n")


def stat_fields(directory):
    """The fields of /proc/PID/stat or of a thread's stat, from the third on, which is the state."""
    with open(f"{directory}/stat", encoding="latin-1") as file:
        return file.read().rpartition(")")[2].split()


def activity(pid):
    """{thread: its state and how often it was switched to or from} of a process."""
    found = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError), \
                open(f"/proc/{pid}/task/{task}/status", encoding="latin-1") as file:
            found[task] = re.findall(r"^(?:State|.*ctxt_switches):\t(\w+)", file.read(), re.M)
    return found


def states(pid):
    """The states of the threads of a process, each once."""
    return {state for state, *_ in activity(pid).values()}


def stop_and_wait(pid):
    """Stops every thread of a process."""
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: states(pid) <= {"T", "Z"}, f"process {pid} is stopped")


def processor_ticks(pid):
    return sum(map(int, stat_fields(f"/proc/{pid}")[11:13]))


def wait_for_work(pid, seconds):
    """Waits until a process has used this much more processor time."""
    want = processor_ticks(pid) + seconds * os.sysconf("SC_CLK_TCK")
    wait_until(lambda: processor_ticks(pid) >= want, f"process {pid} works")


def wait_for_rest(pid):
    """Waits until all threads of a process sleep and have not run during many checks."""
    seen = []

    def rests():
        seen.append(activity(pid))
        return seen[-REST_POLLS:] == seen[-1:] * REST_POLLS and \
            all(state in "SZ" for state, *_ in seen[-1].values())
    wait_until(rests, f"process {pid} is at rest")


def before_and_after(make, measure, act):
    """What measure(pid) says before and after act(target). The kernel may change a process at any
    time: where they differ a new target is tried, and what act() does shows each time."""
    for _ in range(TRIES):
        with make() as target:
            wait_for_rest(target.pid)
            before = measure(target.pid)
            act(target)
            after = measure(target.pid)
        if before == after:
            break
    return before, after


_scratch = None


def scratch():
    """A directory for the whole run, open to other users, removed at exit."""
    global _scratch
    if not _scratch:
        _scratch = os.environ.get(SCRATCH_VARIABLE)
    if not _scratch:
        # Not /tmp, which may be tmpfs: files there are not shared memory.
        _scratch = tempfile.mkdtemp(prefix="memspect-live-", dir="/var/tmp")
        os.chmod(_scratch, 0o755)
        atexit.register(shutil.rmtree, _scratch, ignore_errors=True)
    return _scratch


def build(argv, path, **popen):
    """Runs a compiler unless its output exists; skips if it cannot. Returns the path."""
    if not os.path.exists(path):
        need(argv[0])
        done = subprocess.run(argv, capture_output=True, text=True, **popen)
        if done.returncode:
            raise Skip(f"{argv[0]} failed: {done.stderr.strip().splitlines()[-1:]}")
    return path


def compile_c(name, *flags, directory=None):
    """tests/targets/NAME.c as a program, or with -shared as a library."""
    if "-shared" in flags:
        flags = (*flags, "-fPIC")
    path = os.path.join(directory or scratch(), "".join([name, *flags]))
    compiler = shlex.split(os.environ.get("CC", "cc"))
    return build([*compiler, "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-g", "-pthread", *flags,
                  "-o", path, os.path.join(TARGETS, f"{name}.c")], path)


def compile_go(name, directory=None):
    directory = directory or scratch()
    path = os.path.join(directory, name)
    env = dict(os.environ, CGO_ENABLED="0", GO111MODULE="off", GOFLAGS="", GOTOOLCHAIN="local",
               GOCACHE=os.path.join(directory, "go-cache"))
    source = os.path.join(TARGETS, f"{name}.go")
    return build(["go", "build", "-trimpath", "-o", path, source], path, env=env)


def compile_java(name, class_name, directory=None):
    """Returns the class path."""
    directory = directory or scratch()
    source = os.path.join(TARGETS, f"{name}.java")
    build(["javac", "-d", directory, source], os.path.join(directory, f"{class_name}.class"))
    return directory


class Target:
    """A process that prints lines, then "ready PID", and ends on SIGTERM; for use in `with`.

    .pid is that PID, .lines what came before, .made the lines that are JSON.
    """

    def __init__(self, argv, env=None, **popen):
        self.argv = argv
        self.env = {**os.environ, "TMPDIR": scratch(), "LC_ALL": "C.UTF-8",
                    "PYTHONDONTWRITEBYTECODE": "1", **(env or {})}
        self.popen = popen
        self.process = None
        self.pid = None
        self.lines = []

    def __enter__(self):
        need(self.argv[0])
        options = {"stdin": subprocess.PIPE, "cwd": "/", **self.popen}
        self.process = subprocess.Popen(self.argv, stdout=subprocess.PIPE, env=self.env, **options)
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def _wait_until_ready(self):
        deadline = time.monotonic() + PATIENCE_SECONDS
        output = b""
        while self.pid is None:
            left = deadline - time.monotonic()
            if not select.select([self.process.stdout], [], [], max(left, 0))[0]:
                raise TimeoutError(f"{self.argv[0]} is not ready after {PATIENCE_SECONDS} s")
            chunk = os.read(self.process.stdout.fileno(), 65536)
            if not chunk:
                status = self.process.wait()
                raise RuntimeError(f"{self.argv[0]} ended with {status} before it was ready")
            *lines, output = (output + chunk).split(b"\n")
            for line in lines:
                if line.startswith(b"ready "):
                    self.pid = int(line.split()[1])
                else:
                    self.lines.append(line.decode())

    @property
    def made(self):
        return [json.loads(line) for line in self.lines if line.startswith("{")]

    def send(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


def regions_target(language, out=None):
    """tests/targets/regions_LANGUAGE; with out it maps the regions of target_regions.c and writes
    there where they are (see regions_read)."""
    source = os.path.join(TARGETS, f"regions_{language}.{language}")
    if language == "go":
        argv = [compile_go("regions_go")]
    elif language == "java":
        argv = [need("java"), "-Xmx256m", "-cp", compile_java("regions_java", "Regions"), "Regions"]
    else:
        program = {"py": PYTHON, "js": "node", "rb": "ruby", "php": "php"}[language]
        argv = [need(program), source]
    if out and language != "go":
        argv.append(compile_c("target_regions", "-shared"))
    return Target(argv, env={"TARGET_REGIONS_OUT": out} if out else None)


def regions_read(out):
    """{name: (start, end)} from the file of target_regions.c."""
    with open(out, encoding="ascii") as file:
        rows = [line.split() for line in file]
    return {name: (int(start, 16), int(end, 16)) for name, start, end in rows}


def memspect(*args, env=None, **popen):
    """Returns (exit status, stdout, stderr), both as bytes."""
    popen = {"stdin": subprocess.DEVNULL, "timeout": PATIENCE_SECONDS, **popen}
    done = subprocess.run([MEMSPECT, *map(str, args)], capture_output=True,
                          env={**os.environ, **(env or {})}, **popen)
    return done.returncode, done.stdout, done.stderr


def report(*args, status=0, **popen):
    """The JSON report of a run that must end with this status."""
    got, out, err = memspect("-j", *args, **popen)
    if got != status:
        raise RuntimeError(f"memspect ended with {got}, want {status}: {err!r}")
    return json.loads(out)
