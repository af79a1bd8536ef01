package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.proto.Field;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the containers of one pod share, and what they do not. */
@DaemonTest
final class SharedPodTest {

    @Test
    @Tag("vm")
    @Field(value = "ContainerMetadata.name", does = "part of the key; empty is refused; echoed")
    @Field(
            value = "CreateContainerRequest.pod_sandbox_id",
            does = "the pod it joins; must be Ready; the unique beginning of an id is enough")
    void containersShareLocalhostAndIpc(Rig rig) {
        RunningPod pod = rig.run(Pods.named("pair"));
        RunningContainer first =
                pod.start(rig.busybox("echo from first > /tmp/index.html; exec httpd -f -p 127.0.0.1:8080 -h /tmp")
                        .named("first"));
        RunningContainer second = pod.start(rig.idle().named("second"));

        awaitHttp(second);
        assertThat(second.output("/t/get", "127.0.0.1", "8080")).isEqualTo("from first\n");

        first.output("/t/ipc", "put", "4711", "left here");
        assertThat(second.output("/t/ipc", "get", "4711")).isEqualTo("left here\n");
        first.output("sh", "-c", "echo shared > /dev/shm/file");
        assertThat(second.output("cat", "/dev/shm/file")).isEqualTo("shared\n");
    }

    @Test
    void podsDoNotShareIpc(Rig rig) {
        RunningContainer one = rig.run(Pods.named("one")).start(rig.idle());
        RunningContainer two = rig.run(Pods.named("two")).start(rig.idle());
        one.output("/t/ipc", "put", "4711", "left here");
        one.output("sh", "-c", "echo mine > /dev/shm/file");
        assertThat(two.exec("/t/ipc", "get", "4711").getExitCode()).isEqualTo(1);
        assertThat(two.exec("cat", "/dev/shm/file").getExitCode()).isEqualTo(1);
    }

    @Test
    @Field(
            value = "NamespaceOption.pid",
            does = "CONTAINER: a namespace of its own; POD: one for the pod, with an init; NODE: the node's; TARGET:"
                    + " that of target_id")
    void filesAndProcessesAreEachContainersOwn(Rig rig) {
        RunningPod pod = rig.run(Pods.named("apart"));
        RunningContainer first = pod.start(rig.idle().named("first"));
        RunningContainer second = pod.start(rig.busybox("exec sleep 4242").named("second"));
        first.output("touch", "/only-here");
        assertThat(second.exec("ls", "/only-here").getExitCode()).isEqualTo(1);
        assertThat(first.output("ps")).doesNotContain("4242");
        assertThat(first.output("readlink", "/proc/1/exe")).isEqualTo("/t/pause\n");
    }

    @Test
    void sharedProcessNamespaceShowsAllProcesses(Rig rig) {
        RunningPod pod = rig.run(Pods.named("together").sharedPid());
        RunningContainer first = pod.start(rig.idle().named("first"));
        RunningContainer second = pod.start(rig.busybox("exec sleep 4242").named("second"));
        assertThat(first.output("ps")).contains("sleep 4242");
        assertThat(second.output("ps")).contains("/t/pause");
        assertThat(second.output("grep", "-E", "^(Name|Seccomp):", "/proc/1/status"))
                .as("the init, which containers can take over, has a filter")
                .isEqualTo("Name:\tpause\nSeccomp:\t2\n");
        assertThat(first.output("sh", "-c", "echo $$")).isNotEqualTo("1\n");
    }

    @Test
    @Field("NamespaceOption.pid")
    void hostProcessNamespaceShowsTheMachines(Rig rig) {
        RunningPod pod = rig.run(Pods.named("host-pid").hostPid());
        RunningContainer container = pod.start(rig.idle());
        assertThat(container.output("ps"))
                .containsPattern("(?m)^ *" + ProcessHandle.current().pid() + " ");
    }

    @Test
    @Field(value = "ContainerMetadata.attempt", does = "with the name the key in its pod; echoed")
    void containerIsRestartedWithAnotherAttempt(Rig rig) {
        RunningPod pod = rig.run(Pods.named("again"));
        RunningContainer first = pod.start(rig.busybox("exit 1"));
        assertThat(first.awaitExit().getExitCode()).isEqualTo(1);
        RunningContainer second = pod.start(rig.idle().attempt(1));
        assertThat(second.status().getMetadata().getAttempt()).isEqualTo(1);
        assertThat(second.status().getCreatedAt()).isGreaterThan(first.status().getCreatedAt());
        first.remove();
        assertThat(second.output("echo", "still here")).isEqualTo("still here\n");
    }

    private static void awaitHttp(RunningContainer inside) {
        Waiting.untilTrue(
                "httpd answers",
                Duration.ofSeconds(20),
                () -> inside.exec("/t/get", "127.0.0.1", "8080").getExitCode() == 0);
    }
}
