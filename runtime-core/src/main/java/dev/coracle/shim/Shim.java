package dev.coracle.shim;

import dev.coracle.plan.Answers;
import dev.coracle.plan.Plan;
import dev.coracle.spec.PodId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A pod's shim: the only place that acts. Its methods may be called from any thread; on a virtual thread they wait
 * without holding its carrier. Each throws {@code Unavailable} when the shim is lost.
 */
public interface Shim {
    PodId pod();

    /** The shim's own pid. */
    long pid();

    /** Whether it can be reached: false for good once the connection has ended. */
    boolean connected();

    /**
     * Carries a plan out and waits for its end. A process of kind {@code container} or {@code init} that it made runs on.
     *
     * @param deadline from now; then all it has started is killed and what it has opened is closed
     * @throws dev.coracle.failure.RuntimeFailure.KernelFailure if an op failed; index −1 and ETIMEDOUT past the deadline, ECANCELED
     *     after {@link #kill}
     * @throws dev.coracle.failure.RuntimeFailure.TimedOut if it was killed and does not end
     */
    Answers execute(Plan plan, Duration deadline);

    /**
     * Carries a durable plan out: what comes of it is kept, so that {@link #await} finds it after a restart of the daemon.
     *
     * @param number from {@link #nextPlan}, noted in a record before
     */
    Answers execute(long number, Plan plan, Duration deadline);

    /**
     * Waits for a durable plan of an earlier daemon, or reads what came of it.
     *
     * @return empty if it was never begun, or the shim that ran it is dead
     * @throws dev.coracle.failure.RuntimeFailure.KernelFailure as execute did or would have
     */
    Optional<Answers> await(long number);

    /** A number for one durable plan. */
    long nextPlan();

    /**
     * Writes down a plan that makes one process of kind {@code exec}, whose streams it gives to that process's id. It stays until
     * {@link #forget}, or until a daemon finds the pod anew.
     *
     * @param plan always makes the same plan
     */
    ExecPlan write(Supplier<Plan> plan);

    /**
     * Executes one of these. Returns at once; {@link Session#read} tells whether the process came to be.
     *
     * @param deadline for the plan, not for the process
     */
    Session exec(ExecPlan plan, Duration deadline);

    /** Removes a plan that will not be executed again. */
    void forget(ExecPlan plan);

    /**
     * Listens in on a container's main process, and writes to its standard input, beside others who do. Returns at once;
     * {@link Session#read} tells whether there is such a process. A session that reads too slowly is ended by the shim, so that the
     * container does not wait for it.
     */
    Session attach(String id);

    /** The main process of a container, while it runs. */
    Optional<Running> running(String id);

    /**
     * Ends a plan as its deadline would; who executes it, or is about to, gets a KernelFailure with ECANCELED. No effect once it
     * ended.
     */
    void kill(long plan);

    /**
     * Signals a container's main process.
     *
     * @throws dev.coracle.failure.RuntimeFailure.NotFound if it has ended
     */
    void signal(String id, int signal);

    /** Continues a container's log in the file at {@code path}, made where absent, from the next line on. */
    void reopenLog(String id, Path path);

    /** Sets the size of a container's terminal. */
    void resize(String id, int rows, int columns);

    /** Ends a container's standard input. */
    void closeStdin(String id);

    /** Lets the shim forget a container that has ended, and removes its file in {@code exits}. */
    void acknowledge(String id);

    /**
     * Ends the shim.
     *
     * @throws dev.coracle.failure.RuntimeFailure.WrongState while a plan or child of it runs
     */
    void quit();
}
