package dev.coracle.failure;

import org.jspecify.annotations.Nullable;

/**
 * Everything that can go wrong and is not a bug. The gRPC layer gives each case its status code in one switch.
 *
 * <p>Messages read {@code verb object: reason}: lower case, no full stop, and what to do about it where that is known.
 * Users see them in {@code kubectl describe}.
 */
@SuppressWarnings("serial") // failures never leave this process as Java objects
public abstract sealed class RuntimeFailure extends RuntimeException {
    private RuntimeFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    private RuntimeFailure(String message) {
        this(message, null);
    }

    /** What was asked for is wrong in itself, whatever the state of the node: the same call can never succeed. */
    public static final class InvalidSpec extends RuntimeFailure {
        private final String field;

        /** {@code field} is the path a user would write it with, for example {@code mounts[2].host_path}. */
        public InvalidSpec(String field, String reason) {
            super(field + ": " + reason);
            this.field = field;
        }

        public String field() {
            return field;
        }
    }

    /** The pod, container, image or file that the call names does not exist. A kubelet reads this as "already gone". */
    public static final class NotFound extends RuntimeFailure {
        public NotFound(String kind, String id) {
            super("find " + kind + " " + id + ": not found");
        }

        public NotFound(String kind, String id, String reason) {
            super("find " + kind + " " + id + ": " + reason);
        }
    }

    /** The call is not for the state that its object is in. */
    public static final class WrongState extends RuntimeFailure {
        public WrongState(String action, String reason) {
            super(action + ": " + reason);
        }
    }

    /** This build, this kernel or this configuration cannot do what is asked. */
    public static final class Unsupported extends RuntimeFailure {
        public Unsupported(String action, String reason) {
            super(action + ": " + reason);
        }
    }

    /** A limit is reached: space, processes, sessions. */
    public static final class Exhausted extends RuntimeFailure {
        public Exhausted(String action, String reason) {
            super(action + ": " + reason);
        }

        public Exhausted(String action, String reason, Throwable cause) {
            super(action + ": " + reason, cause);
        }
    }

    /** Somebody who may decide about it said no. */
    public static final class Denied extends RuntimeFailure {
        private final boolean unauthenticated;

        /** {@code unauthenticated}: other credentials could help; else these credentials are known and not enough. */
        public Denied(String action, String reason, boolean unauthenticated) {
            super(action + ": " + reason);
            this.unauthenticated = unauthenticated;
        }

        public boolean unauthenticated() {
            return unauthenticated;
        }
    }

    /** Something outside does not answer, or this daemon is ending: the same call may succeed later. */
    public static final class Unavailable extends RuntimeFailure {
        public Unavailable(String action, String reason) {
            super(action + ": " + reason);
        }

        public Unavailable(String action, String reason, Throwable cause) {
            super(action + ": " + reason, cause);
        }
    }

    /** A deadline passed. */
    public static final class TimedOut extends RuntimeFailure {
        public TimedOut(String action, String reason) {
            super(action + ": " + reason);
        }
    }

    /** The client went away while the call waited on its behalf; nobody reads the answer. */
    public static final class Cancelled extends RuntimeFailure {
        public Cancelled(String action) {
            super(action + ": the client went away");
        }
    }

    /**
     * A pull failed in a way that a kubelet knows by the first word of the message. It looks for that word only where
     * the status code is UNKNOWN.
     */
    public static final class PullFailed extends RuntimeFailure {
        /** The words that a kubelet knows. */
        public enum Kind {
            REGISTRY_UNAVAILABLE("RegistryUnavailable"),
            SIGNATURE_VALIDATION_FAILED("SignatureValidationFailed");

            private final String word;

            Kind(String word) {
                this.word = word;
            }

            public String word() {
                return word;
            }
        }

        private final Kind kind;

        public PullFailed(Kind kind, String action, String reason) {
            this(kind, action, reason, null);
        }

        public PullFailed(Kind kind, String action, String reason, @Nullable Throwable cause) {
            super(kind.word() + ": " + action + ": " + reason, cause);
            this.kind = kind;
        }

        public Kind kind() {
            return kind;
        }
    }

    /** An image cannot be a container's volume. A kubelet knows it by the first word of the message. */
    public static final class ImageVolumeFailed extends RuntimeFailure {
        public ImageVolumeFailed(String action, String reason) {
            this(action, reason, null);
        }

        public ImageVolumeFailed(String action, String reason, @Nullable Throwable cause) {
            super("ImageVolumeMountFailed: " + action + ": " + reason, cause);
        }
    }

    /** The kernel refused one operation of a plan. */
    public static final class KernelFailure extends RuntimeFailure {
        private final String plan;
        private final int index;
        private final int errno;

        /**
         * {@code plan} is the plan's title ({@code start web}), {@code index} counts its operations from 0, {@code op}
         * is that operation's text. An index below 0 stands for no operation: the plan as a whole ended so.
         */
        public KernelFailure(String plan, int index, String op, int errno) {
            this(plan, index, op, errno, "");
        }

        /** {@code detail} is what the kernel or the shim says beyond the number; may be empty. */
        public KernelFailure(String plan, int index, String op, int errno, String detail) {
            super(plan + ": " + (index < 0 ? "" : "op " + index + " ") + op + ": " + Errno.name(errno)
                    + (detail.isEmpty() ? "" : " (" + detail + ")"));
            this.plan = plan;
            this.index = index;
            this.errno = errno;
        }

        public String plan() {
            return plan;
        }

        public int index() {
            return index;
        }

        public int errno() {
            return errno;
        }
    }

    /** A file of ours does not hold what we wrote. */
    public static final class CorruptRecord extends RuntimeFailure {
        public CorruptRecord(String path, String reason) {
            super("read " + path + ": " + reason);
        }

        public CorruptRecord(String path, String reason, Throwable cause) {
            super("read " + path + ": " + reason, cause);
        }
    }
}
