# SPDX-License-Identifier: GPL-2.0-or-later
# Ruby whose objects are known: target_ruby.rb CASE. For every line that it reads it prints what it
# says of its heap, the same way each time, so that one can ask before and after.

require 'json'

Point = Struct.new(:a, :b, :c, :d, :e)

class Thing
  def initialize(n)
    @a = @b = @c = n
    @name = "thing #{n}"
  end
end

kept = []
case ARGV[0]
when 'strings' # a third of them free again
  120_000.times { |i| kept << "#{'x' * (i % 200)}#{i}" }
  0.step(119_999, 3) { |i| kept[i] = nil }
when 'mixed'
  30_000.times do |i|
    kept << { id: i, name: "row #{i}" } << [i, i.to_s] * 4 << Thing.new(i) << Point.new(*1..5)
    kept << (i + 0.5).to_s.to_sym if i < 1000
    kept << 3**(200 + i % 50) << /#{i}/ if i < 1000
    kept << (0..20).to_h { |k| [k, i] } if i < 5000
  end
when 'churn'
  Thread.new { loop { kept[rand(200)] = Array.new(500) { |i| "row #{i}" } } }
end
GC.start

def tell
  GC.disable
  counts = ObjectSpace.count_objects
  puts JSON.generate(counts)
  GC.enable
end

$stdout.sync = true
puts "ready #{$PID || Process.pid}"
tell while $stdin.gets
