package dev.coracle.image;

import java.io.IOException;

/** A registry's server did not give what it was asked for. The message names the server and the reason, and no secret. */
final class HostFailure extends IOException {
    private static final long serialVersionUID = 1L;

    /** What it means for the pull. */
    enum Kind {
        /** No answer, an answer that is no answer, or one that says "later". */
        UNAVAILABLE,
        /** It has no such thing. */
        NOT_FOUND,
        /** It wants to know who asks, and what was given is not enough. */
        UNAUTHENTICATED,
        /** It knows who asks, and says no. */
        FORBIDDEN
    }

    private final Kind kind;
    private final boolean fromMirror;

    HostFailure(Kind kind, RegistryHost host, String reason) {
        super(host.name() + " " + reason);
        this.kind = kind;
        this.fromMirror = host.mirrorOf() != null;
    }

    HostFailure(RegistryHost host, IOException cause) {
        this(host, "cannot be reached", cause);
    }

    /** Something that is needed does not answer: the server, or one that it leads to. */
    HostFailure(RegistryHost host, String action, IOException cause) {
        super(host.name() + " " + action + ": " + reason(cause), cause);
        this.kind = Kind.UNAVAILABLE;
        this.fromMirror = host.mirrorOf() != null;
    }

    Kind kind() {
        return kind;
    }

    /** Whether the server said anything at all. */
    boolean answered() {
        return getCause() == null;
    }

    boolean fromMirror() {
        return fromMirror;
    }

    /** An exception often has no message, or hides it in its cause. */
    private static String reason(IOException failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t.getMessage() != null && !t.getMessage().isBlank()) {
                return t.getMessage();
            }
        }
        return failure.getClass().getSimpleName();
    }
}
