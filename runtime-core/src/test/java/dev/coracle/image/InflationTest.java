package dev.coracle.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.linux.IsalInflater;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both ways to undo gzip give the same, however their input comes in pieces. */
class InflationTest {
    enum Kind {
        ISAL,
        JDK;

        Inflation open() {
            if (this == JDK) {
                return new Inflation.Jdk();
            }
            assumeTrue(IsalInflater.open().isPresent(), "libisal.so.2 is not there: install libisal2");
            return new Inflation.Isal(IsalInflater.open().orElseThrow());
        }
    }

    private final Random random = new Random(5);

    @Test
    void theFasterLibraryIsTakenWhereItIs() {
        assumeTrue(IsalInflater.open().isPresent(), "libisal.so.2 is not there: install libisal2");
        try (Inflation fastest = Inflation.fastest()) {
            assertThat(fastest).isInstanceOf(Inflation.Isal.class);
        }
    }

    /** Members end at any place of a piece: what was read ahead behind their ends must not be lost. */
    @ParameterizedTest
    @EnumSource
    void membersInPiecesOfAnySize(Kind kind) throws Exception {
        byte[] plain = mixed(400_000);
        ByteArrayOutputStream blob = new ByteArrayOutputStream();
        for (int from = 0; from < plain.length; ) {
            int to = Math.min(plain.length, from + random.nextInt(20_000));
            blob.writeBytes(Tar.gzip(Arrays.copyOfRange(plain, from, to)));
            from = to;
        }
        for (int most : new int[] {1, 7, 100, 5000, 64 << 10}) {
            try (GzipDecompressor gzip = new GzipDecompressor(kind.open())) {
                assertThat(run(gzip, blob.toByteArray(), most))
                        .as("pieces of %s", most)
                        .isEqualTo(plain);
                assertThat(gzip.atEnd()).isTrue();
            }
        }
    }

    /** A block of the third type, which there is not, in the place of the first one. */
    @ParameterizedTest
    @EnumSource
    void damageIsSaid(Kind kind) {
        byte[] blob = Tar.gzip(mixed(100_000));
        blob[10] |= 7;
        try (GzipDecompressor gzip = new GzipDecompressor(kind.open())) {
            assertThatThrownBy(() -> run(gzip, blob, 5000))
                    .isInstanceOf(LayerFault.class)
                    .hasMessageStartingWith("its gzip stream is damaged: ");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEndTooEarlyIsNoEnd(Kind kind) throws Exception {
        byte[] blob = Tar.gzip(mixed(50_000));
        for (int missing : new int[] {1, 8, 9, 20, 1000}) {
            try (GzipDecompressor gzip = new GzipDecompressor(kind.open())) {
                run(gzip, Arrays.copyOf(blob, blob.length - missing), 777);
                assertThat(gzip.atEnd()).as("%s bytes are missing", missing).isFalse();
            }
        }
    }

    private byte[] run(Decompressor decompressor, byte[] blob, int most) throws LayerFault {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer out = ByteBuffer.allocateDirect(1 + random.nextInt(10_000));
        for (int from = 0; from < blob.length; ) {
            int length = Math.min(blob.length - from, 1 + random.nextInt(most));
            ByteBuffer piece = ByteBuffer.wrap(blob, from, length);
            do {
                out.clear();
                decompressor.run(piece, out);
                byte[] bytes = new byte[out.flip().remaining()];
                out.get(bytes);
                all.writeBytes(bytes);
            } while (out.limit() == out.capacity());
            from += length;
        }
        return all.toByteArray();
    }

    /** Text, noise and runs, as files are. */
    private byte[] mixed(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        Stream.iterate(0, from -> from < length, from -> from + 3000).forEach(from -> {
            int to = Math.min(length, from + random.nextInt(3000));
            for (int i = from; i < to; i++) {
                bytes[i] = (byte) (from % 2 == 0 ? 'a' : 'a' + bytes[i] % 5);
            }
        });
        return bytes;
    }
}
