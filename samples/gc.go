// SPDX-License-Identifier: GPL-2.0-or-later

// Looks like a leak: Go with a steady live set of 16 MB, of which it replaces the oldest part all
// the time. The collector lets the heap double before it runs.
// gc [MB_PER_SECOND [SECONDS]]: 20 and 60 unless given.
//
// memspect: sawtooth, warming up or stable; never growing.
//
//	go build gc.go && ./gc 20 60
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

const (
	mb   = 1 << 20
	live = 16 * mb
	unit = 8 << 10
	tick = 20 * time.Millisecond
)

// What the service works with.
var held = make([][]byte, live/unit)

func argument(i int, otherwise float64) float64 {
	if len(os.Args) <= i {
		return otherwise
	}
	number, err := strconv.ParseFloat(os.Args[i], 64)
	if err != nil {
		fmt.Fprintln(os.Stderr, "usage: gc [MB_PER_SECOND [SECONDS]]")
		os.Exit(2)
	}
	return number
}

func block(value int) []byte {
	bytes := make([]byte, unit)
	for i := range bytes {
		bytes[i] = byte(value)
	}
	return bytes
}

func main() {
	rate, seconds := argument(1, 20)*mb, argument(2, 60)
	for i := range held {
		held[i] = block(i)
	}
	fmt.Println("ready", os.Getpid())

	start := time.Now()
	done, told, passed := 0, 0.0, 0.0
	for passed < seconds {
		for ; float64(done)*unit < rate*passed; done++ {
			held[done%len(held)] = block(done)
		}
		if passed-told >= 1 {
			fmt.Printf("%.2f s: %d bytes\n", passed, len(held)*unit)
			told = passed
		}
		time.Sleep(tick)
		passed = time.Since(start).Seconds()
	}
}
