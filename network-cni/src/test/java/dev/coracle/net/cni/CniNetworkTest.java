package dev.coracle.net.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.failure.RuntimeFailure.InvalidSpec;
import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.net.AttachRequest;
import dev.coracle.net.AttachmentKey;
import dev.coracle.spec.Dns;
import dev.coracle.spec.NamespaceModes;
import dev.coracle.spec.PodId;
import dev.coracle.spec.PodMetadata;
import dev.coracle.spec.PortMapping;
import dev.coracle.spec.Protocol;
import dev.coracle.spec.Resources;
import dev.coracle.spec.SandboxSecurity;
import dev.coracle.spec.SandboxSpec;
import dev.coracle.spec.SecurityProfile;
import dev.coracle.spec.UserRequest;
import dev.coracle.state.Attachment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins here are shell scripts that write down what they are told. */
final class CniNetworkTest {
    private static final PodId POD = new PodId("0123456789abcdef".repeat(4));
    private static final String CHAIN = """
        {"cniVersion":"1.1.0","name":"test","plugins":[
          {"type":"first","capabilities":{"portMappings":true},"bridge":"br0","mtu":1460,"nested":{"a":[1,2.5,null,true]}},
          {"type":"second","capabilities":{"bandwidth":true,"dns":true}}]}
        """;
    private static final String RESULT = """
        {"cniVersion":"1.1.0","interfaces":[{"name":"veth1"},{"name":"eth0","sandbox":"/run/netns/x"}],
         "ips":[{"address":"10.1.0.7/16","interface":1},{"address":"fd00::7/64","interface":1}]}
        """;

    @TempDir
    private Path temp;

    private Path conf;
    private Path bin;
    private Path calls;
    private CniNetwork network;

    @BeforeEach
    void prepare() throws IOException {
        conf = Files.createDirectory(temp.resolve("conf"));
        bin = Files.createDirectory(temp.resolve("bin"));
        calls = Files.createDirectory(temp.resolve("calls"));
        network = new CniNetwork(conf, Map.of("special", temp.resolve("special")), List.of(bin), temp.resolve("notes"));
    }

    @Test
    void attachCallsThePluginsInOrderEachWithTheResultOfTheOneBefore() throws IOException {
        chain();

        Attachment attachment = network.attach(request("/run/netns/x"), new ProcessRunner());

        assertThat(attachment.addresses()).containsExactly("10.1.0.7", "fd00::7");
        assertThat(attachment.interfaces()).containsExactly("eth0");
        assertThat(order()).containsExactly("ADD first", "ADD second");
        assertThat(said("ADD", "first", "env"))
                .contains("CNI_COMMAND=ADD", "CNI_CONTAINERID=" + POD.value(), "CNI_NETNS=/run/netns/x")
                .contains("CNI_IFNAME=eth0", "CNI_PATH=" + bin)
                .contains("CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=space;K8S_POD_NAME=pod;"
                        + "K8S_POD_INFRA_CONTAINER_ID=" + POD.value() + ";K8S_POD_UID=uid");
        Map<String, Object> first = Json.object(said("ADD", "first", "stdin"));
        assertThat(first).containsEntry("name", "test").containsEntry("cniVersion", "1.1.0");
        assertThat(first).containsEntry("bridge", "br0").doesNotContainKeys("prevResult", "capabilities");
        assertThat(said("ADD", "first", "stdin")).contains("\"mtu\":1460", "{\"a\":[1,2.5,null,true]}");
        Map<String, Object> second = Json.object(said("ADD", "second", "stdin"));
        assertThat(second).containsEntry("prevResult", Json.object(RESULT));
    }

    @Test
    void eachPluginGetsTheCapabilitiesItAsksFor() throws IOException {
        chain();

        network.attach(request("/run/netns/x"), new ProcessRunner());

        assertThat(said("ADD", "first", "stdin"))
                .contains("\"runtimeConfig\":{\"portMappings\":[{\"hostPort\":8080,\"containerPort\":80,"
                        + "\"protocol\":\"udp\",\"hostIP\":\"127.0.0.1\"}]}");
        assertThat(said("ADD", "second", "stdin"))
                .contains("\"ingressRate\":10000000", "\"servers\":[\"1.2.3.4\"]")
                .doesNotContain("egress", "portMappings");
    }

