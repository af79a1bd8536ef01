package dev.coracle.cri;

import dev.coracle.image.Credentials;
import dev.coracle.proto.v1.AttachRequest;
import dev.coracle.proto.v1.AuthConfig;
import dev.coracle.proto.v1.CreateContainerRequest;
import dev.coracle.proto.v1.ExecRequest;
import dev.coracle.proto.v1.ImageSpec;
import dev.coracle.proto.v1.PortForwardRequest;
import dev.coracle.proto.v1.RunPodSandboxRequest;
import dev.coracle.proto.v1.UpdateContainerResourcesRequest;
import dev.coracle.proto.v1.UpdatePodSandboxResourcesRequest;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.Resources;
import dev.coracle.spec.SandboxSpec;
import dev.coracle.spec.StreamSpec;
import java.time.Duration;
import java.util.List;

/**
 * From the contract's messages to specs: pure functions. What is wrong in a request is an
 * {@link dev.coracle.failure.RuntimeFailure.InvalidSpec} naming the field as a client would write it.
 */
public final class CriIn {
    /** A century: longer than anyone waits, and far from any overflow in nanoseconds. */
    private static final long WAIT_MAX_SECONDS = 100L * 365 * 24 * 60 * 60;

    private CriIn() {}

    public static SandboxSpec sandboxSpec(RunPodSandboxRequest request) {
        FieldPath config = FieldPath.of("config");
        config.requirePresent(request.hasConfig());
        return SandboxIn.read(
                request.getConfig(), FieldPath.of("runtime_handler").text(request.getRuntimeHandler()), config);
    }

    public static ContainerSpec containerSpec(CreateContainerRequest request) {
        FieldPath config = FieldPath.of("config");
        config.requirePresent(request.hasConfig());
        return ContainerIn.read(request.getConfig(), config);
    }

    public static Resources resources(UpdateContainerResourcesRequest request) {
        FieldPath linux = FieldPath.of("linux");
        linux.requirePresent(request.hasLinux());
        return ResourcesIn.read(request.getLinux(), linux);
    }

    public static Resources overhead(UpdatePodSandboxResourcesRequest request) {
        return ResourcesIn.read(request.getOverhead(), FieldPath.of("overhead"));
    }

    public static Resources podResources(UpdatePodSandboxResourcesRequest request) {
        return ResourcesIn.read(request.getResources(), FieldPath.of("resources"));
    }

    /** The name of an image as users write it, or an id. */
    public static String image(ImageSpec image) {
        return ImageIn.name(image);
    }

    public static Credentials credentials(AuthConfig auth) {
        return ImageIn.credentials(auth);
    }

    /** An id, or the unique beginning of one. */
    public static String podId(String id) {
        return FieldPath.of("pod_sandbox_id").required(id);
    }

    /** An id, or the unique beginning of one. */
    public static String containerId(String id) {
        return FieldPath.of("container_id").required(id);
    }

    /** What is run must have a name. */
    public static List<String> command(List<String> command) {
        FieldPath cmd = FieldPath.of("cmd");
        if (command.isEmpty()) {
            throw cmd.invalid("empty");
        }
        return ContainerIn.texts(command, cmd);
    }

    public static StreamSpec.Streams streams(ExecRequest request) {
        return StreamIn.streams(request.getStdin(), request.getStdout(), request.getStderr(), request.getTty());
    }

    public static StreamSpec.Streams streams(AttachRequest request) {
        return StreamIn.streams(request.getStdin(), request.getStdout(), request.getStderr(), request.getTty());
    }

    /** None, where the client names each port when it connects. */
    public static List<Integer> ports(PortForwardRequest request) {
        return StreamIn.ports(request.getPortList());
    }

    /** A time to wait; what is below zero means none. */
    public static Duration seconds(long seconds) {
        return Duration.ofSeconds(Math.clamp(seconds, 0, WAIT_MAX_SECONDS));
    }
}
