package dev.coracle.e2e;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A pod that a kubelet runs from a manifest of src/test/resources/kubelet, and what the kubelet says of it. */
record StaticPod(KubeletRig on, String name, Path dir) {
    static final Duration LIMIT = Duration.ofSeconds(60);
    private static final KubernetesSerialization JSON = new KubernetesSerialization();

    /** Kubelets add the node's name. */
    String fullName() {
        return name + "-127.0.0.1";
    }

    static String manifest(String name) {
        try (InputStream in = Objects.requireNonNull(
                StaticPod.class.getResourceAsStream("/kubelet/" + name + ".yaml"), "no manifest " + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the kubelet's /pods says now. */
    Optional<Pod> seen() {
        return on.kubelet().client().answer("/pods").stream()
                .map(json -> JSON.unmarshal(json, PodList.class).getItems())
                .filter(Objects::nonNull)
                .flatMap(List::stream)
                .filter(p -> p.getMetadata().getName().equals(fullName()))
                .findFirst();
    }

    PodStatus status() {
        return seen().orElseThrow(() -> new IllegalStateException("the kubelet knows no pod " + fullName()))
                .getStatus();
    }

    /** Waits until the pod's status is such, and returns it. */
    PodStatus await(String what, Predicate<PodStatus> such) {
        try {
            return Waiting.until(what, LIMIT, () -> seen().map(Pod::getStatus).filter(such));
        } catch (IllegalStateException e) {
            throw new IllegalStateException(
                    e.getMessage() + ", the pod is: " + seen().map(JSON::asYaml).orElse("not there"), e);
        }
    }

    /** Waits until every container runs and is ready. */
    PodStatus awaitReady() {
        return await(
                name + " ready",
                s -> !s.getContainerStatuses().isEmpty()
                        && s.getContainerStatuses().stream().allMatch(ContainerStatus::getReady));
    }

    /** Waits until the pod as a whole is in this phase. */
    PodStatus awaitPhase(String phase) {
        return await(name + " " + phase, s -> phase.equals(s.getPhase()));
    }

    /** Waits until one of its containers is such, and returns its status. */
    ContainerStatus awaitContainer(String container, String what, Predicate<ContainerStatus> such) {
        return of(
                await(
                        container + " " + what,
                        s -> containers(s).anyMatch(c -> c.getName().equals(container) && such.test(c))),
                container);
    }

    ContainerStatus container(String container) {
        return of(status(), container);
    }

    static ContainerStatus of(PodStatus status, String container) {
        return containers(status)
                .filter(c -> c.getName().equals(container))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no container " + container + " in " + status));
    }

    private static Stream<ContainerStatus> containers(PodStatus status) {
        return Stream.concat(status.getInitContainerStatuses().stream(), status.getContainerStatuses().stream());
    }

    /** "running", "waiting CrashLoopBackOff", "terminated OOMKilled 137". */
    static String told(ContainerState state) {
        if (state.getRunning() != null) {
            return "running";
        }
        if (state.getTerminated() != null) {
            return "terminated " + state.getTerminated().getReason() + " "
                    + state.getTerminated().getExitCode();
        }
        return state.getWaiting() != null ? "waiting " + state.getWaiting().getReason() : "nothing";
    }

    /** The id by which the runtime knows a container. */
    String id(String container) {
        return id(container(container));
    }

    static String id(ContainerStatus container) {
        return container.getContainerID().replaceFirst("^[a-z]+://", "");
    }

    /** What the kubelet gives as the container's log. */
    String log(String container) {
        return log(container, "");
    }

    String log(String container, String query) {
        return on.kubelet().client().get("/containerLogs/default/" + fullName() + "/" + container + query);
    }

    /** Waits for a text in the log, and returns all of it. */
    String awaitLog(String container, String text) {
        return Waiting.until(
                "\"" + text + "\" in the log of " + container,
                LIMIT,
                () -> on.kubelet()
                        .client()
                        .answer("/containerLogs/default/" + fullName() + "/" + container)
                        .filter(log -> log.contains(text)));
    }

    /** Makes a file in the folder that the pod has as a volume. */
    void touch(String file) {
        write(file, "");
    }

    void write(String file, String text) {
        try {
            Files.createDirectories(dir.resolve(file).getParent());
            Files.writeString(dir.resolve(file), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean exists(String file) {
        return Files.exists(dir.resolve(file));
    }

    void remove(String file) {
        try {
            Files.delete(dir.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String uid() {
        return seen().orElseThrow().getMetadata().getUid();
    }

    /** Takes the manifest away and waits until nothing of the pod runs. */
    void delete() {
        String uid = uid();
        on.kubelet().delete(name);
        Waiting.untilTrue("end of " + name, LIMIT, () -> seen().isEmpty() && !on.runs(uid));
    }
}
