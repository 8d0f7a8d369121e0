<?php
// SPDX-License-Identifier: GPL-2.0-or-later
// PHP with a heap of its own: regions_php.php [LIBRARY], which is loaded last.

$heap = [];
for ($n = 0; $n < 100000; $n++)
	$heap[] = ['n' => $n, 'name' => "object $n"];

// More than a chunk of the allocator: a mapping of its own.
$buffer = str_repeat('x', 16 << 20);

if ($argc > 1)
	$library = FFI::cdef('', $argv[1]);

echo 'ready ', getmypid(), "\n";
while (true)
	sleep(3600);
