package dev.coracle.e2e;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Sockets of a node that this JVM makes, so that a test's own server can be reached by what runs inside. A socket stays in the network
 * namespace that its thread was in when it was made, and those that it accepts are there too (setns(2) with CLONE_NEWNET, 3.0).
 */
final class NodeSockets {
    private static final int CLONE_NEWNET = 0x4000_0000;
    private static final int O_CLOEXEC = 0x8_0000;

    private static final MethodHandle OPEN =
            function("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), Linker.Option.firstVariadicArg(2));
    private static final MethodHandle SETNS = function("setns", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private NodeSockets() {}

    /** Makes something on a thread that is in the node's network, and ends after it. */
    static <T> T in(Node node, Callable<T> making) {
        FutureTask<T> task = new FutureTask<>(() -> {
            enter(node);
            return making.call();
        });
        Thread.ofPlatform().daemon().name("in-node").start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("make a socket in " + node.name(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static void enter(Node node) {
        String network = "/proc/" + node.holder() + "/ns/net";
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int) OPEN.invokeExact(arena.allocateFrom(network), O_CLOEXEC);
            int done = (int) SETNS.invokeExact(fd, CLONE_NEWNET);
            int closed = (int) CLOSE.invokeExact(fd);
            if (fd < 0 || done < 0 || closed < 0) {
                throw new IllegalStateException("enter " + network + ": the kernel refuses");
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e); // no function of C throws
        }
    }

    @SuppressWarnings("restricted") // three functions of the C library, with their signatures
    private static MethodHandle function(String name, FunctionDescriptor signature, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), signature, options);
    }
}
