# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers with something to do, as context managers: each yields the PIDs of its processes.

They run as their own users, which takes root, and keep their files in a directory below the given
one. Raises live.Skip where the server is not installed.
"""

import contextlib
import ctypes
import glob
import os
import pathlib
import shutil
import socket
import subprocess

import live

MNT_FORCE, MNT_DETACH = 1, 2  # umount2(2)
QUIET = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)


def owned_directory(parent, user):
    live.need_root()
    path = os.path.join(parent, user)
    os.mkdir(path)
    try:
        shutil.chown(path, user, user)
    except LookupError:
        raise live.Skip(f"there is no user {user}")
    return path


@contextlib.contextmanager
def server(argv, check, **popen):
    """A server, once the command `check` succeeds."""
    process = subprocess.Popen(argv, cwd="/", **QUIET, **popen)
    try:
        live.wait_until(lambda: subprocess.run(check, **QUIET).returncode == 0,
                        f"{argv[0]} answers")
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def connect(path):
    """A connection to a unix socket, once somebody listens there."""
    client = socket.socket(socket.AF_UNIX)
    try:
        client.settimeout(live.PATIENCE_SECONDS)

        def connected():
            with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
                client.connect(path)
                return True
        live.wait_until(connected, f"{path} is connected to")
    except BaseException:
        client.close()
        raise
    return client


@contextlib.contextmanager
def hung_directory():
    """A file system that never answers: whoever opens a file of it waits until this ends."""
    path = os.path.join(live.scratch(), "hung")
    os.makedirs(path, exist_ok=True)
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        device = os.open("/dev/fuse", os.O_RDWR)
    except OSError as error:
        raise live.Skip(f"/dev/fuse: {error.strerror}") from error
    try:
        options = f"fd={device},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}"
        if libc.mount(b"hung", path.encode(), b"fuse", 0, options.encode()):
            raise live.Skip(f"mount: {os.strerror(ctypes.get_errno())}")
        try:
            yield path
        finally:
            libc.umount2(path.encode(), MNT_FORCE | MNT_DETACH)
    finally:
        os.close(device)


def children(pid):
    done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return [int(word) for word in done.stdout.split()]


@contextlib.contextmanager
def zombie():
    """A process that has ended and that its parent does not wait for, as a shell may at any time."""
    program = ("import os, time; os.fork() or os._exit(0); print('ready', os.getpid(), flush=True); "
               "time.sleep(1000)")
    with live.Target([live.PYTHON, "-c", program], stdin=subprocess.DEVNULL) as parent:
        pid, = live.wait_until(lambda: children(parent.pid), "there is a child")
        live.wait_until(lambda: live.states(pid) == {"Z"}, "the child has ended")
        yield [pid]


@contextlib.contextmanager
def postgres(parent, target=live.Target):
    """A backend that has read a table, and the first process of the cluster."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    if not found:
        raise live.Skip("postgres is not installed")
    data = owned_directory(parent, "postgres")
    subprocess.run([f"{found[-1]}/initdb", "-D", data, "-A", "trust", "--no-sync", "--locale=C"],
                   check=True, user="postgres", cwd="/", stdout=subprocess.DEVNULL)
    with server([f"{found[-1]}/postgres", "-D", data, "-k", data, "-c", "listen_addresses="],
                [f"{found[-1]}/pg_isready", "-h", data], user="postgres") as first:
        queries = ("CREATE TABLE t AS SELECT n, repeat('x', 200) FROM generate_series(1, 50000) n",
                   "SELECT count(*) FROM t", "SELECT 'ready ' || pg_backend_pid()")
        with target([f"{found[-1]}/psql", "-Atq", "-h", data, "-U", "postgres",
                     *(word for query in queries for word in ("-c", query)), "-f", "-"]) as client:
            yield [client.pid, first]


@contextlib.contextmanager
def redis(parent):
    program = live.need("redis-server", "redis-cli")
    path = f"{owned_directory(parent, 'redis')}/socket"
    client = ["redis-cli", "-s", path]
    with server([program, "--port", "0", "--unixsocket", path, "--save", ""],
                [*client, "ping"], user="redis") as pid:
        fill = "for n = 1, 20000 do redis.call('set', 'key:' .. n, string.rep('x', 100)) end"
        subprocess.run([*client, "eval", fill, "0"], check=True, stdout=subprocess.DEVNULL)
        yield [pid]


@contextlib.contextmanager
def nginx(parent):
    """A worker that has served a request, and its master."""
    program = live.need("nginx")
    directory = owned_directory(parent, "www-data")
    config = pathlib.Path(directory, "nginx.conf")
    config.write_text(f"daemon off; worker_processes 1; user www-data; pid {directory}/pid;\n"
                      f"error_log {directory}/error.log;\nevents {{}}\n"
                      "http {\n\taccess_log off;\n\tserver {\n"
                      f"\t\tlisten unix:{directory}/socket;\n\t\treturn 200 'ok';\n\t}}\n}}\n")
    with server([program, "-e", f"{directory}/error.log", "-c", str(config)],
                ["test", "-S", f"{directory}/socket"]) as master:
        with connect(f"{directory}/socket") as client:
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            client.recv(4096)
        yield [*children(master), master]
