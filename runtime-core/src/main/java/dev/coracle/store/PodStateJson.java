package dev.coracle.store;

import dev.coracle.state.Attachment;
import dev.coracle.state.PodState;
import dev.coracle.state.PodState.Step;

/** A pod's state as JSON. */
final class PodStateJson {
    private PodStateJson() {}

    static void write(JsonSink out, PodState state) {
        switch (state) {
            case PodState.Creating creating -> out.is(creating).object("step", creating.step(), PodStateJson::write);
            case PodState.Ready ready -> out.is(ready).object("attachment", ready.attachment(), PodStateJson::write);
            case PodState.Stopping stopping ->
                out.is(stopping)
                        .word("phase", stopping.phase())
                        .object("attachment", stopping.attachment(), PodStateJson::write);
            case PodState.NotReady notReady ->
                out.is(notReady).object("leftover", notReady.leftover(), PodStateJson::write);
            case PodState.Removing removing -> out.is(removing);
        }
    }

    static PodState read(JsonSource in) {
        return switch (in.is()) {
            case "Creating" -> new PodState.Creating(in.object("step", PodStateJson::step));
            case "Ready" -> new PodState.Ready(in.optional("attachment", PodStateJson::attachment));
            case "Stopping" ->
                new PodState.Stopping(
                        in.word("phase", PodState.Phase.class), in.optional("attachment", PodStateJson::attachment));
            case "NotReady" -> new PodState.NotReady(in.optional("leftover", PodStateJson::leftover));
            case "Removing" -> new PodState.Removing();
            default -> throw in.unknownCase();
        };
    }

    private static void write(JsonSink out, Step step) {
        switch (step) {
            case Step.Made made -> out.is(made);
            case Step.Attaching attaching -> out.is(attaching);
            case Step.Attached attached ->
                out.is(attached).object("attachment", attached.attachment(), PodStateJson::write);
        }
    }

    private static Step step(JsonSource in) {
        return switch (in.is()) {
            case "Made" -> new Step.Made();
            case "Attaching" -> new Step.Attaching();
            case "Attached" -> new Step.Attached(in.object("attachment", PodStateJson::attachment));
            default -> throw in.unknownCase();
        };
    }

    private static void write(JsonSink out, Attachment attachment) {
        out.texts("addresses", attachment.addresses())
                .texts("interfaces", attachment.interfaces())
                .text("result", attachment.result());
    }

    private static Attachment attachment(JsonSource in) {
        return new Attachment(in.texts("addresses"), in.texts("interfaces"), in.text("result"));
    }

    private static void write(JsonSink out, PodState.Leftover leftover) {
        out.text("reason", leftover.reason()).object("attachment", leftover.attachment(), PodStateJson::write);
    }

    private static PodState.Leftover leftover(JsonSource in) {
        return new PodState.Leftover(in.text("reason"), in.optional("attachment", PodStateJson::attachment));
    }
}
