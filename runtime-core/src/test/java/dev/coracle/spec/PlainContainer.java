package dev.coracle.spec;

import java.util.List;
import java.util.Map;

/** A container of which nothing is said but what a test is about. */
public final class PlainContainer {
    private static final ContainerSecurity SECURITY = new ContainerSecurity(
            CapabilityRequest.NONE,
            false,
            NamespaceModes.pod(),
            null,
            UserRequest.NONE,
            false,
            false,
            List.of(),
            List.of(),
            SecurityProfile.UNCONFINED,
            SecurityProfile.UNCONFINED);

    private PlainContainer() {}

    public static ContainerSpec spec() {
        return spec(List.of(), List.of(), Map.of());
    }

    public static ContainerSpec spec(List<EnvVar> envs, List<String> cdiDevices, Map<String, String> annotations) {
        return new ContainerSpec(
                new ContainerMetadata("main", 0),
                new ImageRequest("image", ""),
                List.of(),
                List.of(),
                "",
                envs,
                List.of(),
                List.of(),
                cdiDevices,
                Map.of(),
                annotations,
                "",
                false,
                false,
                false,
                null,
                Resources.NONE,
                SECURITY);
    }
}
