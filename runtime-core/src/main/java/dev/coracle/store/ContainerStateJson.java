package dev.coracle.store;

import dev.coracle.spec.ResolvedUser;
import dev.coracle.state.ContainerState;
import dev.coracle.state.Outcome;
import dev.coracle.state.Prepared;
import dev.coracle.state.VolumeSource;

/** A container's state as JSON. */
final class ContainerStateJson {
    private ContainerStateJson() {}

    static void write(JsonSink out, ContainerState state) {
        switch (state) {
            case ContainerState.Creating creating -> out.is(creating);
            case ContainerState.Created created ->
                out.is(created).object("prepared", created.prepared(), ContainerStateJson::write);
            case ContainerState.Starting starting ->
                out.is(starting).object("prepared", starting.prepared(), ContainerStateJson::write);
            case ContainerState.Running running ->
                out.is(running)
                        .object("prepared", running.prepared(), ContainerStateJson::write)
                        .number("startedAt", running.startedAt());
            case ContainerState.Stopping stopping ->
                out.is(stopping)
                        .object("prepared", stopping.prepared(), ContainerStateJson::write)
                        .number("startedAt", stopping.startedAt())
                        .number("signalledAt", stopping.signalledAt())
                        .number("deadline", stopping.deadline())
                        .flag("killing", stopping.killing());
            case ContainerState.Exited exited ->
                out.is(exited)
                        .object("prepared", exited.prepared(), ContainerStateJson::write)
                        .number("startedAt", exited.startedAt())
                        .object("outcome", exited.outcome(), ContainerStateJson::write);
            case ContainerState.Removing removing ->
                out.is(removing).object("before", removing.before(), ContainerStateJson::write);
        }
    }

    static ContainerState read(JsonSource in) {
        return switch (in.is()) {
            case "Creating" -> new ContainerState.Creating();
            case "Created" -> new ContainerState.Created(prepared(in));
            case "Starting" -> new ContainerState.Starting(prepared(in));
            case "Running" -> new ContainerState.Running(prepared(in), in.number("startedAt"));
            case "Stopping" ->
                new ContainerState.Stopping(
                        prepared(in),
                        in.number("startedAt"),
                        in.number("signalledAt"),
                        in.number("deadline"),
                        in.flag("killing"));
            case "Exited" ->
                new ContainerState.Exited(
                        in.optional("prepared", ContainerStateJson::fromPrepared),
                        in.number("startedAt"),
                        in.object("outcome", ContainerStateJson::outcome));
            case "Removing" -> new ContainerState.Removing(in.object("before", ContainerStateJson::read));
            default -> throw in.unknownCase();
        };
    }

    private static Prepared prepared(JsonSource in) {
        return in.object("prepared", ContainerStateJson::fromPrepared);
    }

    private static void write(JsonSink out, Prepared prepared) {
        out.object("user", prepared.user(), ContainerStateJson::write)
                .each("sources", prepared.sources(), ContainerStateJson::write);
    }

    private static Prepared fromPrepared(JsonSource in) {
        return new Prepared(
                in.object("user", ContainerStateJson::user), in.each("sources", ContainerStateJson::volumeSource));
    }

    private static void write(JsonSink out, ResolvedUser user) {
        out.number("uid", user.uid())
                .number("gid", user.gid())
                .numbers("groups", user.groups())
                .text("home", user.home());
    }

    private static ResolvedUser user(JsonSource in) {
        return new ResolvedUser(in.number("uid"), in.number("gid"), in.numbers("groups"), in.text("home"));
    }

    private static void write(JsonSink out, VolumeSource source) {
        out.text("realPath", source.realPath()).flag("directory", source.directory());
    }

    private static VolumeSource volumeSource(JsonSource in) {
        return new VolumeSource(in.text("realPath"), in.flag("directory"));
    }

    private static void write(JsonSink out, Outcome outcome) {
        out.number("code", outcome.code())
                .number("finishedAt", outcome.finishedAt())
                .word("reason", outcome.reason())
                .text("message", outcome.message());
    }

    private static Outcome outcome(JsonSource in) {
        return new Outcome(
                in.integer("code"),
                in.number("finishedAt"),
                in.word("reason", Outcome.Reason.class),
                in.text("message"));
    }
}
