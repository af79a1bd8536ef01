package dev.coracle.cri;

import dev.coracle.proto.Contract;
import dev.coracle.proto.v1.ContainerConfig;
import dev.coracle.proto.v1.CreateContainerRequest;
import dev.coracle.proto.v1.RunPodSandboxRequest;
import dev.coracle.spec.StreamSpec;
import java.util.function.Consumer;

/** Requests in which every field that Linux knows is set, to a value other than its default. */
final class Samples {
    private Samples() {}

    /** A pod of its own namespaces. */
    static final RunPodSandboxRequest POD =
            Contract.text(RunPodSandboxRequest.newBuilder(), """
                config {
                  metadata { name: "web-0" uid: "uid-1" namespace: "shop" attempt: 4294967295 }
                  hostname: "web-0"
                  log_directory: "/var/log/pods/shop_web-0_uid-1"
                  dns_config { servers: "10.0.0.10" searches: "shop.svc" options: "ndots:5" }
                  port_mappings { protocol: SCTP container_port: 80 host_port: 8080 host_ip: "127.0.0.1" }
                  labels { key: "app" value: "web" }
                  annotations { key: "note" value: "a\\nb" }
                  linux {
                    cgroup_parent: "/kubepods/burstable/poduid-1"
                    security_context {
                      namespace_options {
                        pid: CONTAINER
                        userns_options {
                          uids { host_id: 100000 length: 65536 }
                          gids { host_id: 200000 length: 65536 }
                        }
                      }
                      selinux_options { user: "u" role: "r" type: "t" level: "s0:c1" }
                      run_as_user { value: 1000 }
                      run_as_group { value: 1001 }
                      readonly_rootfs: true
                      supplemental_groups: 7
                      supplemental_groups_policy: Strict
                      privileged: true
                      seccomp { profile_type: Localhost localhost_ref: "/profiles/pod.json" }
                      apparmor { profile_type: Localhost localhost_ref: "pod-profile" }
                    }
                    sysctls { key: "net.ipv4.ip_forward" value: "1" }
                    overhead { memory_limit_in_bytes: 1048576 }
                    resources { cpu_shares: 512 }
                  }
                }
                runtime_handler: "special"
                """).build();

    /** A pod of the host's namespaces, from an older client. */
    static final RunPodSandboxRequest OLD_HOST_POD =
            Contract.text(RunPodSandboxRequest.newBuilder(), """
                config {
                  metadata { name: "agent" uid: "uid-2" namespace: "kube-system" }
                  linux {
                    security_context {
                      namespace_options { network: NODE pid: NODE ipc: NODE userns_options { mode: NODE } }
                      seccomp_profile_path: "localhost//profiles/old.json"
                    }
                  }
                }
                """).build();

    static final CreateContainerRequest CONTAINER =
            Contract.text(CreateContainerRequest.newBuilder(), """
                pod_sandbox_id: "pod"
                config {
                  metadata { name: "web" attempt: 3 }
                  image { image: "sha256:1234" user_specified_image: "nginx:1" }
                  command: "/bin/sh"
                  args: "-c"
                  working_dir: "/srv"
                  envs { key: "GREETING" value: "gr\\303\\274n" }
                  mounts {
                    container_path: "/data" host_path: "/mnt/data" propagation: PROPAGATION_BIDIRECTIONAL
                    selinux_relabel: true
                    uidMappings { host_id: 5 container_id: 6 length: 7 }
                    gidMappings { host_id: 8 container_id: 9 length: 10 }
                    mount_options: "noexec"
                  }
                  mounts { container_path: "/ro" host_path: "/mnt/ro" readonly: true recursive_read_only: true }
                  mounts { container_path: "/model" image { image: "sha256:5678" } image_sub_path: "weights" }
                  devices { container_path: "/dev/fuse" host_path: "/dev/fuse0" permissions: "rw" }
                  labels { key: "app" value: "web" }
                  annotations { key: "note" value: "x" }
                  log_path: "web/3.log"
                  stdin: true
                  stdin_once: true
                  tty: true
                  linux {
                    resources {
                      cpu_period: 100000 cpu_quota: 50000 cpu_shares: 512
                      memory_limit_in_bytes: 1048576 memory_swap_limit_in_bytes: 2097152
                      oom_score_adj: 900 cpuset_cpus: "0-1,3" cpuset_mems: "0"
                      hugepage_limits { page_size: "2MB" limit: 4194304 }
                      unified { key: "memory.high" value: "900000" }
                    }
                    security_context {
                      capabilities { add_capabilities: "NET_ADMIN" drop_capabilities: "ALL" add_ambient_capabilities: "CHOWN" }
                      privileged: true
                      namespace_options { pid: TARGET target_id: "other" }
                      selinux_options { user: "u" role: "r" type: "t" level: "s0" }
                      run_as_user { value: 4294967294 }
                      run_as_group { value: 1001 }
                      run_as_username: "www"
                      readonly_rootfs: true
                      supplemental_groups: 7
                      supplemental_groups_policy: Strict
                      no_new_privs: true
                      masked_paths: "/proc/kcore"
                      readonly_paths: "/proc/sys"
                      seccomp { profile_type: Localhost localhost_ref: "/profiles/web.json" }
                      apparmor { profile_type: Localhost localhost_ref: "web" }
                    }
                  }
                  CDI_devices { name: "vendor.com/gpu=0" }
                  stop_signal: SIGNAL_SIGRTMINPLUS3
                }
                """).build();

    /** A container of the host's namespaces, from an older client. */
    static final CreateContainerRequest OLD_HOST_CONTAINER =
            Contract.text(CreateContainerRequest.newBuilder(), """
                pod_sandbox_id: "pod"
                config {
                  metadata { name: "agent" }
                  image { image: "sha256:1234" }
                  linux {
                    security_context {
                      namespace_options {
                        network: NODE ipc: NODE
                        userns_options { uids { host_id: 1 length: 2 } gids { host_id: 3 length: 4 } }
                      }
                      apparmor_profile: "runtime/default"
                      seccomp_profile_path: "runtime/default"
                    }
                  }
                }
                """).build();

    /** {@link #CONTAINER} with another config. */
    static CreateContainerRequest container(Consumer<ContainerConfig.Builder> change) {
        ContainerConfig.Builder config = CONTAINER.getConfig().toBuilder();
        change.accept(config);
        return CONTAINER.toBuilder().setConfig(config).build();
    }

    /** What an address looks like. */
    static String url(StreamSpec spec) {
        return "http://127.0.0.1:1/" + spec;
    }
}
