package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.proto.Field;
import dev.coracle.proto.v1.LinuxContainerSecurityContext;
import dev.coracle.proto.v1.SecurityProfile;
import dev.coracle.proto.v1.SecurityProfile.ProfileType;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** AppArmor: profiles hold where the kernel has it, and are refused where it has not. */
@DaemonTest
@CoracleOnly
@Tag("vm")
final class AppArmorTest {
    private static final String DENY_WRITE = """
        profile coracle-e2e-deny-write flags=(attach_disconnected) {
          file,
          network,
          capability,
          signal,
          deny /** w,
        }
        """;

    private static boolean enabled() {
        try {
            Path enabled = Path.of("/sys/module/apparmor/parameters/enabled");
            return Files.exists(enabled)
                    && Files.readString(enabled).startsWith("Y")
                    && Files.exists(Path.of("/sys/kernel/security/apparmor"));
        } catch (IOException e) {
            return false;
        }
    }

    private static void requireAppArmor() {
        assumeTrue(enabled(), "AppArmor is not enabled on this kernel");
    }

    private static RunningContainer create(Rig rig, SecurityProfile.Builder profile) {
        return rig.run(Pods.named("apparmor").hostNetwork()).create(rig.idle().security(s -> s.setApparmor(profile)));
    }

    private static RunningContainer start(Rig rig, SecurityProfile.Builder profile) {
        RunningContainer container = create(rig, profile);
        rig.client().startContainer(container.id());
        return container;
    }

    private static SecurityProfile.Builder local(String name) {
        return SecurityProfile.newBuilder()
                .setProfileType(ProfileType.Localhost)
                .setLocalhostRef(name);
    }

    private static SecurityProfile.Builder type(ProfileType type) {
        return SecurityProfile.newBuilder().setProfileType(type);
    }

    private static String confinement(RunningContainer container, String process) {
        return container.output("cat", "/proc/" + process + "/attr/current").strip();
    }

    @Test
    @Field(
            value = "SecurityProfile.profile_type",
            does = "AppArmor: the runtime's own profile, none, or one that is loaded; absent is the runtime's own where"
                    + " the kernel has AppArmor")
    @Field(value = "SecurityProfile.localhost_ref", does = "AppArmor: the name of the profile, which must be loaded")
    void aLocalProfileIsRefusedWhereThereIsNone(Rig rig) {
        if (enabled()) {
            assertThat(Refused.with(Code.INVALID_ARGUMENT, () -> create(rig, local("absent"))))
                    .isEqualTo("linux.security_context.apparmor.localhost_ref: AppArmor profile absent is not loaded on"
                            + " this node; apparmor_parser loads it");
        } else {
            assertThat(Refused.with(Code.UNIMPLEMENTED, () -> create(rig, local("absent"))))
                    .isEqualTo("apply AppArmor profile absent: AppArmor is not enabled on this node");
            assertThat(Refused.with(Code.UNIMPLEMENTED, () -> create(rig, type(ProfileType.RuntimeDefault))))
                    .isEqualTo("apply AppArmor profile coracle-default: AppArmor is not enabled on this node");
        }
    }

    @Test
    @Field(value = "LinuxContainerSecurityContext.apparmor_profile", does = "counts where `apparmor` is absent")
    void theOldFieldCountsWhereTheNewOneIsAbsent(Rig rig) {
        RunningPod pod = rig.run(Pods.named("apparmor-old").hostNetwork());
        Containers container = rig.idle().security(s -> oldProfile(s, "localhost/absent"));
        assertThat(Refused.anyhow(() -> pod.create(container))).contains("AppArmor profile absent");
        assertThat(pod.start(rig.idle().named("none").security(s -> oldProfile(s, "unconfined")))
                        .output("echo", "runs"))
                .isEqualTo("runs\n");
    }

    @SuppressWarnings("deprecation") // the old field is what this is about
    private static void oldProfile(LinuxContainerSecurityContext.Builder security, String profile) {
        security.setApparmorProfile(profile);
    }

    @Test
    void theRuntimesOwnIsForWhoAsksForItAndForWhoAsksForNothing(Rig rig) {
        RunningPod pod = rig.run(Pods.named("apparmor-default").hostNetwork());
        RunningContainer usual = pod.start(rig.idle());
        if (enabled()) {
            assertThat(confinement(usual, "1")).isEqualTo("coracle-default (enforce)");
            assertThat(confinement(usual, "self")).as("an exec's").isEqualTo("coracle-default (enforce)");
            assertThat(usual.exec("sh", "-c", "echo x > /tmp/file && cat /tmp/file")
                            .getExitCode())
                    .isZero();
            assertThat(confinement(start(rig, type(ProfileType.RuntimeDefault)), "1"))
                    .isEqualTo("coracle-default (enforce)");
            assertThat(confinement(start(rig, type(ProfileType.Unconfined)), "1"))
                    .isEqualTo("unconfined");
        }
        usual.stop(Duration.ofSeconds(60));
        assertThat(usual.status().getExitCode()).as("signals reach it").isNotEqualTo(137);
    }

    @Test
    void theRuntimesOwnForbidsMountingWhereCapabilitiesWouldAllowIt(Rig rig) {
        requireAppArmor();
        RunningPod pod = rig.run(Pods.named("apparmor-mount").hostNetwork());
        Containers able = rig.idle()
                .addCapability("SYS_ADMIN")
                .security(s -> s.clearSeccomp().setApparmor(type(ProfileType.RuntimeDefault)));
        assertThat(pod.start(able).exec("mount", "-t", "tmpfs", "x", "/mnt").getExitCode())
                .isNotZero();
        Containers unconfined = rig.idle()
                .named("unconfined")
                .addCapability("SYS_ADMIN")
                .security(s -> s.clearSeccomp().setApparmor(type(ProfileType.Unconfined)));
        assertThat(pod.start(unconfined)
                        .exec("mount", "-t", "tmpfs", "x", "/mnt")
                        .getExitCode())
                .isZero();
    }

    @Test
    void aLocalProfileHoldsForTheContainerAndItsExecs(Rig rig) throws IOException {
        requireAppArmor();
        Path file = Files.writeString(rig.folder("apparmor").resolve("profile"), DENY_WRITE);
        rig.node().command("apparmor_parser", "-r", file.toString()).text();
        try {
            RunningContainer container = start(rig, local("localhost/coracle-e2e-deny-write"));
            assertThat(confinement(container, "1")).isEqualTo("coracle-e2e-deny-write (enforce)");
            assertThat(container.exec("touch", "/tmp/file").getExitCode()).isNotZero();
            RunningContainer tracer = rig.run(Pods.named("apparmor-ptrace").hostNetwork())
                    .start(rig.idle()
                            .addCapability("SYS_PTRACE")
                            .security(s -> s.setNoNewPrivs(true).setApparmor(local("coracle-e2e-deny-write"))));
            assertThat(confinement(tracer, "self"))
                    .as("an exec made in two steps")
                    .isEqualTo("coracle-e2e-deny-write (enforce)");
        } finally {
            rig.node().command("apparmor_parser", "-R", file.toString()).text();
        }
    }

    @Test
    void privilegedIsNeverConfined(Rig rig) {
        requireAppArmor();
        RunningContainer container = rig.run(
                        Pods.named("apparmor-privileged").hostNetwork().privileged())
                .start(rig.idle().privileged().security(s -> s.setApparmor(type(ProfileType.RuntimeDefault))));
        assertThat(confinement(container, "1")).isEqualTo("unconfined");
    }
}
