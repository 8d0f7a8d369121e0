// SPDX-License-Identifier: GPL-2.0-or-later
// Node with a heap of its own: regions_js.js [LIBRARY], which is loaded last.
'use strict';

const heap = [];
for (let n = 0; n < 100000; n++)
	heap.push({ n, name: 'object ' + n, list: [n, n + 1, n + 2] });

// A Buffer is outside the JavaScript heap.
const buffer = Buffer.alloc(20 << 20, 0x5a);

// Compiled by the optimising compiler.
function hot(x) {
	return (x * 31 + 7) % 1000003;
}
let sum = 0;
for (let n = 0; n < 3000000; n++)
	sum = hot(sum + n);

if (process.argv[2]) {
	try {
		process.dlopen({ exports: {} }, process.argv[2]);
	} catch (error) {
		// It is no addon, which shows only after it was loaded.
	}
}

console.log('ready', process.pid);
setInterval(() => [heap.length, buffer.length, sum], 1 << 30);
