package dev.coracle.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.spec.ContainerEdits;
import dev.coracle.spec.ContainerSpec;
import dev.coracle.spec.DeviceNode;
import dev.coracle.spec.EnvVar;
import dev.coracle.spec.Hook;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.PlainContainer;
import dev.coracle.spec.Propagation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CdiDevicesTest {
    /** In the form that NVIDIA's toolkit generates. */
    private static final String NVIDIA = """
        ---
        cdiVersion: 0.5.0
        kind: nvidia.com/gpu
        containerEdits:
          deviceNodes:
          - path: /dev/nvidiactl
          env:
          - NVIDIA_VISIBLE_DEVICES=void
          hooks:
          - args: [nvidia-ctk, hook, update-ldcache, --folder, /usr/lib]
            hookName: createContainer
            path: /usr/bin/nvidia-ctk
            timeout: 30
          mounts:
          - containerPath: /usr/lib/libcuda.so
            hostPath: /usr/lib/libcuda.so.1
            options: [ro, nosuid, nodev, rbind, rprivate]
          additionalGids: [0, 44]
        devices:
        - name: "0"
          containerEdits:
            deviceNodes:
            - {path: /dev/nvidia0, hostPath: /dev/nv0, type: c, major: 195, minor: 0, fileMode: 438, permissions: rw, uid: 1, gid: 2}
        - name: "1"
          containerEdits:
            env: [SECOND=1]
        """;

    @TempDir
    private Path directory;

    private final AtomicInteger readings = new AtomicInteger();
    private CdiDevices devices;

    @BeforeEach
    void directories() throws IOException {
        devices = new CdiDevices(
                List.of(directory.resolve("etc"), directory.resolve("run"), directory.resolve("absent/below")), it -> {
                    readings.incrementAndGet();
                    return SpecIndex.read(it);
                });
        Files.createDirectories(directory.resolve("etc"));
        Files.createDirectories(directory.resolve("run"));
    }

    @AfterEach
    void close() {
        devices.close();
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(directory.resolve(file), text);
    }

    private ContainerEdits edits(String... names) {
        return devices.edits(spec(List.of(names), Map.of()));
    }

    @Test
    void what_the_file_says_comes_once_and_what_its_devices_say_for_each() throws IOException {
        write("etc/nvidia.yaml", NVIDIA);
        assertThat(edits("nvidia.com/gpu=0", "nvidia.com/gpu=1"))
                .isEqualTo(new ContainerEdits(
                        List.of(new EnvVar("NVIDIA_VISIBLE_DEVICES", "void"), new EnvVar("SECOND", "1")),
                        List.of(
                                new DeviceNode(
                                        "/dev/nvidiactl", "/dev/nvidiactl", "", null, null, null, "rwm", null, null),
                                new DeviceNode("/dev/nvidia0", "/dev/nv0", "c", 195, 0, 0666, "rw", 1L, 2L)),
                        List.of(new MountSpec(
                                "/usr/lib/libcuda.so",
                                "/usr/lib/libcuda.so.1",
                                true,
                                false,
                                Propagation.PRIVATE,
                                false,
                                List.of(),
                                List.of(),
                                null,
                                List.of("nosuid", "nodev"),
                                false)),
                        List.of(new Hook(
                                Hook.Stage.CREATE_CONTAINER,
                                "/usr/bin/nvidia-ctk",
                                List.of("nvidia-ctk", "hook", "update-ldcache", "--folder", "/usr/lib"),
                                List.of(),
                                30)),
                        List.of(44L)));
        assertThat(edits()).isEqualTo(ContainerEdits.NONE);
    }

    @Test
    void edits_are_put_over_the_spec() throws IOException {
        write("etc/nvidia.yaml", NVIDIA);
        ContainerSpec spec = spec(List.of("nvidia.com/gpu=1"), Map.of());
        ContainerSpec edited = devices.edits(spec).applyTo(spec);
        assertThat(edited.envs()).extracting(EnvVar::name).containsExactly("OWN", "NVIDIA_VISIBLE_DEVICES", "SECOND");
        assertThat(edited.mounts()).extracting(MountSpec::containerPath).containsExactly("/usr/lib/libcuda.so");
        assertThat(edited.security().user().supplementalGroups()).containsExactly(44L);
        assertThat(ContainerEdits.NONE.applyTo(spec)).isSameAs(spec);
    }

    @Test
    void a_name_may_come_from_an_annotation_and_counts_once() throws IOException {
        write("etc/nvidia.yaml", NVIDIA);
        Map<String, String> annotations =
                Map.of("cdi.k8s.io/b", "nvidia.com/gpu=1,nvidia.com/gpu=0", "cdj", "x", "cdi.k8s", "y");
        assertThat(devices.edits(spec(List.of("nvidia.com/gpu=0"), annotations)))
                .isEqualTo(edits("nvidia.com/gpu=0", "nvidia.com/gpu=1"));
    }

    @Test
    void the_later_directory_wins_and_two_files_of_one_are_a_conflict() throws IOException {
        write("etc/a.json", paint("red"));
        assertThat(edits("example.com/paint=pot").env()).containsExactly(new EnvVar("COLOUR", "red"));
        write("run/z.json", paint("blue"));
        assertThat(edits("example.com/paint=pot").env()).containsExactly(new EnvVar("COLOUR", "blue"));
        write("run/y.json", paint("grey"));
        assertThatThrownBy(() -> edits("example.com/paint=pot"))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageContaining(
                        "config.CDI_devices[0].name: CDI device example.com/paint=pot cannot be resolved: ")
                .hasMessageContaining("run/y.json and ")
                .hasMessageContaining("run/z.json both have it");
        Files.delete(directory.resolve("run/y.json"));
        assertThat(edits("example.com/paint=pot").env()).containsExactly(new EnvVar("COLOUR", "blue"));
    }

    private static String paint(String colour) {
        return "{\"cdiVersion\":\"1.0.0\",\"kind\":\"example.com/paint\",\"devices\":[{\"name\":\"pot\","
                + "\"containerEdits\":{\"env\":[\"COLOUR=" + colour + "\"]}}]}";
    }

    @Test
    void a_file_that_cannot_be_read_is_told_when_a_device_is_missed_and_harms_no_other() throws IOException {
        write("etc/nvidia.yaml", NVIDIA);
        write("etc/broken.yaml", "a: [");
        write("etc/ignored.txt", "a: [");
        assertThat(edits("nvidia.com/gpu=1").env()).hasSize(2);
        assertThatThrownBy(() -> edits("vendor.com/x=y"))
                .hasMessageContaining("no specification file in")
                .hasMessageContaining("broken.yaml: is neither JSON nor YAML")
                .hasMessageNotContaining("ignored");
    }

    @Test
    void files_are_read_again_only_where_something_has_changed() throws IOException {
        write("etc/a.json", paint("red"));
        assertThat(colour()).isEqualTo("red");
        assertThat(colour()).isEqualTo("red");
        write("other.json", paint("blue"));
        Files.createDirectories(directory.resolve("unrelated"));
        assertThat(colour()).isEqualTo("red");
        assertThat(readings).hasValue(1);
        // of the same length, and within the same tick of the clock that stamps files
        write("etc/a.json", paint("tan"));
        assertThat(colour()).isEqualTo("tan");
        write("etc/new", paint("sky"));
        Files.move(directory.resolve("etc/new"), directory.resolve("etc/a.json"), StandardCopyOption.REPLACE_EXISTING);
        assertThat(colour()).isEqualTo("sky");
        assertThat(readings).hasValue(3);
    }

    @Test
    void a_directory_may_come_go_and_come_again() throws IOException {
        write("etc/a.json", paint("red"));
        assertThat(colour()).isEqualTo("red");
        for (String colour : List.of("blue", "grey")) {
            Files.createDirectories(directory.resolve("absent/below"));
            write("absent/below/a.json", paint(colour));
            assertThat(colour()).isEqualTo(colour);
            Files.delete(directory.resolve("absent/below/a.json"));
            Files.delete(directory.resolve("absent/below"));
            Files.delete(directory.resolve("absent"));
            assertThat(colour()).isEqualTo("red");
        }
        Files.move(directory.resolve("etc"), directory.resolve("old"));
        assertThatThrownBy(this::colour).isInstanceOf(InvalidSpec.class);
        Files.move(directory.resolve("old"), directory.resolve("run/../etc"));
        assertThat(colour()).isEqualTo("red");
    }

    private String colour() {
        return edits("example.com/paint=pot").env().getFirst().value();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[ro, rbind, rprivate] | ro rbind",
                "[bind] | bind",
                "[rbind, bind, rslave, noexec] | bind HOST_TO_CONTAINER noexec",
                "[nosuid, nodev, noexec, suid, rshared] | rbind BIDIRECTIONAL nodev noexec",
                "[ro, rw] | rbind",
                "[rro] | ro rro rbind",
                "[] | rbind",
            })
    void options_of_a_mount(String options, String expected) throws IOException {
        write(
                "etc/x.yaml",
                "cdiVersion: 0.8.0\nkind: a.com/b\ndevices: [{name: c, containerEdits: {mounts: [{hostPath: /a, "
                        + "containerPath: /b, options: " + options + "}]}}]\n");
        MountSpec mount = edits("a.com/b=c").mounts().getFirst();
        List<String> words = new ArrayList<>();
        if (mount.readonly()) {
            words.add("ro");
        }
        if (mount.recursiveReadonly()) {
            words.add("rro");
        }
        words.add(mount.alone() ? "bind" : "rbind");
        if (mount.propagation() != Propagation.PRIVATE) {
            words.add(mount.propagation().name());
        }
        words.addAll(mount.options());
        assertThat(String.join(" ", words)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "env: [=x] | containerEdits.env holds what is not NAME=VALUE",
                "intelRdt: {closID: x} | containerEdits.intelRdt is not supported",
                "netDevices: [] | containerEdits.netDevices is not known",
                "deviceNodes: [{path: dev/x}] | deviceNodes[0].path is not an absolute path: dev/x",
                "deviceNodes: [{path: /dev/x, type: p}] | deviceNodes[0].type is not one of b, c, u: p",
                "deviceNodes: [{path: /dev/x, permissions: rx}] | permissions are not of the letters",
                "mounts: [{hostPath: /a, containerPath: /b, type: tmpfs}] | mounts[0].type is not bind: tmpfs",
                "mounts: [{hostPath: /a, containerPath: /b, options: [loud]}] | options holds one that is not"
                        + " supported: loud",
                "hooks: [{hookName: later, path: /x}] | hooks[0].hookName is not a hook of OCI",
                "hooks: [{hookName: poststop, path: x}] | hooks[0].path is not an absolute path: x",
                "additionalGids: [-1] | additionalGids holds what is no id of a group",
            })
    void what_cannot_be_done_is_an_error_that_names_the_field(String edits, String message) throws IOException {
        write(
                "etc/x.yaml",
                "cdiVersion: 0.8.0\nkind: a.com/b\ncontainerEdits: {" + edits
                        + "}\ndevices: [{name: c, containerEdits: {env: [A=b]}}]\n");
        assertThatThrownBy(() -> edits("a.com/b=c")).hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({"''", "x", "/dev/x", "a/b", "a/b=", "=c", "a/b=-c", "a b/c=d", "a/b=c d"})
    void what_is_no_name_is_refused(String name) {
        assertThatThrownBy(() -> edits(name)).hasMessageContaining("is not of the form vendor/class=device");
    }

    private static ContainerSpec spec(List<String> names, Map<String, String> annotations) {
        return PlainContainer.spec(List.of(new EnvVar("OWN", "1")), names, annotations);
    }
}
