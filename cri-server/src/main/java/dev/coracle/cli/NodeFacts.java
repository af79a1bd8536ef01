package dev.coracle.cli;

import dev.coracle.cri.Node;
import dev.coracle.image.Pulls;
import dev.coracle.net.NetworkStatus;
import dev.coracle.net.PodNetwork;
import dev.coracle.planner.Host;
import dev.coracle.spec.CgroupDriver;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** What the status of this daemon says of its node, in the words of the contract. */
final class NodeFacts {
    private final String version;
    private final Config config;
    private final Host host;
    private final PodNetwork network;
    private final Pulls pulls;

    NodeFacts(String version, Config config, Host host, PodNetwork network, Pulls pulls) {
        this.pulls = pulls;
        this.version = version;
        this.config = config;
        this.host = host;
        this.network = network;
    }

    Node node() {
        boolean mountAttributes = host.kernel().atLeast(5, 12);
        List<Node.Handler> handlers = config.planHandlers().names().stream()
                .map(name -> new Node.Handler(name, mountAttributes, host.userNamespaces()))
                .toList();
        return new Node(
                version,
                CgroupDriver.CGROUPFS,
                handlers,
                true,
                host.userNamespaces(),
                mountAttributes,
                this::networkCondition,
                this::details);
    }

    private Node.Network networkCondition() {
        NetworkStatus status = network.status();
        return new Node.Network(status.ready(), status.reason(), status.message());
    }

    /** The keys are those that other runtimes use. */
    private Map<String, String> details() {
        NetworkStatus status = network.status();
        Map<String, String> details = new LinkedHashMap<>();
        details.put("config", configJson());
        details.put("cniconfig", status.details().isEmpty() ? "{}" : status.details());
        details.put("lastCNILoadStatus", status.ready() ? "OK" : status.message());
        pulls.underWay().forEach(pull -> details.put("pull " + pull.name(), "\"" + pull.text() + "\""));
        return details;
    }

    private String configJson() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            // By this name critest finds the file system whose ids user namespaces map.
            json.writeStringProperty("stateDir", config.state().toString());
            json.writeStringProperty("run", config.run().toString());
            json.writeStringProperty("socket", config.socket().toString());
            json.writeStringProperty("logLevel", config.logLevel().getName());
            json.writeStringProperty("cniConfDir", config.cniConfDir().toString());
            json.writeStringProperty("cniBinDir", config.cniBinDir().toString());
            json.writeStringProperty("hostsDir", config.hostsDir().toString());
            json.writeNumberProperty("pidsLimit", config.containers().pidsLimit());
            json.writeBooleanProperty(
                    "deviceOwnershipFromSecurityContext", config.containers().deviceOwnership());
            json.writeName("handlers");
            json.writeStartObject();
            config.handlers().forEach((name, handler) -> writeHandler(json, name, handler));
            json.writeEndObject();
            json.writeStringProperty("streamAddress", config.streams().address());
            json.writeNumberProperty("streamPort", config.streams().port());
            json.writeBooleanProperty("streamTls", config.streams().tls().isPresent());
            json.writeStringProperty(
                    "streamIdleTimeout", config.streams().idleTimeout().toString());
            json.writeStringProperty(
                    "streamAnswerTimeout", config.streams().answerTimeout().toString());
            json.writeStringProperty(
                    "kernel", host.kernel().major() + "." + host.kernel().minor());
            json.writeStringProperty("cgroups", host.cgroups().getClass().getSimpleName());
            json.writeBooleanProperty("seccomp", host.seccomp());
            json.writeBooleanProperty("apparmor", host.apparmor());
            json.writeBooleanProperty("selinux", host.selinux().labels());
            json.writeStringProperty(
                    "userNamespaces", host.userNamespaces() ? "yes" : "no: " + host.noUserNamespaces());
            json.writeEndObject();
        }
        return text.toString();
    }

    private static void writeHandler(JsonGenerator json, String name, HandlerConfig handler) {
        json.writeName(name);
        json.writeStartObject();
        json.writeBooleanProperty("privilegedWithoutHostDevices", handler.privilegedWithoutHostDevices());
        handler.cniConfDir().ifPresent(path -> json.writeStringProperty("cniConfDir", path.toString()));
        json.writeBooleanProperty("cgroupWritable", handler.cgroupWritable());
        json.writeEndObject();
    }
}
