package dev.coracle.pod;

import dev.coracle.failure.Errno;
import dev.coracle.failure.RuntimeFailure.KernelFailure;
import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.shim.Session;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A command's streams. A command that met its container's end was refused by the kernel, which only says that a process was gone:
 * here that becomes what it means. As thread-safe as the session it stands for.
 */
final class ExecSession implements Session {
    /** What a container that ends makes of the operations of an exec; ENOMEM comes of a pid namespace whose init is dead. */
    private static final Set<Integer> GONE = Set.of(Errno.ESRCH, Errno.ECHILD, Errno.EBADF, Errno.ENODEV, Errno.ENOMEM);

    /** Hears once that nobody needs the session any more, and whether its process had ended by itself. */
    interface End {
        void ended(boolean whole);
    }

    private final Session session;
    private final String title;
    private final BooleanSupplier containerEnded;
    private final AtomicReference<@Nullable End> end;
    private volatile boolean whole;

    /** {@code containerEnded} may wait a moment for the news. */
    ExecSession(Session session, String title, BooleanSupplier containerEnded, End end) {
        this.session = session;
        this.title = title;
        this.containerEnded = containerEnded;
        this.end = new AtomicReference<>(end);
    }

    /** What it does, for messages. */
    String title() {
        return title;
    }

    /**
     * As of every session.
     *
     * @throws WrongState if the container has ended before the command began
     */
    @Override
    public @Nullable Output read() {
        try {
            Output output = session.read();
            whole = output == null;
            return output;
        } catch (KernelFailure e) {
            if (GONE.contains(e.errno()) && containerEnded.getAsBoolean()) {
                throw new WrongState(title, "the container has ended meanwhile");
            }
            throw e;
        }
    }

    @Override
    public int exitCode() {
        return session.exitCode();
    }

    @Override
    public void write(ByteBuffer stdin) {
        session.write(stdin);
    }

    @Override
    public void closeStdin() {
        session.closeStdin();
    }

    @Override
    public void resize(int rows, int columns) {
        session.resize(rows, columns);
    }

    @Override
    public void kill() {
        session.kill();
    }

    @Override
    public void close() {
        session.close();
        End last = end.getAndSet(null);
        if (last != null) {
            last.ended(whole);
        }
    }
}
