package dev.coracle.proto;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * What the contract says, for code that works on any message: the messages themselves are of protobuf's lite runtime and do not know the names
 * of their fields. For commands and tests; a daemon does without.
 */
public final class Contract {
    private static final String COMPILED = "contract.binpb";
    private static final FileDescriptor FILE = read();

    private Contract() {}

    /** All its messages and services. */
    public static FileDescriptor file() {
        return FILE;
    }

    /** What the type of {@code message} is made of. */
    public static Descriptor descriptor(MessageLite message) {
        return FILE.findMessageTypeByName(message.getClass().getSimpleName());
    }

    /** What {@code message} holds, field by field. */
    public static DynamicMessage open(MessageLite message) {
        try {
            return DynamicMessage.parseFrom(descriptor(message), message.toByteString());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("open " + message.getClass().getSimpleName(), e);
        }
    }

    /** A message of the type of {@code like} that holds what {@code open} does. */
    @SuppressWarnings("unchecked") // its parser reads nothing else
    public static <M extends MessageLite> M closed(Message open, M like) {
        try {
            return (M) like.getParserForType().parseFrom(open.toByteString());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("close " + like.getClass().getSimpleName(), e);
        }
    }

    /**
     * Merges protobuf's text form into what {@code builder} holds.
     *
     * @throws IllegalArgumentException if it is not the text of such a message
     */
    public static <B extends MessageLite.Builder> B text(B builder, String text) {
        DynamicMessage.Builder open = open(builder.buildPartial()).toBuilder();
        try {
            TextFormat.merge(text, open);
        } catch (TextFormat.ParseException e) {
            throw new IllegalArgumentException("read text: " + e.getMessage(), e);
        }
        MessageLite changed = closed(open.build(), builder.getDefaultInstanceForType());
        builder.clear().mergeFrom(changed);
        return builder;
    }

    private static FileDescriptor read() {
        try (InputStream compiled = requireNonNull(Contract.class.getResourceAsStream(COMPILED), COMPILED)) {
            return FileDescriptor.buildFrom(
                    FileDescriptorSet.parseFrom(compiled).getFile(0), new FileDescriptor[0]);
        } catch (IOException e) {
            throw new UncheckedIOException("read " + COMPILED, e);
        } catch (DescriptorValidationException e) {
            throw new IllegalStateException("read " + COMPILED, e);
        }
    }
}