    @Test
    void detachGoesBackwardsWithTheConfigurationOfTheAttachment() throws IOException {
        chain();
        Attachment attachment = network.attach(request("/run/netns/x"), new ProcessRunner());
        write("10-test.conflist", "{\"cniVersion\":\"1.0.0\",\"name\":\"other\",\"plugins\":[{\"type\":\"absent\"}]}");

        network.detach(request(""), attachment, new ProcessRunner());

        assertThat(order()).containsExactly("ADD first", "ADD second", "DEL second", "DEL first");
        assertThat(said("DEL", "first", "env")).contains("CNI_NETNS=\n");
        assertThat(Json.object(said("DEL", "first", "stdin"))).containsEntry("prevResult", Json.object(RESULT));
        assertThat(said("DEL", "first", "stdin")).contains("\"hostPort\":8080");
    }

    @Test
    void aPodWhoseAttachWasNeverAnsweredIsReleasedByItsNote() throws IOException {
        chain();
        plugin("second", "exit 1");
        assertThatThrownBy(() -> network.attach(request("/run/netns/x"), new ProcessRunner()))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("attach pod to network test: plugin second ADD");
        Files.delete(conf.resolve("10-test.conflist"));
        plugin("second", "");

        new CniNetwork(conf, Map.of("special", temp.resolve("special")), List.of(bin), temp.resolve("notes"))
                .detach(request(""), null, new ProcessRunner());

        assertThat(order()).endsWith("DEL second", "DEL first");
        assertThat(said("DEL", "first", "stdin")).doesNotContain("prevResult");
        network.detach(request(""), null, new ProcessRunner());
        assertThat(order()).filteredOn("DEL first"::equals).hasSize(1);
    }

    @Test
    void aHandlerOfItsOwnNetworkIsReleasedFromItEvenWhenItIsConfiguredNoMore() throws IOException {
        chain();
        plugin("third", "[ $CNI_COMMAND = ADD ] && cat <<'R'\n" + RESULT + "\nR\ntrue");
        Files.createDirectory(temp.resolve("special"));
        Files.writeString(
                temp.resolve("special/10.conflist"),
                "{\"cniVersion\":\"1.1.0\",\"name\":\"special\",\"plugins\":[{\"type\":\"third\"}]}");
        AttachRequest request = new AttachRequest(POD, spec("special"), "/run/netns/x");

        Attachment attachment = network.attach(request, new ProcessRunner());
        network.collect(Set.of(new AttachmentKey(POD, "eth0")), new ProcessRunner());
        CniNetwork without = new CniNetwork(conf, Map.of(), List.of(bin), temp.resolve("notes"));
        without.detach(request, attachment, new ProcessRunner());

        assertThat(order()).containsExactly("ADD third", "GC first", "GC second", "GC third", "DEL third");
    }

    @Test
    void oneFailingDeleteDoesNotKeepTheOthersFromTheirs() throws IOException {
        chain();
        Attachment attachment = network.attach(request("/run/netns/x"), new ProcessRunner());
        plugin("second", "echo '{\"code\":7,\"msg\":\"no such range\",\"details\":\"range set 0\"}'; exit 1");

        assertThatThrownBy(() -> network.detach(request(""), attachment, new ProcessRunner()))
                .isInstanceOf(Unavailable.class)
                .hasMessage("detach pod from network test: plugin second DEL: no such range: range set 0");

        assertThat(order()).endsWith("DEL second", "DEL first");
        plugin("second", "");
        network.detach(request(""), null, new ProcessRunner());
        assertThat(order()).endsWith("DEL second", "DEL first");
    }

    @Test
    void collectReleasesWhatIsNotedAndNotValidAndThenAsksThePlugins() throws IOException {
        chain();
        PodId valid = new PodId("f".repeat(64));
        network.attach(request("/run/netns/x"), new ProcessRunner());
        network.attach(new AttachRequest(valid, spec(), "/run/netns/y"), new ProcessRunner());

        network.collect(Set.of(new AttachmentKey(valid, "eth0")), new ProcessRunner());

        assertThat(order()).endsWith("DEL second", "DEL first", "GC first", "GC second");
        assertThat(order()).filteredOn("DEL first"::equals).hasSize(1);
        assertThat(said("GC", "first", "stdin"))
                .contains("\"cni.dev/valid-attachments\":[{\"containerID\":\"" + valid.value()
                        + "\",\"ifname\":\"eth0\"}]");
    }

    @Test
    void checkAsksInOrderAndSaysWhatAPluginSays() throws IOException {
        chain();
        Attachment attachment = network.attach(request("/run/netns/x"), new ProcessRunner());
        network.check(request("/run/netns/x"), attachment, new ProcessRunner());
        assertThat(order()).endsWith("CHECK first", "CHECK second");

        plugin("first", "echo bridge gone >&2; exit 3");
        assertThatThrownBy(() -> network.check(request("/run/netns/x"), attachment, new ProcessRunner()))
                .hasMessage("check pod's network test: plugin first CHECK: exit code 3: bridge gone");
    }

