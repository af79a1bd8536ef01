package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Calls that must fail, and how. */
final class Refused {
    private Refused() {}

    /** The call fails with this code; its message is returned. */
    static String with(Status.Code code, ThrowingCallable call) {
        StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(failure).as("the call is refused").isNotNull();
        assertThat(failure.getStatus().getCode()).as(failure.getMessage()).isEqualTo(code);
        String message = failure.getStatus().getDescription();
        return message == null ? "" : message;
    }

    /** The call fails, with whatever code; its message is returned. */
    static String anyhow(ThrowingCallable call) {
        StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(failure).as("the call is refused").isNotNull();
        String message = failure.getStatus().getDescription();
        return message == null ? "" : message;
    }
}
