package dev.coracle.shim;

import dev.coracle.spec.PodId;
import java.nio.file.Path;

/**
 * A pod's shim: the only place that acts. Its methods may be called from any thread; on a virtual thread they wait
 * without holding its carrier. Each throws {@code Unavailable} when the shim is lost.
 */
public interface Shim {
    PodId pod();

    /** The shim's own pid. */
    long pid();

    /** A number for one durable plan, for the record that is written before it is executed. */
    long nextPlan();

    /** Ends a plan as its deadline would; who executes it gets a KernelFailure with ECANCELED. No effect once it ended. */
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
