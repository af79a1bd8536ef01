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
    private static final int PIECE = 0x31525043; // CPR1
    private static final int END = 0x45525043; // CPRE
    private static final int NAME_LENGTH = 120;
    private static final int DETAIL_LENGTH = 256;

    /**
     * The op that failed and why.
     *
     * @param op index of the op; -1 before the first or outside all (malformed plan, deadline)
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
        Map<String, ByteArrayOutputStream> answers = new LinkedHashMap<>();
        int kind = in.getInt();
        while (kind == PIECE) {
            byte[] content = new byte[length(in)];
            String name = text(in, NAME_LENGTH);
            in.get(content);
            answers.computeIfAbsent(name, _ -> new ByteArrayOutputStream()).writeBytes(content);
            kind = in.getInt();
        }
        if (kind != END) {
            throw new IllegalArgumentException("result of a plan: unknown record before byte " + in.position());
        }
        in.position(in.position() + Integer.BYTES + NAME_LENGTH);
        Failure failure = new Failure(in.getInt(), in.getInt(), text(in, DETAIL_LENGTH));
        Map<String, Bytes> whole = new HashMap<>();
        answers.forEach((name, content) -> whole.put(name, Bytes.of(content.toByteArray())));
        return new PlanResult(new Answers(whole), failure.errno() == 0 ? Optional.empty() : Optional.of(failure));
    }

    private static int length(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        return length;
    }

    /** A field of fixed size that ends at its first zero. */
    private static String text(ByteBuffer in, int size) {
        byte[] field = new byte[size];
        in.get(field);
        int length = 0;
        while (length < size && field[length] != 0) {
            length++;
        }
        return new String(field, 0, length, StandardCharsets.UTF_8);
    }
}
