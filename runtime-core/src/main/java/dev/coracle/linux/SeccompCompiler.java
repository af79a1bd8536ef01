package dev.coracle.linux;

import dev.coracle.failure.Errno;
import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unsupported;
import dev.coracle.spec.SeccompAction;
import dev.coracle.spec.SeccompArg;
import dev.coracle.spec.SeccompProfile;
import dev.coracle.spec.SeccompRule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import jnr.ffi.LibraryLoader;

/**
 * Compiles seccomp profiles to BPF with libseccomp, which is loaded at the first use. The filter is laid out as a binary tree
 * (libseccomp's optimisation level 2): the kernel takes a third of the time to install it that a linear one takes. A compilation
 * takes 1 to 20 ms of CPU in native code: on a platform thread only, and the result is worth keeping. Safe for any number of
 * threads: nothing is shared between calls.
 */
public final class SeccompCompiler {
    private static final int ATTR_BAD_ARCH_ACTION = 2;
    private static final int ATTR_NO_NEW_PRIVS = 3;
    private static final int ATTR_OPTIMIZE = 8;
    private static final int BINARY_TREE = 2;
    private static final int UNKNOWN_CALL = -1;
    private static final int EDOM = 33;
    private static final int COMPARISON_BYTES = 24;

    private static final Map<String, Integer> ARCHITECTURES = Map.of(
            "x86_64", 0xc000_003e,
            "x86", 0x4000_0003,
            "x32", 0x4000_003e,
            "aarch64", 0xc000_00b7,
            "arm", 0x4000_0028);

    /** Loads the library once; a failure to do so is remembered by the JVM as well. */
    private static final class Library {
        static final LibSeccomp SECCOMP = LibraryLoader.create(LibSeccomp.class).load("libseccomp.so.2");
    }

    private SeccompCompiler() {}

    /**
     * The program that seccomp(2) SECCOMP_SET_MODE_FILTER takes: an array of struct sock_filter, 8 bytes each, in the machine's
     * byte order.
     *
     * @throws Unsupported if libseccomp.so.2 cannot be loaded
     * @throws InvalidSpec if the profile names an architecture that is not known, or libseccomp refuses a rule
     */
    public static byte[] compile(SeccompProfile profile) {
        LibSeccomp library = library();
        long filter = library.seccomp_init(action(profile.defaultAction(), profile.defaultErrno()));
        if (filter == 0) {
            throw new InvalidSpec("seccomp.defaultAction", "libseccomp does not accept " + profile.defaultAction());
        }
        try {
            new Compilation(library, filter, profile).run();
            return export(library, filter);
        } catch (SyscallException e) {
            throw new Unsupported("compile seccomp profile", String.valueOf(e.getMessage()));
        } finally {
            library.seccomp_release(filter);
        }
    }

    private static LibSeccomp library() {
        try {
            return Library.SECCOMP;
        } catch (LinkageError e) {
            throw new Unsupported(
                    "compile seccomp profile",
                    "libseccomp.so.2 cannot be loaded; install libseccomp2 (" + e.getMessage() + ")");
        }
    }

    private static byte[] export(LibSeccomp library, long filter) throws SyscallException {
        try (Fd memory = memory()) {
            int result = library.seccomp_export_bpf(filter, memory.number());
            if (result < 0) {
                throw new SyscallException("seccomp_export_bpf", "", -result);
            }
            ByteBuffer program = Native.block((int) new Linux().fstat(memory).size());
            memory.position(0);
            int count;
            do {
                count = memory.read(program);
            } while (count > 0);
            byte[] bytes = new byte[program.flip().remaining()];
            program.get(bytes);
            return bytes;
        }
    }

    private static Fd memory() throws SyscallException {
        int fd = Native.C.memfd_create(Native.cString("seccomp", StandardCharsets.US_ASCII), 1);
        if (fd < 0) {
            throw new SyscallException("memfd_create", "", Native.errno());
        }
        return new Fd(fd);
    }

