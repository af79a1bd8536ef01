package dev.coracle.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.plan.Plan;
import dev.coracle.spec.MountSpec;
import dev.coracle.spec.Propagation;
import java.util.List;
import java.util.stream.Stream;

/** Containers that look at their roots and volumes. */
final class VolumeScenarios {
    private final KernelRig rig;

    private VolumeScenarios(KernelRig rig) {
        this.rig = rig;
    }

    static void addTo(KernelRig rig) {
        VolumeScenarios all = new VolumeScenarios(rig);
        all.readonly();
        all.volumes();
        all.propagation();
        all.overlays();
        all.images();
    }

    private Samples samples(String name) {
        return rig.samples(name);
    }

    private void volumes() {
        Samples samples = samples("volumes");
        String data = rig.volume("tree", "");
        rig.volume("tree/sub/file", "inside\n");
        MountSpec tree = MountSpec.bind(data, "/var/run/data", false, Propagation.PRIVATE);
        samples.volume(tree, Peering.SHARED)
                .volume(Samples.readonlyTree(data, "/opt/rro", List.of("noexec", "nosuid")), Peering.SHARED)
                .volume(
                        MountSpec.bind(rig.volume("one.txt", "single\n"), "/etc/new/one", true, Propagation.PRIVATE),
                        Peering.SHARED)
                .volume(
                        MountSpec.bind(
                                rig.volume("hosts.txt", "1.2.3.4 own\n"), "/etc/hosts", false, Propagation.PRIVATE),
                        Peering.SHARED);
        String script = """
            echo "== read"; cat /run/data/sub/file /etc/new/one /etc/hosts
            echo "== write"; touch /run/data/made && echo ok; echo x > /etc/new/one; touch /opt/rro/x; touch /opt/rro/sub/x
            echo "== mounts"; cat /proc/self/mountinfo
            """;
        rig.add("volumes", samples, script, outcome -> {
            outcome.clean();
            outcome.in("read").isEqualTo("inside\nsingle\n1.2.3.4 own");
            outcome.in("write").startsWith("ok");
            assertThat(outcome.section("write").lines().filter(line -> line.contains("Read-only")))
                    .hasSize(3);
            assertThat(outcome.mount("/opt/rro")).contains(" ro,nosuid,noexec");
            assertThat(outcome.mount("/run/data")).contains(" rw,");
        });
    }

    /** Mounts are made on both sides while the container runs, and looked for on the other. */
    private void propagation() {
        Samples samples = samples("propagation");
        samples.privileged = true;
        String shared = rig.volume("peers", "");
        for (String below : List.of("early", "late", "inside")) {
            rig.volume("peers/" + below, "");
        }
        samples.volume(MountSpec.bind(shared, "/private", false, Propagation.PRIVATE), Peering.SHARED)
                .volume(MountSpec.bind(shared, "/slave", false, Propagation.HOST_TO_CONTAINER), Peering.SHARED)
                .volume(MountSpec.bind(shared, "/both", false, Propagation.BIDIRECTIONAL), Peering.SHARED);
        samples.args = List.of("exec > /dev/null 2>&1; sleep 60");
        Plan share = KernelRig.onHost("cd " + shared + " && mount --bind . . && mount --make-private " + shared
                + " && mount --make-shared " + shared + " && mount -t tmpfs early " + shared + "/early");
        Plan late = KernelRig.onHost("mount -t tmpfs late " + shared + "/late; echo $?");
        Plan inside = rig.exec(samples, """
            echo "== seen"; for d in private slave both; do for m in early late; do
            grep -q " /$d/$m " /proc/self/mountinfo && echo $d $m; done; done
            mount -t tmpfs outwards /both/inside; mount -t tmpfs stays /slave/inside 2>&1; echo "== end"\
            """);
        Plan back =
                KernelRig.onHost("grep -c 'peers/inside.* - tmpfs outwards' /proc/self/mountinfo; grep -c 'tmpfs stays'"
                        + " /proc/self/mountinfo;"
                        + " umount"
                        + " " + shared + "/inside; umount " + shared + "/late; umount " + shared
                        + "/early; umount " + shared);
        rig.add("propagation", samples, 2, List.of(late, inside, back), outcome -> {
            outcome.clean();
            assertThat(outcome.section("seen").lines())
                    .containsExactly("private early", "slave early", "slave late", "both early", "both late");
            assertThat(outcome.host(6).lines()).containsExactly("1", "0");
        });
        before(share);
    }

