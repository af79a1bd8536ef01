package dev.coracle.pod;

import java.nio.ByteBuffer;
import java.util.List;

/** Makes for tests what only this package can. */
public final class Made {
    private Made() {}

    public static <R> Listed<R> listed(R record) {
        return new Listed<>(record);
    }

    public static ExecResult execResult(
            List<ByteBuffer> stdout, List<ByteBuffer> stderr, int exitCode, Runnable release) {
        return new ExecResult(stdout, stderr, exitCode, release);
    }
}
