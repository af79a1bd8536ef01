package dev.coracle.cri;

import dev.coracle.failure.RuntimeFailure;
import io.grpc.Status;

/** The gRPC status of each failure. Nothing else in Coracle chooses a status code. */
final class StatusMapping {
    /**
     * Characters of a message that are sent: a status travels in an HTTP/2 header, for which clients set limits from
     * 8 KiB on, percent-encoded.
     */
    static final int MESSAGE_LIMIT = 2048;

    private StatusMapping() {}

    static Status status(RuntimeFailure failure) {
        return code(failure).toStatus().withDescription(shortened(String.valueOf(failure.getMessage())));
    }

    /** What a client learns of a bug: where to look for it. */
    static Status bug(String rpc, String bugId) {
        return Status.INTERNAL.withDescription(
                "answer " + rpc + ": internal error " + bugId + ", see the log of coracle for its cause");
    }

    private static Status.Code code(RuntimeFailure failure) {
        return switch (failure) {
            case RuntimeFailure.InvalidSpec f -> Status.Code.INVALID_ARGUMENT;
            case RuntimeFailure.NotFound f -> Status.Code.NOT_FOUND;
            case RuntimeFailure.WrongState f -> Status.Code.FAILED_PRECONDITION;
            case RuntimeFailure.Unsupported f -> Status.Code.UNIMPLEMENTED;
            case RuntimeFailure.Exhausted f -> Status.Code.RESOURCE_EXHAUSTED;
            case RuntimeFailure.Denied f ->
                f.unauthenticated() ? Status.Code.UNAUTHENTICATED : Status.Code.PERMISSION_DENIED;
            case RuntimeFailure.Unavailable f -> Status.Code.UNAVAILABLE;
            case RuntimeFailure.TimedOut f -> Status.Code.DEADLINE_EXCEEDED;
            case RuntimeFailure.Cancelled f -> Status.Code.CANCELLED;
            // A kubelet looks for the reason in the message only where the code says nothing.
            case RuntimeFailure.PullFailed f -> Status.Code.UNKNOWN;
            case RuntimeFailure.ImageVolumeFailed f -> Status.Code.UNKNOWN;
            case RuntimeFailure.KernelFailure f -> Status.Code.INTERNAL;
            case RuntimeFailure.CorruptRecord f -> Status.Code.DATA_LOSS;
        };
    }

    private static String shortened(String message) {
        return message.length() <= MESSAGE_LIMIT ? message : message.substring(0, MESSAGE_LIMIT - 3) + "...";
    }
}
