#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A service to inspect: about 160 MB, of every kind that a program without rights can have.

Run it, then `memspect PID` with the PID that it prints. Each part below says what kind of memory it
is, and where that shows. It runs until SIGTERM or Ctrl-C, and leaves nothing behind.
"""

import ctypes
import mmap
import os
import signal
import socket
import sqlite3
import tempfile
import threading

import numpy

MB = 1 << 20
PRIVATE = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS


def python_objects():
    """Small objects. Python's own allocator takes anonymous memory for them, 1 MB at a time."""
    return [{"id": n, "name": f"customer {n}", "balance": n / 7} for n in range(60_000)]


def c_heap():
    """Blocks that are too large for Python's allocator come from malloc: the heap. So do those that
    a C extension takes, here a database in memory."""
    blocks = [bytes(4000) for _ in range(2000)]
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, body TEXT)")
    database.executemany("INSERT INTO events (body) VALUES (?)",
                         ((f"event {n} ".ljust(200),) for n in range(20_000)))
    return blocks, database


def numpy_arrays():
    """Large blocks: malloc gives each a mapping of its own. The kernel cannot say whose it is."""
    prices = numpy.linspace(0, 1, 4 * MB)
    counts = numpy.ones(8 * MB, dtype=numpy.uint8)
    # Never written to: address space, but no memory.
    reserved = numpy.zeros(64 * MB, dtype=numpy.uint8)
    return prices, counts, reserved


def mapped_file():
    """A file of 16 MB, read through a mapping: page cache that counts as resident, and that the
    kernel can drop. A page that is written to becomes a private copy."""
    file = tempfile.NamedTemporaryFile(prefix="demo-index-", dir="/var/tmp")
    file.write(os.urandom(16 * MB))
    file.flush()
    index = mmap.mmap(file.fileno(), 16 * MB, flags=mmap.MAP_PRIVATE)
    sum(index[::4096])
    for offset in range(0, 2 * MB, 4096):
        index[offset] = 0
    return file, index


def shared_memory():
    """Memory that a child would share, and a memory file, which another process could be given."""
    counters = mmap.mmap(-1, 6 * MB)
    counters.write(b"\1" * len(counters))
    descriptor = os.memfd_create("demo-cache")
    os.truncate(descriptor, 4 * MB)
    cache = mmap.mmap(descriptor, 4 * MB)
    cache.write(b"\1" * len(cache))
    return counters, cache


def memory_behind_descriptors():
    """Held, but in no mapping, so that no number of the process shows it: a memory file, and bytes
    in a socket and in a pipe that nobody has read."""
    spool = os.memfd_create("demo-spool")
    os.write(spool, bytes(6 * MB))
    sockets = socket.socketpair()
    pipe = os.pipe()
    for descriptor in (sockets[0].fileno(), pipe[1]):
        os.set_blocking(descriptor, False)
        try:
            while True:
                os.write(descriptor, bytes(4096))
        except BlockingIOError:
            pass
    return spool, sockets, pipe


def given_back():
    """Told to the kernel to be free (as allocators do): resident until the kernel needs it."""
    memory = mmap.mmap(-1, 8 * MB, flags=PRIVATE)
    memory.write(b"\1" * len(memory))
    if hasattr(mmap, "MADV_FREE"):
        memory.madvise(mmap.MADV_FREE)
    return memory


def generated_code():
    """Executable memory, as a compiler at run time makes it."""
    code = mmap.mmap(-1, MB, flags=PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xc3" * len(code))
    return code


def locked():
    """Memory that must not be swapped; how much of it one may have is limited."""
    memory = mmap.mmap(-1, MB, flags=PRIVATE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    ctypes.CDLL(None).mlock(ctypes.c_void_p(address), ctypes.c_size_t(MB))
    return memory


def worker(started, end):
    """A thread: its stack, and an arena of its own that malloc keeps for it."""
    # sum() calls back into Python through C, so each level takes some of the stack.
    def nest(depth):
        return sum(map(nest, (depth - 1,))) if depth else 0

    nest(300)
    samples = [numpy.full(4000, n, dtype=numpy.float64) for n in range(100)]
    started.wait()
    end.wait()
    del samples


def start_workers(count, end):
    started = threading.Barrier(count + 1)
    for n in range(count):
        threading.Thread(target=worker, args=(started, end), name=f"worker-{n}").start()
    started.wait()


def main():
    # Blocked before there are threads, so that all of them leave these to sigwait().
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    end = threading.Event()
    start_workers(4, end)
    try:
        held = [part() for part in (python_objects, c_heap, numpy_arrays, mapped_file,
                                    shared_memory, memory_behind_descriptors, given_back,
                                    generated_code, locked)]
        print("ready", os.getpid(), flush=True)
        signal.sigwait(ends)
        del held
    finally:
        end.set()


if __name__ == "__main__":
    main()
