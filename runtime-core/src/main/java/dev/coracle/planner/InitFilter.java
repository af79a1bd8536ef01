package dev.coracle.planner;

import dev.coracle.plan.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;

/**
 * The seccomp filter of a pod's init. A container with CAP_SYS_PTRACE can take the init over, and would then be without the filter that it
 * has itself. So the init may make the calls by which it begins to reap and waits, whatever is asked for the pod; any other is told EPERM.
 */
final class InitFilter {
    private static final int LOAD = 0x20;
    private static final int IF_EQUAL = 0x15;
    private static final int RETURN = 0x06;
    private static final int ALLOW = 0x7fff0000;
    private static final int EPERM = 0x00050001;
    /** Offsets in {@code struct seccomp_data}. */
    private static final int NUMBER = 0;

    private static final int ARCHITECTURE = 4;
    private static final int INSTRUCTION = 8;

    private InitFilter() {}

    static SeccompFilter of(Architecture architecture) {
        return switch (architecture) {
            // rt_sigaction, rt_sigprocmask, rt_sigreturn, pause, prctl, restart_syscall, close_range
            case X86_64 -> filter(0xc000003e, List.of(13, 14, 15, 34, 157, 219, 436));
            // ppoll, restart_syscall, rt_sigaction, rt_sigprocmask, rt_sigreturn, prctl, close_range
            case AARCH64 -> filter(0xc00000b7, List.of(73, 128, 134, 135, 139, 167, 436));
        };
    }

    private static SeccompFilter filter(int architecture, List<Integer> calls) {
        int count = calls.size();
        ByteBuffer program = ByteBuffer.allocate((count + 5) * INSTRUCTION).order(ByteOrder.LITTLE_ENDIAN);
        put(program, LOAD, 0, 0, ARCHITECTURE);
        put(program, IF_EQUAL, 0, count + 1, architecture);
        put(program, LOAD, 0, 0, NUMBER);
        for (int i = 0; i < count; i++) {
            put(program, IF_EQUAL, count - i, 0, calls.get(i));
        }
        put(program, RETURN, 0, 0, EPERM);
        put(program, RETURN, 0, 0, ALLOW);
        return new SeccompFilter(Bytes.of(program.array()), Set.of());
    }

    /** Where to go on is counted in instructions that are left out. */
    private static void put(ByteBuffer program, int code, int whenTrue, int whenFalse, int value) {
        program.putShort((short) code)
                .put((byte) whenTrue)
                .put((byte) whenFalse)
                .putInt(value);
    }
}
