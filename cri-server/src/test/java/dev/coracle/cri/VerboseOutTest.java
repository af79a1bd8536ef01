package dev.coracle.cri;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.pod.Whereabouts;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.ContainerState;
import dev.coracle.state.PodRecord;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What scripts around crictl look for is where they look for it. */
final class VerboseOutTest {
    private static final Whereabouts WHERE =
            new Whereabouts(4711, 4242, "/run/netns/n", "as it was made", "/run/coracle/pods/p/plans");
    private static final Pattern NAMESPACE = Pattern.compile("\\{\"type\":\"([a-z]+)\"");

    private static List<String> namespaces(String json) {
        return NAMESPACE.matcher(json).results().map(found -> found.group(1)).toList();
    }

    @Test
    void a_pod() {
        String json = VerboseOut.pod(Records.pod(1, Samples.POD), WHERE).getOrDefault("info", "");
        assertThat(json)
                .startsWith("{\"pid\":4711,\"shimPid\":4242,\"plans\":\"/run/coracle/pods/p/plans\"")
                .contains("\"networkCheck\":\"as it was made\"")
                .contains("\"addresses\":[\"10.88.0.5\",\"fd00::5\"]")
                .contains("\"config\":{\"metadata\":{\"name\":\"", "\"uid\":\"uid-1\"", "\"port_mappings\":[{")
                .contains("\"runtimeSpec\":{\"ociVersion\":\"")
                .contains("{\"type\":\"network\",\"path\":\"/run/netns/n\"}");
    }

    @Test
    void a_container() {
        PodRecord pod = Records.pod(1, Samples.POD);
        ContainerRecord container =
                Records.container(2, 1, Samples.CONTAINER, new ContainerState.Running(Records.PREPARED, 5_000));
        String json = VerboseOut.container(container, pod, WHERE).getOrDefault("info", "");
        assertThat(json)
                .startsWith("{\"sandboxID\":\"" + Records.id(1) + "\",\"pid\":4711,")
                .contains("\"args\":[\"/bin/sh\",\"-c\"]", "\"cwd\":\"/srv\"", "\"env\":[\"GREETING=gr\u00fcn\"]")
                .contains("\"envs\":[{\"key\":\"GREETING\",\"value\":\"gr\u00fcn\"}]", "\"log_path\":")
                .contains("\"user\":{\"uid\":1000,\"gid\":1001,\"additionalGids\":[7,9]}")
                .contains("\"destination\":\"/ro\",\"type\":\"bind\",\"source\":\"/mnt/ro\"")
                .contains("\"cgroupsPath\":\"/kubepods/burstable/poduid-1/" + Records.id(2) + "\"")
                .contains("\"memory\":{\"limit\":1048576,\"swap\":2097152}");
        assertThat(namespaces(json)).containsExactly("mount", "cgroup", "pid", "ipc", "uts", "network");
    }

    @Test
    void a_container_on_the_host() {
        PodRecord pod = Records.pod(1, Samples.OLD_HOST_POD);
        ContainerRecord container = Records.container(2, 1, Samples.OLD_HOST_CONTAINER, new ContainerState.Creating());
        String json = VerboseOut.container(container, pod, WHERE).getOrDefault("info", "");
        assertThat(namespaces(json)).containsExactly("mount", "cgroup", "pid");
        Matcher user = Pattern.compile("\"user\":").matcher(json);
        assertThat(user.find()).as("not known yet").isFalse();
    }
}
