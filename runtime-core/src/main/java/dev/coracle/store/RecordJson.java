package dev.coracle.store;

import dev.coracle.spec.ContainerEdits;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.PodId;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import java.util.Objects;

/** What is kept of pods and containers, as JSON. Each pair of methods names every component of one record. */
final class RecordJson {
    private RecordJson() {}

    static void write(JsonSink out, PodOrigin origin) {
        out.text("id", origin.id().value())
                .object("spec", origin.spec(), SandboxJson::write)
                .number("createdAt", origin.createdAt());
    }

    static PodOrigin podOrigin(JsonSource in) {
        return new PodOrigin(new PodId(in.text("id")), in.object("spec", SandboxJson::read), in.number("createdAt"));
    }

    static void write(JsonSink out, PodProgress progress) {
        out.object("overhead", progress.overhead(), ResourcesJson::write)
                .object("resources", progress.resources(), ResourcesJson::write)
                .object("state", progress.state(), PodStateJson::write)
                .flag("doomed", progress.doomed());
    }

    static PodProgress podProgress(JsonSource in) {
        return new PodProgress(
                in.object("overhead", ResourcesJson::read),
                in.object("resources", ResourcesJson::read),
                in.object("state", PodStateJson::read),
                in.flag("doomed"));
    }

    static void write(JsonSink out, ContainerOrigin origin) {
        out.text("id", origin.id().value())
                .text("pod", origin.pod().value())
                .object("spec", origin.spec(), ContainerJson::write)
                .object("edits", origin.edits(), EditsJson::write)
                .object("image", origin.image(), ContainerJson::write)
                .number("createdAt", origin.createdAt());
    }

    static ContainerOrigin containerOrigin(JsonSource in) {
        return new ContainerOrigin(
                new ContainerId(in.text("id")),
                new PodId(in.text("pod")),
                in.object("spec", ContainerJson::read),
                Objects.requireNonNullElse(in.optional("edits", EditsJson::read), ContainerEdits.NONE),
                in.object("image", ContainerJson::image),
                in.number("createdAt"));
    }

    static void write(JsonSink out, ContainerProgress progress) {
        out.object("resources", progress.resources(), ResourcesJson::write)
                .object("state", progress.state(), ContainerStateJson::write);
    }

    static ContainerProgress containerProgress(JsonSource in) {
        return new ContainerProgress(
                in.object("resources", ResourcesJson::read), in.object("state", ContainerStateJson::read));
    }

    static void write(JsonSink out, Epitaph epitaph) {
        out.text("boot", epitaph.boot())
                .object("pod", epitaph.pod(), RecordJson::write)
                .each("containers", epitaph.containers(), RecordJson::write);
    }

    static Epitaph epitaph(JsonSource in) {
        return new Epitaph(
                in.text("boot"), in.object("pod", RecordJson::pod), in.each("containers", RecordJson::container));
    }

    private static void write(JsonSink out, PodRecord pod) {
        write(out, PodOrigin.of(pod));
        write(out, PodProgress.of(pod));
    }

    private static PodRecord pod(JsonSource in) {
        return podProgress(in).of(podOrigin(in));
    }

    private static void write(JsonSink out, ContainerRecord container) {
        write(out, ContainerOrigin.of(container));
        write(out, ContainerProgress.of(container));
    }

    private static ContainerRecord container(JsonSource in) {
        return containerProgress(in).of(containerOrigin(in));
    }
}
