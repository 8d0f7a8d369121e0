// SPDX-License-Identifier: GPL-2.0-or-later
// A Java service with live and dead objects: java Heap MIB [churn]

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

class Heap {
	private static final List<byte[]> kept = new ArrayList<>();
	private static ByteBuffer buffer;
	private static byte[] large = new byte[6 << 20];

	public static void main(String[] args) throws Exception {
		int mib = Integer.parseInt(args[0]);

		for (int n = 0; n < mib * 128; n++)
			kept.add(new byte[8 << 10]);
		for (int n = 0; n < kept.size(); n += 3)
			kept.set(n, null);
		System.gc();
		for (int n = 0; n < mib * 16; n++)
			garbage(n);

		buffer = ByteBuffer.allocateDirect(16 << 20);
		while (buffer.hasRemaining())
			buffer.put((byte)1);
		for (int n = 0; n < 4; n++) {
			Thread thread = new Thread(Heap::sleep, "worker-" + n);
			thread.setDaemon(true);
			thread.start();
		}
		Thread.sleep(500);
		System.out.println("ready " + ProcessHandle.current().pid());
		for (int n = 0; args.length > 1; n++)
			kept.set(n % kept.size(), garbage(n));
		sleep();
	}

	private static byte[] garbage(int n) {
		return new byte[100 + n % (16 << 10)];
	}

	private static void sleep() {
		try {
			Thread.sleep(Long.MAX_VALUE);
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}
}
