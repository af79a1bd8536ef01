package dev.coracle.planner;

import dev.coracle.plan.FileOp;
import dev.coracle.plan.OpenFlag;
import dev.coracle.plan.ProcessOp;
import dev.coracle.plan.Role;
import dev.coracle.plan.Slot;
import dev.coracle.plan.StdioOp;
import dev.coracle.plan.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The standard streams of a process: pipes to the shim, or a terminal made in the container's own devpts by its descriptor, so
 * that no path in the container is trusted.
 *
 * @param id what the shim knows the process by
 * @param pts root of the container's devpts mount
 */
record StreamSteps(String id, boolean stdin, boolean terminal, Slot pts) {
    static final Slot PEER = new Slot("peer");

    private static final Slot MASTER = new Slot("master");
    private static final int GROUP_AS_IT_IS = -1;

    /** The streams of a process, by their number. */
    private enum Stream {
        IN(0, Role.STDIN),
        OUT(1, Role.STDOUT),
        ERR(2, Role.STDERR);

        private final int number;
        private final Role role;

        Stream(int number, Role role) {
            this.number = number;
            this.role = role;
        }

        /** The end that the shim gets. */
        Slot outer() {
            return new Slot("std" + name().toLowerCase(Locale.ROOT));
        }

        /** The end that the process gets. */
        Slot inner() {
            return new Slot(name().toLowerCase(Locale.ROOT));
        }
    }

    /**
     * On the host side, before the process is made.
     *
     * @param owner the process's user, as the host calls it
     */
    List<Step> open(long owner) {
        List<Step> steps = new ArrayList<>();
        if (terminal) {
            steps.add(Step.host(new StdioOp.Pty(pts, MASTER, PEER)));
            steps.add(own(PEER, owner));
            steps.add(Step.host(new StdioOp.Give(id, Role.TTY, MASTER)));
            return steps;
        }
        if (stdin) {
            steps.add(Step.host(new StdioOp.Pipe(Stream.IN.inner(), Stream.IN.outer())));
        } else {
            steps.add(Step.host(new FileOp.Open(Slot.NONE, "/dev/null", Set.of(OpenFlag.RDWR), 0, Stream.IN.inner())));
        }
        for (Stream stream : List.of(Stream.OUT, Stream.ERR)) {
            steps.add(Step.host(new StdioOp.Pipe(stream.outer(), stream.inner())));
        }
        for (Stream stream : Stream.values()) {
            if (stream != Stream.IN || stdin) {
                steps.add(own(stream.inner(), owner));
                steps.add(Step.host(new StdioOp.Give(id, stream.role, stream.outer())));
            }
        }
        return steps;
    }

    /** So that a program without rights can open {@code /dev/stdout}, which asks whom the pipe belongs to. */
    private static Step own(Slot stream, long owner) {
        return Step.host(new FileOp.Fchown(stream, (int) owner, GROUP_AS_IT_IS));
    }

    /** In the process, before its credentials change. A process of its own session either way: signals to it reach no other. */
    List<Step> take(Slot place) {
        List<Step> steps = new ArrayList<>();
        steps.add(Step.at(place, new ProcessOp.Setsid()));
        for (Stream stream : Stream.values()) {
            Slot from = terminal ? PEER : stream.inner();
            steps.add(Step.at(place, new ProcessOp.Dup2(from, stream.number)));
        }
        if (terminal) {
            steps.add(Step.at(place, new ProcessOp.Setctty()));
        }
        return steps;
    }
}
