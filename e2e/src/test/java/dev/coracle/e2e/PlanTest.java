package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.proto.Contract;
import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.IDMapping;
import dev.coracle.proto.v1.NamespaceMode;
import dev.coracle.proto.v1.SecurityProfile;
import dev.coracle.proto.v1.SecurityProfile.ProfileType;
import dev.coracle.proto.v1.StatusRequest;
import dev.coracle.proto.v1.UserNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code coracle plan} prints what the daemon has executed, and the bytes it writes are those that the daemon has kept. */
@DaemonTest
@CoracleOnly
final class PlanTest {
    private static final List<String> NAMES = List.of("sandbox", "create", "start");

    /** Runs it for real, plans it beside, and compares. */
    private static void same(Rig rig, Pods pods, Containers container) throws IOException {
        RunningPod pod = rig.run(pods);
        ContainerConfig config = container.in(pod.config());
        RunningContainer started = pod.start(config);
        Path folder = rig.folder("plan");
        Outcome planned = plan(
                rig,
                "--pod-id=" + pod.id(),
                "--container-id=" + started.id(),
                "--write=" + folder,
                Files.writeString(folder.resolve("pod.json"), RequestJson.of(pod.config()))
                        .toString(),
                Files.writeString(folder.resolve("container.json"), RequestJson.of(config))
                        .toString());
        StringBuilder executed = new StringBuilder();
        for (String name : NAMES) {
            Path kept = KeptPlans.titled(rig, pod, name + " ").getFirst();
            executed.append(KeptPlans.text(kept));
            assertThat(folder.resolve(name + ".plan")).as(name).hasSameBinaryContentAs(kept);
        }
        assertThat(planned.text()).isEqualTo(executed.toString());
    }

    private static Outcome plan(Rig rig, String... arguments) {
        DaemonDirs dirs = rig.daemon().dirs();
        List<String> command = new ArrayList<>(List.of(
                Tools.home().resolve("bin/coracle").toString(),
                "plan",
                "--state=" + dirs.state(),
                "--run=" + dirs.run(),
                "--config=" + dirs.config(),
                "--cni-conf-dir=" + dirs.cniConf()));
        command.addAll(List.of(arguments));
        return rig.node().command(command);
    }

    @Test
    void ofAnUnprivilegedContainerWithVolumes(Rig rig) throws IOException {
        Path volume = rig.folder("volume");
        Path link = Files.createSymbolicLink(rig.folder("link").resolve("link"), volume);
        same(
                rig,
                Pods.named("volumes").hostNetwork(),
                rig.idle()
                        .env("GREETING", "gr\u00fcn \"x\"")
                        .workingDir("/new/one")
                        .dropCapability("ALL")
                        .addCapability("NET_BIND_SERVICE")
                        .memory(64)
                        .mount(link, "/data", m -> m.setReadonly(true))
                        .mount(Path.of("/etc/hostname"), "/etc/single")
                        .security(s ->
                                s.setRunAsUsername("app").setNoNewPrivs(true).setReadonlyRootfs(true)));
    }

    @Test
    void ofATerminalInAPodWithANetworkAndASharedProcessNamespace(Rig rig) throws IOException {
        same(
                rig,
                Pods.named("network").sharedPid().port(80, 18081).sysctl("net.core.somaxconn", "77"),
                rig.idle().tty().user(1000, 1000).security(s -> s.addSupplementalGroups(777)));
    }

    @Test
    void ofAPrivilegedContainer(Rig rig) throws IOException {
        same(rig, Pods.named("privileged").privileged(), rig.idle().privileged());
    }

    @Test
    void ofManyLayersAUserOfTheImageAndAProfileOfTheNode(Rig rig) throws IOException {
        Path profile = Files.writeString(rig.folder("seccomp").resolve("p.json"), """
            {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["chmod"], "action": "SCMP_ACT_ERRNO"}]}
            """);
        same(
                rig,
                Pods.named("layers"),
                rig.container("layers:40")
                        .command("/t/pause")
                        .security(s -> s.setSeccomp(SecurityProfile.newBuilder()
                                .setProfileType(ProfileType.Localhost)
                                .setLocalhostRef(profile.toString()))));
        same(rig, Pods.named("user").hostPid(), rig.container("user:name-group").command("/t/pause"));
    }

    @Test
    void ofAPodWithAUserNamespaceOfItsOwn(Rig rig) throws IOException {
        boolean can = rig.client()
                .runtime()
                .status(StatusRequest.getDefaultInstance())
                .getRuntimeHandlers(0)
                .getFeatures()
                .getUserNamespaces();
        assumeTrue(can, "this kernel cannot map the ids of a tmpfs: user namespaces are refused");
        IDMapping range =
                IDMapping.newBuilder().setHostId(200_000).setLength(65_536).build();
        UserNamespace.Builder user = UserNamespace.newBuilder()
                .setMode(NamespaceMode.POD)
                .addUids(range)
                .addGids(range);
        same(
                rig,
                Pods.named("userns").userNamespace(user),
                rig.container("layers:40").command("/t/pause").mount(rig.folder("volume"), "/data"));
    }

    @Test
    void whatTheDaemonWouldRefuseIsRefusedInTheSameWords(Rig rig) throws IOException {
        RunningPod pod = rig.run(Pods.named("refused").hostNetwork());
        ContainerConfig config = rig.idle()
                .in(
                        pod.config(),
                        c -> Contract.text(c, "linux { security_context { run_as_username: 'nobody-knows' } }"));
        String daemon = Refused.anyhow(() -> rig.client().createContainer(pod.id(), config, pod.config()));
        Path folder = rig.folder("plan");
        Outcome planned = plan(
                rig,
                Files.writeString(folder.resolve("pod.json"), RequestJson.of(pod.config()))
                        .toString(),
                Files.writeString(folder.resolve("container.json"), RequestJson.of(config))
                        .toString());
        assertThat(planned.status()).isEqualTo(1);
        assertThat(planned.err().strip()).isEqualTo("coracle: " + daemon);
    }
}
