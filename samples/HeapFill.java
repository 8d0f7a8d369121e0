// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Looks like a leak: a Java heap that fills with garbage towards -Xmx, since the collector sees no
 * need to run before. Once it is full, it is used again and again.
 * HeapFill [MB_PER_SECOND [SECONDS]]: 20 and 60 unless given.
 *
 * memspect: growing for as long as it fills, and that is all that can be known from outside; then
 * warming up, or sawtooth, or stable.
 *
 *     javac HeapFill.java && java -XX:+UseSerialGC -Xmx64m HeapFill 20 60
 */
public final class HeapFill {
    private static final int MB = 1 << 20;
    private static final int UNIT = 16 << 10;
    private static final int TICK_MS = 20;

    static volatile byte[] last;

    private HeapFill() {
    }

    private static double argument(String[] args, int i, double otherwise) {
        return args.length > i ? Double.parseDouble(args[i]) : otherwise;
    }

    public static void main(String[] args) throws InterruptedException {
        double rate = argument(args, 0, 20) * MB;
        double seconds = argument(args, 1, 60);
        long start = System.nanoTime();
        double passed = 0;
        double told = 0;
        long done = 0;

        System.out.println("ready " + ProcessHandle.current().pid());
        while (passed < seconds) {
            for (; done < rate * passed; done += UNIT) {
                last = new byte[UNIT]; // the one before is garbage now
            }
            if (passed - told >= 1) {
                System.out.printf("%.2f s: %d bytes%n", passed, last.length);
                told = passed;
            }
            Thread.sleep(TICK_MS);
            passed = (System.nanoTime() - start) / 1e9;
        }
    }
}