    /** SECCOMP_RET_ values of linux/seccomp.h, which are also libseccomp's SCMP_ACT_ values. */
    private static int action(SeccompAction action, int errno) {
        return switch (action) {
            case ALLOW -> 0x7fff_0000;
            case ERRNO -> 0x0005_0000 | (errno & 0xffff);
            case KILL_PROCESS -> 0x8000_0000;
            case KILL_THREAD -> 0;
            case TRAP -> 0x0003_0000;
            case TRACE -> 0x7ff0_0000 | (errno & 0xffff);
            case LOG -> 0x7ffc_0000;
            case NOTIFY -> 0x7fc0_0000;
        };
    }

    /** Fills one filter. Confined to the thread of one call. */
    private record Compilation(LibSeccomp library, long filter, SeccompProfile profile) {
        void run() {
            set(ATTR_OPTIMIZE, BINARY_TREE);
            set(ATTR_NO_NEW_PRIVS, 0);
            set(ATTR_BAD_ARCH_ACTION, action(SeccompAction.KILL_PROCESS, 0));
            profile.architectures().forEach(this::addArchitecture);
            profile.rules().forEach(this::addRule);
        }

        private void set(int attribute, int value) {
            check("seccomp", library.seccomp_attr_set(filter, attribute, value));
        }

        private void addArchitecture(String name) {
            Integer token = ARCHITECTURES.get(name);
            if (token == null) {
                throw new InvalidSpec("seccomp.architectures", "unknown architecture " + name);
            }
            if (library.seccomp_arch_exist(filter, token) < 0) {
                check("seccomp.architectures", library.seccomp_arch_add(filter, token));
            }
        }

        private void addRule(SeccompRule rule) {
            int action = action(rule.action(), rule.errno());
            // libseccomp refuses a rule that says what the default says anyway.
            if (action == action(profile.defaultAction(), profile.defaultErrno())) {
                return;
            }
            for (String name : rule.names()) {
                int call = library.seccomp_syscall_resolve_name(Native.cString(name, StandardCharsets.US_ASCII));
                if (call != UNKNOWN_CALL) {
                    addCall(name, call, action, rule.args());
                }
            }
        }

        /** Two comparisons of the same argument mean either of them, as runc has it: each becomes a rule of its own. */
        private void addCall(String name, int call, int action, List<SeccompArg> args) {
            long distinct = args.stream().mapToInt(SeccompArg::index).distinct().count();
            if (distinct == args.size()) {
                add(name, call, action, args);
            } else {
                args.forEach(arg -> add(name, call, action, List.of(arg)));
            }
        }

        private void add(String name, int call, int action, List<SeccompArg> args) {
            ByteBuffer block =
                    ByteBuffer.allocate(args.size() * COMPARISON_BYTES).order(ByteOrder.nativeOrder());
            for (SeccompArg arg : args) {
                block.putInt(arg.index()).putInt(operator(arg.operator()));
                block.putLong(arg.value()).putLong(arg.valueTwo());
            }
            int result = library.seccomp_rule_add_array(filter, action, call, args.size(), block.array());
            // A call that one of several architectures lacks (EDOM), or the same rule twice (EEXIST), is no mistake.
            if (result != -Errno.EEXIST && result != -EDOM) {
                check("seccomp.syscalls " + name, result);
            }
        }

        /** enum scmp_compare. */
        private static int operator(SeccompArg.Operator operator) {
            return switch (operator) {
                case NOT_EQUAL -> 1;
                case LESS_THAN -> 2;
                case LESS_OR_EQUAL -> 3;
                case EQUAL -> 4;
                case GREATER_OR_EQUAL -> 5;
                case GREATER_THAN -> 6;
                case MASKED_EQUAL -> 7;
            };
        }

        private static void check(String field, int result) {
            if (result < 0) {
                throw new InvalidSpec(field, "libseccomp refuses it: " + Errno.name(-result));
            }
        }
    }
}
