package dev.coracle.pod;

import dev.coracle.shim.Session;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.PodId;
import dev.coracle.spec.Resources;
import dev.coracle.spec.SandboxSpec;
import dev.coracle.spec.StreamSpec;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;

/**
 * All pods of this node and their containers: one method per call that a client can make. Ids may be given by any prefix that
 * only one of them has. Blocking calls belong on virtual threads; those that list or look up never wait.
 *
 * <p>Every method throws only {@link dev.coracle.failure.RuntimeFailure}, unless there is a bug.
 */
public interface Pods {
    /** Makes a pod and waits until it is ready. A repeat with an equal spec joins; with another one it is refused. */
    PodId runSandbox(SandboxSpec spec);

    /** Kills the containers of a pod and gives back its network and namespaces. No pod of that id is a success. */
    void stopSandbox(String id, Cancellation cancellation);

    /** Stops a pod where necessary, and forgets it and its containers. No pod of that id is a success. */
    void removeSandbox(String id, Cancellation cancellation);

    /** {@code overhead} and {@code resources} are noted; the kubelet has changed the pod's cgroup already. */
    void updateSandbox(String id, Resources overhead, Resources resources);

    /** One pod; NotFound also while it is being made. */
    PodRecord sandbox(String id);

    /** Every pod that clients may know of. */
    List<Listed<PodRecord>> sandboxes();

    /** Makes a container and its root, without running anything. A repeat with an equal spec joins. */
    ContainerId createContainer(String podId, ContainerSpec spec);

    /** Runs a container's process: returns when it has been executed. */
    void startContainer(String id);

    /**
     * Sends the stop signal, once however often this is called, and SIGKILL {@code grace} later. Returns when the container has
     * exited. No container of that id, or one that does not run, is a success.
     */
    void stopContainer(String id, Duration grace, Cancellation cancellation);

    /** Kills a container where necessary, and forgets it; its log file stays. No container of that id is a success. */
    void removeContainer(String id, Cancellation cancellation);

    /** Changes limits: those of a running container in the kernel too, all of them or none. */
    void updateContainer(String id, Resources resources);

    /** Goes on in a new file at the container's log path. */
    void reopenLog(String id);

    /**
     * Runs a command in a container and waits for its end.
     *
     * @param timeout zero for none; when it passes, the command and what it started are killed and the call throws TimedOut
     */
    ExecResult execSync(String id, List<String> command, Duration timeout, Cancellation cancellation);

    /**
     * The container of that id, for whoever is about to open streams to it.
     *
     * @throws dev.coracle.failure.RuntimeFailure.WrongState if it does not run
     */
    ContainerId runningContainer(String id);

    /** Runs a command in a container; whoever gets its streams closes them. */
    Session exec(StreamSpec.Exec command);

    /** Attaches to a container's main process; whoever gets its streams closes them. */
    Attached attach(ContainerId id);

    /**
     * The pod of that id, for whoever is about to connect to it.
     *
     * @throws dev.coracle.failure.RuntimeFailure.WrongState if it is not ready
     */
    PodId readySandbox(String id);

    /**
     * Connects to what listens within a pod on its loopback addresses, IPv4's first.
     *
     * @param port 1 to 65535
     */
    SocketChannel connect(PodId pod, int port);

    /** One container; NotFound also while it is being made. */
    ContainerRecord container(String id);

    /** Every container that clients may know of. */
    List<Listed<ContainerRecord>> containers();

    /** One pod with its containers, as they are at one instant. */
    PodSnapshot snapshot(String podId);

    /** What happens to pods and containers from now on; to be closed. */
    Following follow();

    /** What they use. */
    Usages usages();

    /** Where the container or the pod of this id is on the node. */
    Whereabouts whereabouts(String id);
}
