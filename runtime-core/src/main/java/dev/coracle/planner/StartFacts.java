package dev.coracle.planner;

import dev.coracle.spec.Hook;
import dev.coracle.state.Prepared;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a start depends on beside the order itself.
 *
 * @param prepared what the answers to the create plan came to
 * @param peerings one for each mount of the spec: of the host's mount that its source lies on, now
 * @param images the images of the spec's mounts that name one, in their order
 * @param devices those of the spec, directories resolved; when privileged all of the host's besides
 * @param seccomp the compiled filter; null for none
 * @param apparmor name of the AppArmor profile; empty for none
 * @param hooks what the container's devices want run
 * @param logPath absolute path of the log; empty for none
 */
public record StartFacts(
        Prepared prepared,
        List<Peering> peerings,
        List<VolumeLayers> images,
        List<HostDevice> devices,
        @Nullable SeccompFilter seccomp,
        String apparmor,
        List<Hook> hooks,
        String logPath) {
    public StartFacts {
        peerings = List.copyOf(peerings);
        images = List.copyOf(images);
        devices = List.copyOf(devices);
        hooks = List.copyOf(hooks);
    }
}
