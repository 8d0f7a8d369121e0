<?php
// SPDX-License-Identifier: GPL-2.0-or-later
// PHP whose memory is known: target_php.php CASE, which prints what PHP says of it, and waits.

ini_set('memory_limit', -1);

function rows(int $n): array {
	$rows = [];
	for ($i = 0; $i < $n; $i++)
		$rows[] = ['id' => $i, 'name' => "row $i", 'data' => str_repeat('x', $i % 300)];
	return $rows;
}

switch ($argv[1]) {
case 'small': // a third of it is free again
	$kept = rows(90000);
	for ($i = 0; $i < 90000; $i += 3)
		unset($kept[$i]);
	break;
case 'few':
	$kept = rows(2000);
	for ($i = 0; $i < 2000; $i += 3)
		unset($kept[$i]);
	$kept[] = str_repeat('z', 3000000);
	break;
case 'large': // of whole pages, every other one free again
	for ($i = 0; $i < 1000; $i++)
		$kept[] = str_repeat('y', 4000 + 50 * $i);
	for ($i = 0; $i < 1000; $i += 2)
		unset($kept[$i]);
	break;
case 'huge':
	for ($i = 1; $i < 8; $i++)
		$kept[] = str_repeat('z', $i * 3000000);
	unset($kept[3]);
	break;
case 'cached': // a chunk that comes and goes is kept after a while
	for ($round = 0; $round < 12; $round++)
		str_repeat('y', 1900000);
	break;
case 'churn':
	echo 'ready ', getmypid(), "\n";
	for ($kept = [];;) {
		$kept[mt_rand(0, 200)] = rows(mt_rand(0, 400));
		$kept[mt_rand(0, 200)] = str_repeat('z', mt_rand(0, 5000000));
	}
}

if (isset($argv[2]))
	$library = FFI::cdef('', $argv[2]);

// The first output takes memory that stays; numbers alone take none that is not given back.
echo "\n";
$size = memory_get_usage();
$real = memory_get_usage(true);
$peak = memory_get_peak_usage();
$real_peak = memory_get_peak_usage(true);
echo '{"size":', $size, ',"real":', $real, ',"peak":', $peak, ',"real_peak":', $real_peak, "}\n";
echo 'ready ', getmypid(), "\n";
while (true)
	sleep(3600);
