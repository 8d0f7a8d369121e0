// SPDX-License-Identifier: GPL-2.0-or-later

// A Go service with live and dead objects: target_heap MIB [free|drop|churn]. It says what
// runtime.ReadMemStats says of it, and allocates nothing after that.
package main

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

func make1(n int) []byte {
	b := make([]byte, 100+n%16000)
	for i := range b {
		b[i] = 1
	}
	return b
}

func wait(c chan int, n int) int {
	var buf [2000]byte

	buf[n%len(buf)] = 1
	return int(buf[<-c])
}

func number(name string, value uint64) {
	line = append(line, ',', '"')
	line = append(line, name...)
	line = append(line, '"', ':')
	line = strconv.AppendUint(line, value, 10)
}

func main() {
	mib, _ := strconv.Atoi(os.Args[1])
	how := ""
	if len(os.Args) > 2 {
		how = os.Args[2]
	}

	for i := 0; i < mib*128; i++ {
		kept = append(kept, make1(i))
	}
	for i := 0; i < len(kept); i += 3 {
		kept[i] = nil
	}
	c := make(chan int)
	for i := 0; i < 500; i++ {
		go wait(c, i)
	}
	time.Sleep(300 * time.Millisecond)
	if how == "drop" { // whole arenas
		for i := len(kept) / 10; i < len(kept); i++ {
			kept[i] = nil
		}
	}
	if how == "free" || how == "drop" {
		debug.FreeOSMemory()
	}
	if how != "churn" {
		debug.SetGCPercent(-1)
	}
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
	for i := 0; how == "churn"; i++ {
		kept[i%len(kept)] = make1(i)
	}
	time.Sleep(time.Hour)
	c <- len(kept)
}
