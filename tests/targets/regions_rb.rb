# SPDX-License-Identifier: GPL-2.0-or-later
# Ruby with a heap of its own: regions_rb.rb [LIBRARY], which is loaded last.

require "fiddle"

heap = (0...100_000).map { |n| { n => "object #{n}", list: [n, n + 1] } }
buffer = "x" * (8 << 20)
2.times { Thread.new { sleep } }
fiber = Fiber.new { Fiber.yield }
fiber.resume

library = Fiddle.dlopen(ARGV[0]) if ARGV[0]

puts "ready #{Process.pid}"
$stdout.flush
sleep
[heap, buffer, fiber, library]
