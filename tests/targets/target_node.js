// SPDX-License-Identifier: GPL-2.0-or-later
// Node whose heaps are known: target_node.js CASE. It prints what V8 says of them on every line that
// it reads, so that one can ask before and after.

'use strict';
const v8 = require('v8');
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');

function rows(n) {
	const made = [];
	for (let i = 0; i < n; i++)
		made.push({ id: i, name: 'row ' + i, data: [i, i + 0.5], text: 'x'.repeat(i % 50) + i });
	return made;
}

const kept = [];
let missing = 1; // of threads that are not ready

function readyWhenAllAre() {
	if (missing === 0)
		console.log('ready ' + process.pid);
}

const cases = {
	few() {
		kept.push(rows(2000), new Array(40000).fill(1));
		global.gc();
	},
	small() {
		kept.push(rows(150000));
		for (let i = 0; i < 150000; i += 3)
			kept[0][i] = null;
		global.gc();
	},
	large() {
		for (let i = 0; i < 20; i++)
			kept.push(new Array(300000).fill(i));
		kept.push(rows(10000));
		global.gc();
	},
	buffers() {
		for (let i = 0; i < 40; i++)
			kept.push(Buffer.alloc(1 << 20, 1));
		for (let i = 0; i < 5000; i++)
			kept.push(Buffer.allocUnsafeSlow(2000).fill(2));
		global.gc();
	},
	workers() {
		kept.push(rows(20000));
		for (const n of [30000, 60000]) {
			const worker = new Worker(__filename, { workerData: n, argv: ['worker'] });

			missing++;
			worker.on('message', () => { missing--; readyWhenAllAre(); });
		}
	},
	worker() {
		kept.push(rows(workerData));
		global.gc();
		parentPort.postMessage('ready');
	},
	churn() {
		setInterval(() => { kept[Math.floor(Math.random() * 50)] = rows(2000); }, 0);
	},
};

function tell() {
	const memory = process.memoryUsage(), spaces = v8.getHeapSpaceStatistics();
	console.log(JSON.stringify({ memory, spaces }));
}

cases[isMainThread ? process.argv[2] : 'worker']();
if (isMainThread) {
	process.stdin.on('data', tell);
	setTimeout(() => { missing--; readyWhenAllAre(); }, 50);
}
setInterval(() => {}, 1e6);
