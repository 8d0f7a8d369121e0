// SPDX-License-Identifier: GPL-2.0-or-later

// The heap of Go beside that of C.
package main

/*
#include <stdlib.h>
#include <string.h>

static void *grab(size_t n)
{
	void *p = malloc(n);

	return p ? memset(p, 1, n) : p;
}
*/
import "C"

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"
)

var (
	kept  [][]byte
	line  = make([]byte, 0, 4096)
	stats runtime.MemStats
)

func number(name string, value uint64) {
	line = append(line, ',', '"')
	line = append(line, name...)
	line = append(line, '"', ':')
	line = strconv.AppendUint(line, value, 10)
}

func main() {
	for i := 0; i < 10000; i++ {
		b := make([]byte, 6000)
		for k := range b {
			b[k] = 1
		}
		kept = append(kept, b)
		C.grab(C.size_t(i % 4000))
	}
	C.grab(C.size_t(20 << 20))
	debug.SetGCPercent(-1)
	runtime.GC()
	runtime.GC()
	time.Sleep(500 * time.Millisecond)

	runtime.ReadMemStats(&stats)
	line = append(line, "{\"pid\":"...)
	line = strconv.AppendUint(line, uint64(os.Getpid()), 10)
	runtime.ReadMemStats(&stats)
	number("inuse", stats.HeapInuse)
	number("alloc", stats.HeapAlloc)
	number("idle", stats.HeapIdle)
	number("released", stats.HeapReleased)
	number("stack", stats.StackInuse)
	number("objects", stats.HeapObjects)
	number("own", stats.MSpanSys+stats.MCacheSys+stats.BuckHashSys+stats.GCSys+stats.OtherSys)
	number("goroutines", uint64(runtime.NumGoroutine()))
	line = append(line, "}\nready "...)
	line = strconv.AppendUint(line, uint64(os.Getpid()), 10)
	line = append(line, '\n')
	syscall.Write(1, line)
	time.Sleep(time.Hour)
	os.Exit(len(kept))
}
