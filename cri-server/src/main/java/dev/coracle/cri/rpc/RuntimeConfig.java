package dev.coracle.cri.rpc;

import dev.coracle.proto.v1.CgroupDriver;
import dev.coracle.proto.v1.LinuxRuntimeConfiguration;
import dev.coracle.proto.v1.RuntimeConfigRequest;
import dev.coracle.proto.v1.RuntimeConfigResponse;

/** Tells a kubelet the cgroup driver, which it uses in place of its own setting for as long as it runs. */
public final class RuntimeConfig {
    private final RuntimeConfigResponse response;

    public RuntimeConfig(dev.coracle.spec.CgroupDriver driver) {
        CgroupDriver written = switch (driver) {
            case CGROUPFS -> CgroupDriver.CGROUPFS;
            case SYSTEMD -> CgroupDriver.SYSTEMD;
        };
        this.response = RuntimeConfigResponse.newBuilder()
                .setLinux(LinuxRuntimeConfiguration.newBuilder().setCgroupDriver(written))
                .build();
    }

    public RuntimeConfigResponse handle(RuntimeConfigRequest request) {
        return response;
    }
}
