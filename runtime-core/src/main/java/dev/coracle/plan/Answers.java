package dev.coracle.plan;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;

/** What the {@code read}, {@code stat} and {@code run} ops of a plan brought back, by the names the plan gave. */
public record Answers(Map<String, Bytes> byName) {
    public static final Answers NONE = new Answers(Map.of());

    private static final int TIMED_OUT = 1;
    private static final int TRUNCATED = 2;

    public Answers {
        byName = Map.copyOf(byName);
    }

    /** The content a {@code read} op brought; empty where its file was absent. */
    public Optional<Bytes> read(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** What a {@code stat} op found; empty where its file was absent. */
    public Optional<StatAnswer> stat(String name) {
        return read(name + ".stat").map(bytes -> {
            ByteBuffer in = littleEndian(bytes);
            return new StatAnswer(
                    (int) in.getLong(),
                    (int) in.getLong(),
                    (int) in.getLong(),
                    in.getLong(),
                    in.getLong(),
                    read(name + ".realpath").orElse(Bytes.EMPTY).utf8());
        });
    }

    /** How a {@code run} op's program ended. Throws {@link NoSuchElementException} where the plan has no such op. */
    public ProgramAnswer program(String name) {
        ByteBuffer in = littleEndian(read(name + ".status").orElseThrow());
        int status = in.getInt();
        int marks = in.getInt();
        return new ProgramAnswer(
                status,
                (marks & TIMED_OUT) != 0,
                (marks & TRUNCATED) != 0,
                read(name + ".stdout").orElse(Bytes.EMPTY),
                read(name + ".stderr").orElse(Bytes.EMPTY));
    }

    private static ByteBuffer littleEndian(Bytes bytes) {
        return ByteBuffer.wrap(bytes.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    }
}
