package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.v1.ContainerStatusRequest;
import dev.coracle.proto.v1.ImageSpec;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An image as a container sees it that has it as a volume: its layers, and nothing that a container adds. */
final class MountedImage {
    private static final Pattern PID = Pattern.compile("\"pid\": *(\\d+)");

    private MountedImage() {}

    /** The image's root directory, there for as long as the pod is. */
    static Path in(RunningPod pod, Rig rig, String image) {
        RunningContainer container = pod.start(rig.idle()
                .named("shows-" + image.replaceAll("[^a-z0-9]+", "-"))
                .mount(
                        Path.of("/"),
                        "/image",
                        m -> m.setHostPath("")
                                .setReadonly(true)
                                .setImage(ImageSpec.newBuilder().setImage(image))));
        return Path.of("/proc", pid(rig, container), "root/image");
    }

    private static String pid(Rig rig, RunningContainer container) {
        String status = rig.client()
                .runtime()
                .containerStatus(ContainerStatusRequest.newBuilder()
                        .setContainerId(container.id())
                        .setVerbose(true)
                        .build())
                .getInfoMap()
                .values()
                .toString();
        Matcher pid = PID.matcher(status);
        assertThat(pid.find()).as(status).isTrue();
        return pid.group(1);
    }
}