    private void before(Plan plan) {
        KernelRig.Scenario last = rig.scenarios().removeLast();
        List<Plan> plans = Stream.concat(Stream.of(plan), last.plans().stream()).toList();
        rig.scenarios().add(new KernelRig.Scenario(last.name(), plans, last.check()));
    }

    private void overlays() {
        for (int layers : List.of(40, 120)) {
            String name = "overlay" + layers;
            Samples samples = samples(name);
            samples.args = List.of("echo '== layers'; ls -d /l* | grep -c '/l[0-9]'; touch /made && echo writable");
            rig.add(name, samples, layers, List.of(), outcome -> {
                outcome.clean();
                outcome.in("layers").isEqualTo((layers - 2) + "\nwritable");
                assertThat(outcome.results()
                                .get(1)
                                .answers()
                                .read("passwd")
                                .orElseThrow()
                                .utf8())
                        .contains("web:x:1000");
            });
        }
    }

    private void readonly() {
        Samples samples = samples("readonly");
        samples.readonlyRootfs = true;
        samples.workingDir = "/srv";
        samples.volume(MountSpec.bind(rig.volume("rw", ""), "/data", false, Propagation.PRIVATE), Peering.SHARED);
        String script = "echo '== root'; touch /x; touch /srv/x; touch /etc/hosts; touch /data/x && echo written; pwd";
        rig.add("readonly", samples, script, outcome -> {
            outcome.clean();
            assertThat(outcome.section("root").lines().filter(line -> line.contains("Read-only")))
                    .hasSize(3);
            outcome.in("root").endsWith("written\n/srv");
        });
    }

    private void images() {
        for (boolean mapped : rig.host.userNamespaces() ? List.of(false, true) : List.of(false)) {
            String name = mapped ? "imagesuserns" : "images";
            Samples samples = samples(name);
            if (mapped) {
                samples.own(Samples.USER_NAMESPACE);
            }
            String layers = rig.base + "/layers";
            samples.image("/whole", "", new VolumeLayers(layers, List.of("n0", "n1")), List.of("noexec"))
                    .image("/part", "home/web", new VolumeLayers(layers, List.of("n0", "n1")), List.of())
                    .image("/etc/names.txt", "etc/group.", new VolumeLayers(layers, List.of("n1")), List.of())
                    .image("/many", "var/run/", new VolumeLayers(layers, List.of("n5", "n1", "n0", "n2")), List.of());
            samples.mounts = samples.mounts.stream()
                    .map(mount -> mount.containerPath().equals("/etc/names.txt") ? group(mount) : mount)
                    .toList();
            String script = KernelScenarios.LOOK + """
                echo "== image"; ls -d /whole/bin/busybox /part /many; cat /etc/names.txt; stat -c '%u' /whole/etc/passwd
                touch /whole/x; touch /part/x; /whole/bin/busybox true
                """;
            rig.add(name, samples, script, outcome -> {
                outcome.clean();
                outcome.in("image")
                        .contains("/many\n/part\n/whole/bin/busybox\nroot:x:0:\n")
                        .contains("\n0\n")
                        .contains("Permission denied");
                assertThat(outcome.section("image").lines().filter(line -> line.contains("Read-only")))
                        .hasSize(2);
                assertThat(outcome.mount("/whole")).contains("ro,").contains("noexec");
                assertThat(outcome.mount("/part")).contains(" /home/web /part ro,");
                assertThat(outcome.mount("/shm"))
                        .as("nothing of what is only partly mounted is in sight")
                        .isEmpty();
            });
        }
    }

    /** The sample's name has a dot to be a file; the image's has none. */
    private static MountSpec group(MountSpec mount) {
        return Samples.imageMount(mount.containerPath(), "etc/group", List.of());
    }
}
