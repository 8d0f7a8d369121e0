#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Looks like a leak: Buffers of Node, which lie outside the heap of V8, pile up until the collector
 * runs. buffers.js [MB_PER_SECOND [SECONDS]]: 20 and 60 unless given.
 *
 * memspect: warming up, then stable, or sawtooth where what is freed goes back to the system.
 *
 *     node buffers.js 20 60
 */
"use strict";

const MB = 1 << 20;
const UNIT = 16 << 10; // as a socket hands them out
const TICK_MS = 20;

const rate = Number(process.argv[2] || 20) * MB;
const seconds = Number(process.argv[3] || 60);
const start = process.hrtime.bigint();
let done = 0;
let told = 0;
let last = null;

function tick() {
	const passed = Number(process.hrtime.bigint() - start) / 1e9;

	if (passed >= seconds)
		process.exit(0);
	for (; done < rate * passed; done += UNIT)
		last = Buffer.alloc(UNIT, 1); // the one before is garbage now
	if (passed - told >= 1) {
		console.log(`${passed.toFixed(2)} s: ${last.length} bytes`);
		told = passed;
	}
}

console.log(`ready ${process.pid}`);
setInterval(tick, TICK_MS);