    @Test
    void statusSaysWhatIsMissing() throws IOException {
        assertThat(network.status().ready()).isFalse();
        assertThat(network.status().message()).contains("no usable network configuration in " + conf);

        write("20-b.conflist", CHAIN);
        write("10-a.conflist", "{\"name\":\"x\"}");
        assertThat(network.status().ready()).isFalse();
        assertThat(network.status().message()).contains("20-b.conflist", "no program first, second in " + bin);

        plugin("first", "");
        plugin("second", "");
        assertThat(network.status().ready()).isTrue();

        Files.delete(conf.resolve("20-b.conflist"));
        Files.delete(conf.resolve("10-a.conflist"));
        Files.delete(conf);
        assertThat(network.status().message()).contains("no network configuration directory");
        Files.createDirectory(conf);
        write("20-b.conflist", CHAIN);
        assertThat(network.status().ready()).isTrue();
    }

    @Test
    void aConfigurationThatIsWrongNamesTheField() {
        assertThatThrownBy(() -> NetworkConfiguration.parse("{\"name\":\"n\",\"plugins\":[{}]}", "f"))
                .isInstanceOf(InvalidSpec.class)
                .hasMessage("f: plugins[0].type: missing");
        assertThatThrownBy(() -> NetworkConfiguration.parse("{\"plugins\":[]}", "f"))
                .hasMessage("f: name: missing");
        assertThatThrownBy(() -> NetworkConfiguration.parse("{\"name\":\"n\",\"type\":\"../x\"}", "f"))
                .hasMessageContaining("holds a slash");
        assertThatThrownBy(
                        () -> NetworkConfiguration.parse("{\"name\":\"n\",\"type\":\"x\",\"cniVersion\":\"9\"}", "f"))
                .hasMessage("f: cniVersion: \"9\" is not one of 0.1.0 to 1.1.0");
    }

    @Test
    void bandwidthIsAKubernetesQuantityWithinItsLimits() {
        assertThat(Capabilities.bitsPerSecond("a", "10M")).isEqualTo(10_000_000);
        assertThat(Capabilities.bitsPerSecond("a", "1.5Ki")).isEqualTo(1_536);
        assertThat(Capabilities.bitsPerSecond("a", "5000")).isEqualTo(5_000);
        assertThatThrownBy(() -> Capabilities.bitsPerSecond("a", "999")).hasMessageContaining("within 1k and 1P");
        assertThatThrownBy(() -> Capabilities.bitsPerSecond("a", "1x")).hasMessageContaining("not a quantity");
    }

    private void chain() throws IOException {
        write("10-test.conflist", CHAIN);
        plugin("first", "[ $CNI_COMMAND = ADD ] && cat <<'R'\n" + RESULT + "\nR\ntrue");
        plugin("second", "[ $CNI_COMMAND = ADD ] && cat <<'R'\n" + RESULT + "\nR\ntrue");
    }

    private void plugin(String name, String body) throws IOException {
        Path program = bin.resolve(name);
        Files.writeString(program, """
            #!/bin/sh
            d=%s/$CNI_COMMAND.%s; env >$d.env; cat >$d.stdin
            echo "$CNI_COMMAND %s" >>%s/order
            """.formatted(calls, name, name, calls) + body + "\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(conf.resolve(name), text);
    }

    private List<String> order() throws IOException {
        return Files.readAllLines(calls.resolve("order"));
    }

    private String said(String verb, String plugin, String what) throws IOException {
        return Files.readString(calls.resolve(verb + "." + plugin + "." + what));
    }

    private static AttachRequest request(String netns) {
        return new AttachRequest(POD, spec(), netns);
    }

    private static SandboxSpec spec() {
        return spec("");
    }

    private static SandboxSpec spec(String handler) {
        SandboxSecurity security = new SandboxSecurity(
                NamespaceModes.pod(),
                null,
                UserRequest.NONE,
                false,
                false,
                SecurityProfile.UNCONFINED,
                SecurityProfile.UNCONFINED);
        return new SandboxSpec(
                new PodMetadata("pod", "uid", "space", 0),
                "pod",
                "",
                new Dns(List.of("1.2.3.4"), List.of(), List.of()),
                List.of(new PortMapping(Protocol.UDP, 80, 8080, "127.0.0.1"), new PortMapping(Protocol.TCP, 81, 0, "")),
                Map.of(),
                Map.of("kubernetes.io/ingress-bandwidth", "10M"),
                "",
                Map.of(),
                security,
                Resources.NONE,
                Resources.NONE,
                handler);
    }
}
