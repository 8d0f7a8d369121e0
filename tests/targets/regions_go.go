// SPDX-License-Identifier: GPL-2.0-or-later

// Go with a heap of its own. It maps the regions of target_regions.c by itself, since without cgo
// it cannot load a library, and writes where they are to the file named by TARGET_REGIONS_OUT.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"unsafe"
)

const (
	kib = 1 << 10
	mib = 1 << 20

	firstPlace = 0x2a0000000000
	nextPlace  = 1 << 30
	lastPlace  = firstPlace + 256*nextPlace
	guardBytes = 4 * kib

	mapFixedNoreplace = 0x100000
	rw                = syscall.PROT_READ | syscall.PROT_WRITE
)

var regions = []struct {
	name          string
	bytes, offset uintptr
	prot, flags   uintptr
	guard         uintptr
}{
	{"plain", 3 * mib, 68 * kib, rw, 0, 0},
	{"aligned_2m", 5 * mib, 2 * mib, rw, 0, 0},
	{"aligned_64m_guard", 7 * mib, 0, rw, 0, guardBytes},
	{"rwx", 4 * mib, 68 * kib, rw | syscall.PROT_EXEC, 0, 0},
	{"noreserve", 6 * mib, 68 * kib, rw, syscall.MAP_NORESERVE, 0},
}

// touch writes to every byte, past the rules of Go for pointers: the memory is none of its own.
func touch(start, bytes uintptr) {
	var memory []byte
	header := (*[3]uintptr)(unsafe.Pointer(&memory))
	header[0], header[1], header[2] = start, bytes, bytes
	for i := range memory {
		memory[i] = 0x5a
	}
}

func mapRegions(out *os.File) {
	n := 0
	for place := uintptr(firstPlace); place < lastPlace && n < len(regions); place += nextPlace {
		r := regions[n]
		start := place + r.offset
		flags := syscall.MAP_PRIVATE | syscall.MAP_ANON | mapFixedNoreplace | r.flags
		_, _, errno := syscall.Syscall6(syscall.SYS_MMAP, start, r.bytes+r.guard, r.prot, flags,
			^uintptr(0), 0)
		if errno != 0 {
			continue
		}
		if r.guard > 0 {
			syscall.Syscall(syscall.SYS_MPROTECT, start+r.bytes, r.guard, syscall.PROT_NONE)
		}
		touch(start, r.bytes)
		fmt.Fprintf(out, "%s %#x %#x\n", r.name, start, start+r.bytes)
		n++
	}
}

func main() {
	heap := map[int]string{}
	for n := 0; n < 100000; n++ {
		heap[n] = fmt.Sprint("object ", n)
	}
	buffer := make([]byte, 16*mib)
	for i := range buffer {
		buffer[i] = 0x5a
	}
	for n := 0; n < 10; n++ {
		go func() { select {} }()
	}

	if name := os.Getenv("TARGET_REGIONS_OUT"); name != "" {
		out, err := os.Create(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		mapRegions(out)
		out.Close()
	}

	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM)
	fmt.Println("ready", os.Getpid())
	<-end
	runtime.KeepAlive(heap)
	runtime.KeepAlive(buffer)
}
