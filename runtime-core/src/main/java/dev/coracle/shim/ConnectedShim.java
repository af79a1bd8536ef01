package dev.coracle.shim;

import dev.coracle.failure.Errno;
import dev.coracle.failure.RuntimeFailure;
import dev.coracle.plan.Answers;
import dev.coracle.plan.Plan;
import dev.coracle.plan.PlanResult;
import dev.coracle.spec.PodId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** A shim that this daemon is connected to; for any thread, through its {@link ControlConnection} and a concurrent set. */
final class ConnectedShim implements Shim {
    /** Beyond a plan's deadline: what the shim takes to kill it, or to find that it cannot. */
    private static final Duration SLACK = Duration.ofSeconds(15);

    private static final Duration FOREVER = Duration.ofDays(1);
    private static final Pattern PLACE = Pattern.compile("^\\[\\w+] ");

    private final PodId pod;
    private final long pid;
    private final Path directory;
    private final PlanFiles files;
    private final ControlConnection connection;
    private final Set<Long> killed = ConcurrentHashMap.newKeySet();

    ConnectedShim(PodId pod, long pid, Path directory, ControlConnection connection) throws IOException {
        this.pod = pod;
        this.pid = pid;
        this.directory = directory;
        this.files = PlanFiles.in(directory);
        this.connection = connection;
    }

