package dev.coracle.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.plan.Bytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the program answers is found by running it: an interpreter of the few instructions it is made of stands below. */
class DeviceProgramTest {
    private static final int BLOCK = 1;
    private static final int CHARACTER = 2;
    private static final int MKNOD = 1;
    private static final int READ = 2;
    private static final int WRITE = 4;

    private static boolean allowed(List<DeviceRule> rules, int kind, int access, int major, int minor) {
        int[] context = {access << 16 | kind, major, minor};
        return run(DeviceProgram.of(rules), context) == 1;
    }

    @Test
    void defaultsLetNullBeUsedAndDisksOnlyBeMade() {
        List<DeviceRule> rules = DeviceRule.DEFAULT;
        assertThat(allowed(rules, CHARACTER, READ | WRITE, 1, 3)).isTrue();
        assertThat(allowed(rules, CHARACTER, READ, 1, 1)).isFalse(); // /dev/mem
        assertThat(allowed(rules, CHARACTER, READ, 136, 17)).isTrue();
        assertThat(allowed(rules, BLOCK, MKNOD, 8, 0)).isTrue();
        assertThat(allowed(rules, BLOCK, READ, 8, 0)).isFalse();
        assertThat(allowed(rules, BLOCK, READ, 1, 3)).isFalse();
    }

    @Test
    void everythingAskedForMustBeGranted() {
        List<DeviceRule> rules =
                List.of(new DeviceRule(DeviceKind.BLOCK, 8, 0, "r"), new DeviceRule(DeviceKind.BLOCK, 8, -1, "w"));
        assertThat(allowed(rules, BLOCK, READ, 8, 0)).isTrue();
        assertThat(allowed(rules, BLOCK, READ | WRITE, 8, 0)).isFalse();
        assertThat(allowed(rules, BLOCK, WRITE, 8, 5)).isTrue();
        assertThat(allowed(rules, BLOCK, WRITE, 9, 5)).isFalse();
    }

    @Test
    void theProgramAgreesWithTheRulesEverywhere() {
        List<DeviceRule> rules = new ArrayList<>();
        for (String access : List.of("r", "w", "rw", "rwm")) {
            rules.add(new DeviceRule(DeviceKind.BLOCK, access.length(), -1, access));
            rules.add(new DeviceRule(DeviceKind.CHARACTER, -1, access.length(), access));
            rules.add(new DeviceRule(DeviceKind.CHARACTER, 4, access.length() + 4, access));
        }
        for (int kind : List.of(BLOCK, CHARACTER)) {
            for (int i = 0; i < 7 * 10 * 10; i++) {
                int access = 1 + i % 7;
                int major = i / 7 % 10;
                int minor = i / 70;
                boolean expected = rules.stream().anyMatch(rule -> covers(rule, kind, access, major, minor));
                assertThat(allowed(rules, kind, access, major, minor)).isEqualTo(expected);
            }
        }
    }

    private static boolean covers(DeviceRule rule, int kind, int access, int major, int minor) {
        int granted = (rule.access().contains("m") ? MKNOD : 0)
                | (rule.access().contains("r") ? READ : 0)
                | (rule.access().contains("w") ? WRITE : 0);
        return (rule.kind() == DeviceKind.BLOCK ? BLOCK : CHARACTER) == kind
                && (access & ~granted) == 0
                && (rule.major() < 0 || rule.major() == major)
                && (rule.minor() < 0 || rule.minor() == minor);
    }

    private static long run(Bytes program, int[] context) {
        ByteBuffer code = ByteBuffer.wrap(program.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
        long[] registers = new long[11];
        for (int at = 0; ; at++) {
            int opcode = code.get(at * 8) & 0xff;
            int to = code.get(at * 8 + 1) & 0xf;
            int from = code.get(at * 8 + 1) >> 4 & 0xf;
            int offset = code.getShort(at * 8 + 2);
            int value = code.getInt(at * 8 + 4);
            switch (opcode) {
                case 0x61 -> registers[to] = context[offset / 4] & 0xffff_ffffL;
                case 0x54 -> registers[to] = registers[to] & value & 0xffff_ffffL;
                case 0x74 -> registers[to] = registers[to] >>> value;
                case 0xbc -> registers[to] = registers[from] & 0xffff_ffffL;
                case 0xb7 -> registers[to] = value;
                case 0x55 -> at += registers[to] != value ? offset : 0;
                case 0x5d -> at += registers[to] != registers[from] ? offset : 0;
                case 0x95 -> {
                    return registers[0];
                }
                default -> throw new AssertionError("opcode " + Integer.toHexString(opcode) + " at " + at);
            }
        }
    }
}
