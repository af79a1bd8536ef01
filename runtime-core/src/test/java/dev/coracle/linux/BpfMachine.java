package dev.coracle.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Classic BPF as seccomp runs it, on a struct seccomp_data: what a compiled program answers to one call. */
public final class BpfMachine {
    private final ByteBuffer program;
    private final ByteBuffer input = ByteBuffer.allocate(64).order(ByteOrder.nativeOrder());
    private int steps;

    public BpfMachine(byte[] program, int architecture, int call, long... args) {
        this.program = ByteBuffer.wrap(program).order(ByteOrder.nativeOrder());
        input.putInt(call).putInt(architecture).putLong(0);
        for (long arg : args) {
            input.putLong(arg);
        }
    }

    /** The SECCOMP_RET_ value. To be called once. */
    public int run() {
        int accumulator = 0;
        int at = 0;
        while (true) {
            steps++;
            int code = Short.toUnsignedInt(program.getShort(at));
            int yes = Byte.toUnsignedInt(program.get(at + 2)) * 8;
            int no = Byte.toUnsignedInt(program.get(at + 3)) * 8;
            int k = program.getInt(at + 4);
            at += 8;
            switch (code) {
                case 0x20 -> accumulator = input.getInt(k);
                case 0x54 -> accumulator &= k;
                case 0x05 -> at += k * 8;
                case 0x15 -> at += accumulator == k ? yes : no;
                case 0x25 -> at += Integer.compareUnsigned(accumulator, k) > 0 ? yes : no;
                case 0x35 -> at += Integer.compareUnsigned(accumulator, k) >= 0 ? yes : no;
                case 0x06 -> {
                    return k;
                }
                default -> throw new AssertionError("instruction " + Integer.toHexString(code));
            }
        }
    }

    /** How many instructions it took. */
    int steps() {
        return steps;
    }
}