    @Override
    public PodId pod() {
        return pod;
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public boolean connected() {
        return !connection.isOver();
    }

    @Override
    public Answers execute(Plan plan, Duration deadline) {
        long number = nextPlan();
        try {
            return switch (carryOut(number, plan, deadline, false)) {
                case PlanEnd.Done(boolean answered) -> answered ? answers(number) : Answers.NONE;
                case PlanEnd.Failed failed -> throw failure(plan, failed, deadline);
                case PlanEnd.Hung(Stuck stuck) -> throw hung(plan.title(), stuck);
            };
        } finally {
            files.removeResult(number);
        }
    }

    @Override
    public Answers execute(long number, Plan plan, Duration deadline) {
        return switch (carryOut(number, plan, deadline, true)) {
            case PlanEnd.Done _ -> answers(number);
            case PlanEnd.Failed failed -> throw failure(plan, failed, deadline);
            case PlanEnd.Hung(Stuck stuck) -> throw hung(plan.title(), stuck);
        };
    }

    private PlanEnd carryOut(long number, Plan plan, Duration deadline, boolean durable) {
        files.write(number, plan);
        CompletableFuture<PlanEnd> end = connection.execute(number, deadline, durable);
        try {
            if (killed.contains(number)) {
                connection.send(Frame.of(FrameType.KILL_PLAN, number));
            }
            return connection.await(end, plan.title(), deadline.plus(SLACK));
        } catch (RuntimeFailure.Cancelled e) {
            kill(number);
            throw e;
        } finally {
            connection.forget(number);
            killed.remove(number);
        }
    }

    private Answers answers(long number) {
        return files.result(number).map(PlanResult::answers).orElse(Answers.NONE);
    }

    static RuntimeFailure failure(Plan plan, PlanEnd.Failed failed, Duration deadline) {
        int op = failed.op();
        boolean known = op >= 0 && op < plan.steps().size();
        String what = known ? PLACE.matcher(plan.text(op)).replaceFirst("") : whole(failed.errno(), deadline);
        return new RuntimeFailure.KernelFailure(plan.title(), op, what, failed.errno(), failed.detail());
    }

    /** What to call the end of a plan that no op caused. */
    private static String whole(int errno, Duration deadline) {
        return switch (errno) {
            case Errno.ETIMEDOUT -> "not done after " + deadline.toMillis() + " ms";
            case Errno.ECANCELED -> "killed";
            default -> "its worker ended";
        };
    }

    private static RuntimeFailure hung(String title, Stuck stuck) {
        return new RuntimeFailure.TimedOut(
                title, "process " + stuck.pid() + " does not die, it waits in " + stuck.waitChannel());
    }

    @Override
    public Optional<Answers> await(long number) {
        Optional<CompletableFuture<PlanEnd>> held = connection.held(number);
        if (held.isPresent()
                && connection.await(held.get(), "plan " + number, FOREVER) instanceof PlanEnd.Hung(Stuck stuck)) {
            throw hung("plan " + number, stuck);
        }
        connection.forget(number);
        return files.result(number).map(result -> {
            result.failure().ifPresent(failure -> {
                throw new RuntimeFailure.KernelFailure(
                        "plan " + number, failure.op(), "failed", failure.errno(), failure.detail());
            });
            return result.answers();
        });
    }

    @Override
    public long nextPlan() {
        return files.next();
    }

    @Override
    public ExecPlan write(Supplier<Plan> plan) {
        Plan first = plan.get();
        return new ExecPlan(files.writeExec(first), first.title(), plan);
    }

    @Override
    public Session exec(ExecPlan plan, Duration deadline) {
        try {
            int millis = Math.toIntExact(Math.min(deadline.toMillis(), Integer.MAX_VALUE));
            ShimSession.Purpose purpose = new ShimSession.Purpose(
                    plan.title(), failed -> failure(plan.again().get(), failed, deadline), "the pod's shim is gone");
            return ShimSession.open(
                    SocketPath.connect(directory), Frame.of(FrameType.EXEC, plan.number(), millis), purpose);
        } catch (IOException e) {
            throw new RuntimeFailure.Unavailable(plan.title(), "reach the pod's shim: " + e.getMessage(), e);
        }
    }

    @Override
    public void forget(ExecPlan plan) {
        files.removePlan(plan.number());
    }

    @Override
    public Session attach(String id) {
        String title = "attach to container " + id;
        try {
            ShimSession.Purpose purpose = new ShimSession.Purpose(
                    title,
                    failed -> notAttached(title, id, failed.errno()),
                    "its output was not read fast enough, or the pod's shim is gone");
            return ShimSession.open(SocketPath.connect(directory), Frame.ofTexts(FrameType.ATTACH, id), purpose);
        } catch (IOException e) {
            throw new RuntimeFailure.Unavailable(title, "reach the pod's shim: " + e.getMessage(), e);
        }
    }

    private static RuntimeFailure notAttached(String title, String id, int errno) {
        return errno == Errno.EAGAIN
                ? new RuntimeFailure.Exhausted(title, "the pod has too many sessions")
                : new RuntimeFailure.NotFound("running container", id);
    }

    @Override
    public Optional<Running> running(String id) {
        return connection.running(id);
    }

    /** Also a plan that is just about to be executed: it then ends at once. */
    @Override
    public void kill(long plan) {
        killed.add(plan);
        connection.send(Frame.of(FrameType.KILL_PLAN, plan));
    }

    @Override
    public void signal(String id, int signal) {
        ask("signal container " + id, id, Frame.of(FrameType.SIGNAL, 0, signal, id));
    }

    @Override
    public void reopenLog(String id, Path path) {
        ask("reopen log of container " + id, id, Frame.ofTexts(FrameType.REOPEN, id, path.toString()));
    }

    @Override
    public void resize(String id, int rows, int columns) {
        ask("resize terminal of container " + id, id, Frame.of(FrameType.RESIZE, 0, size(rows, columns), id));
    }

    /** Rows and columns as two 16-bit numbers. */
    static int size(int rows, int columns) {
        return (rows & Character.MAX_VALUE) | (columns << Character.SIZE);
    }

    @Override
    public void closeStdin(String id) {
        ask("close stdin of container " + id, id, Frame.ofTexts(FrameType.CLOSE_STDIN, id));
    }

    private void ask(String action, String id, ByteBuffer frame) {
        int errno = connection.ask(action, frame);
        if (errno == Errno.ESRCH) {
            throw new RuntimeFailure.NotFound("running container", id);
        }
        if (errno != 0) {
            throw new RuntimeFailure.Unavailable(action, Errno.name(errno));
        }
    }

    @Override
    public void acknowledge(String id) {
        connection.send(Frame.ofTexts(FrameType.ACK, id));
        try {
            Files.deleteIfExists(directory.resolve("exits").resolve(id));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void quit() {
        connection.quit();
    }
}
