package dev.coracle.planner;

import dev.coracle.plan.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Writes the eBPF program (type {@code BPF_PROG_TYPE_CGROUP_DEVICE}) that stands for cgroup version 1's device list: it
 * allows what one of the rules covers and refuses the rest. Confined to one call.
 *
 * <p>The kernel hands it {@code struct bpf_cgroup_dev_ctx}: access asked for in the upper half of the first word and the kind
 * in its lower half, then major and minor.
 */
final class DeviceProgram {
    private static final int INSTRUCTION = 8;
    private static final int MOST_PER_RULE = 8;

    // opcodes of include/uapi/linux/bpf.h, class and operation together
    private static final int LOAD_WORD = 0x61;
    private static final int AND32 = 0x54;
    private static final int SHIFT_RIGHT32 = 0x74;
    private static final int MOVE32_REGISTER = 0xbc;
    private static final int MOVE = 0xb7;
    private static final int JUMP_NOT_EQUAL = 0x55;
    private static final int JUMP_NOT_EQUAL_REGISTER = 0x5d;
    private static final int EXIT = 0x95;

    private static final int RESULT = 0;
    private static final int CONTEXT_OR_SCRATCH = 1;
    private static final int KIND = 2;
    private static final int ACCESS = 3;
    private static final int MAJOR = 4;
    private static final int MINOR = 5;

    private final ByteBuffer code;

    private DeviceProgram(int rules) {
        code = ByteBuffer.allocate((rules * MOST_PER_RULE + 8) * INSTRUCTION).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The program as an array of {@code struct bpf_insn}, little endian. */
    static Bytes of(List<DeviceRule> rules) {
        DeviceProgram filter = new DeviceProgram(rules.size());
        filter.add(LOAD_WORD, KIND, CONTEXT_OR_SCRATCH, 0, 0);
        filter.add(AND32, KIND, 0, 0, 0xffff);
        filter.add(LOAD_WORD, ACCESS, CONTEXT_OR_SCRATCH, 0, 0);
        filter.add(SHIFT_RIGHT32, ACCESS, 0, 0, 16);
        filter.add(LOAD_WORD, MAJOR, CONTEXT_OR_SCRATCH, 4, 0);
        filter.add(LOAD_WORD, MINOR, CONTEXT_OR_SCRATCH, 8, 0);
        rules.forEach(filter::rule);
        filter.answer(0);
        byte[] bytes = new byte[filter.code.flip().remaining()];
        filter.code.get(bytes);
        return Bytes.of(bytes);
    }

    /** Each test that fails jumps over what is left of the rule. */
    private void rule(DeviceRule rule) {
        int left = 2 + 1 + 3 + (rule.major() >= 0 ? 1 : 0) + (rule.minor() >= 0 ? 1 : 0);
        add(JUMP_NOT_EQUAL, KIND, 0, --left, rule.kind() == DeviceKind.BLOCK ? 1 : 2);
        add(MOVE32_REGISTER, CONTEXT_OR_SCRATCH, ACCESS, 0, 0);
        add(AND32, CONTEXT_OR_SCRATCH, 0, 0, accessBits(rule.access()));
        left -= 3;
        add(JUMP_NOT_EQUAL_REGISTER, CONTEXT_OR_SCRATCH, ACCESS, left, 0);
        if (rule.major() >= 0) {
            add(JUMP_NOT_EQUAL, MAJOR, 0, --left, rule.major());
        }
        if (rule.minor() >= 0) {
            add(JUMP_NOT_EQUAL, MINOR, 0, --left, rule.minor());
        }
        answer(1);
    }

    private void answer(int value) {
        add(MOVE, RESULT, 0, 0, value);
        add(EXIT, 0, 0, 0, 0);
    }

    private static int accessBits(String access) {
        return (access.contains("m") ? 1 : 0) | (access.contains("r") ? 2 : 0) | (access.contains("w") ? 4 : 0);
    }

    private void add(int opcode, int destination, int source, int offset, int immediate) {
        code.put((byte) opcode).put((byte) (source << 4 | destination));
        code.putShort((short) offset).putInt(immediate);
    }
}
