package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.proto.Contract;
import dev.coracle.proto.v1.CreateContainerRequest;
import dev.coracle.proto.v1.RunPodSandboxRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CriJsonTest {
    private static final String POD = """
        {
          "metadata": {"name": "web", "uid": "u", "namespace": "n", "attempt": 4294967295},
          "hostname": "web",
          "log_directory": "/tmp/logs",
          "dns_config": {"servers": ["1.1.1.1"]},
          "port_mappings": [{"protocol": 1, "container_port": 53, "host_port": 5353}],
          "labels": {"app": "web"},
          "annotations": null,
          "linux": {
            "cgroup_parent": "/pods/web",
            "security_context": {
              "namespace_options": {"network": 2, "pid": "CONTAINER"},
              "run_as_user": {"value": "7"},
              "supplementalGroups": [1, 2]
            }
          }
        }
        """;

    @Test
    void a_pod_as_crictl_takes_it_is_the_pod_that_the_request_is() {
        RunPodSandboxRequest request =
                Contract.text(RunPodSandboxRequest.newBuilder(), """
                    config {
                      metadata { name: "web" uid: "u" namespace: "n" attempt: 4294967295 }
                      hostname: "web"
                      log_directory: "/tmp/logs"
                      dns_config { servers: "1.1.1.1" }
                      port_mappings { protocol: UDP container_port: 53 host_port: 5353 }
                      labels { key: "app" value: "web" }
                      linux {
                        cgroup_parent: "/pods/web"
                        security_context {
                          namespace_options { network: NODE pid: CONTAINER }
                          run_as_user { value: 7 }
                          supplemental_groups: 1
                          supplemental_groups: 2
                        }
                      }
                    }
                    runtime_handler: "h"
                    """).build();
        assertThat(CriJson.sandboxSpec(POD, "h")).isEqualTo(CriIn.sandboxSpec(request));
    }

    @Test
    void a_container_as_crictl_takes_it_is_the_container_that_the_request_is() {
        String json = """
            {
              "metadata": {"name": "c"},
              "image": {"image": "busybox"},
              "command": ["top"],
              "envs": [{"key": "A", "value": "w7w="}],
              "mounts": [{"containerPath": "/d", "host_path": "/d", "propagation": "PROPAGATION_BIDIRECTIONAL"}],
              "tty": true,
              "stop_signal": "SIGNAL_SIGINT",
              "linux": {"resources": {"memory_limit_in_bytes": "9223372036854775807",
                                      "hugepage_limits": [{"page_size": "2MB", "limit": 18446744073709551615}]}}
            }
            """;
        CreateContainerRequest request =
                Contract.text(CreateContainerRequest.newBuilder(), """
                    config {
                      metadata { name: "c" }
                      image { image: "busybox" }
                      command: "top"
                      envs { key: "A" value: "\\303\\274" }
                      mounts { container_path: "/d" host_path: "/d" propagation: PROPAGATION_BIDIRECTIONAL }
                      tty: true
                      stop_signal: SIGNAL_SIGINT
                      linux { resources {
                        memory_limit_in_bytes: 9223372036854775807
                        hugepage_limits { page_size: "2MB" limit: 18446744073709551615 }
                      } }
                    }
                    """).build();
        assertThat(CriJson.containerSpec(json)).isEqualTo(CriIn.containerSpec(request));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {"metadata": {"nam": "x"}} | pod.metadata.nam: unknown field, line 1
        {"metadata": 5} | pod.metadata: expected an object, line 1
        {"labels": {"a": 5}} | pod.labels[a]: expected a string, line 1
        {"metadata": {"attempt": -1}} | pod.metadata.attempt: out of range: -1
        {"metadata": {"attempt": 1.5}} | pod.metadata.attempt: expected an integer, line 1
        {"port_mappings": [{"host_port": "x"}]} | pod.port_mappings[0].host_port: not an integer: x
        {"linux": {"security_context": {"privileged": 1}}} | pod.linux.security_context.privileged: expected true or false
        {"linux": {"security_context": {"namespace_options": {"pid": "X"}}}} | pod.linux.security_context.namespace_options.pid: not a name or number of NamespaceMode: X
        {"hostname": "a"} {} | pod: something follows the object
        {"hostname" | pod: not JSON:
        [] | pod: expected an object
        {} | pod.metadata: missing
        """)
    void what_is_wrong_is_named(String json, String message) {
        assertThatThrownBy(() -> CriJson.sandboxSpec(json, ""))
                .isInstanceOf(InvalidSpec.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void bytes_are_base64() {
        assertThatThrownBy(() -> CriJson.containerSpec("{\"envs\": [{\"key\": \"A\", \"value\": \"**\"}]}"))
                .hasMessage("container.envs[0].value: not base64: **");
    }
}
