// SPDX-License-Identifier: GPL-2.0-or-later
// Java with a heap of its own: java Regions [LIBRARY], which is loaded last.

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

class Regions {
	public static void main(String[] args) {
		Map<Integer, String> heap = new HashMap<>();
		for (int n = 0; n < 200_000; n++)
			heap.put(n, "object " + n);

		// Memory outside the Java heap.
		ByteBuffer buffer = ByteBuffer.allocateDirect(8 << 20);
		while (buffer.hasRemaining())
			buffer.put((byte)0x5a);

		for (int n = 0; n < 2; n++) {
			Thread thread = new Thread(Regions::sleep, "worker-" + n);
			thread.setDaemon(true);
			thread.start();
		}

		if (args.length > 0)
			System.load(args[0]);

		System.out.println("ready " + ProcessHandle.current().pid());
		sleep();
		System.out.println(heap.size() + buffer.capacity());
	}

	private static void sleep() {
		try {
			Thread.sleep(Long.MAX_VALUE);
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}
}
