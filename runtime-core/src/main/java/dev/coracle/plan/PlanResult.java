package dev.coracle.plan;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What a plan came to, as its worker wrote it into {@code N.result}: answers, and the failure where it failed. */
public record PlanResult(Answers answers, Optional<Failure> failure) {
    private static final int MAGIC = 0x53455243; // CRES
    private static final int VERSION = 1;
    private static final int PIECE = 1;
    private static final int END = 2;

    /**
     * The op that failed and why.
     *
     * @param op index of the op that failed; -1 before the first or outside all (malformed plan, deadline)
     * @param detail what the kernel or a compound op had to say, or empty
     */
    public record Failure(int op, int errno, String detail) {}

    /** Reads the file's bytes; {@link IllegalArgumentException} where they are no whole result. */
    public static PlanResult decode(byte[] file) {
        try {
            return decode(ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN));
        } catch (BufferUnderflowException cutShort) {
            throw new IllegalArgumentException("result of a plan: cut short at " + file.length + " bytes", cutShort);
        }
    }

    private static PlanResult decode(ByteBuffer in) {
        if (in.getInt() != MAGIC || in.getShort() != VERSION) {
            throw new IllegalArgumentException("result of a plan: not its magic or version");
        }
        Map<String, ByteArrayOutputStream> answers = new LinkedHashMap<>();
        while (in.getShort() == PIECE) {
            String name = new String(counted(in), StandardCharsets.UTF_8);
            answers.computeIfAbsent(name, _ -> new ByteArrayOutputStream()).writeBytes(counted(in));
        }
        if (in.getShort(in.position() - Short.BYTES) != END) {
            throw new IllegalArgumentException("result of a plan: unknown record at byte " + in.position());
        }
        Failure failure = new Failure(in.getInt(), in.getInt(), new String(counted(in), StandardCharsets.UTF_8));
        Map<String, Bytes> whole = new HashMap<>();
        answers.forEach((name, content) -> whole.put(name, Bytes.of(content.toByteArray())));
        return new PlanResult(new Answers(whole), failure.errno() == 0 ? Optional.empty() : Optional.of(failure));
    }

    private static byte[] counted(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }
}
