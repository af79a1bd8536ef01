package dev.coracle.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class WindowSizesTest {
    private final WindowSizes sizes = new WindowSizes();

    private Optional<WindowSizes.Size> read(String text) {
        return sizes.read(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void one_object_after_another_in_any_pieces() {
        assertThat(read("{\"Width\":80,\"Height\":24}\n")).contains(new WindowSizes.Size(24, 80));
        assertThat(read("{\"Width\":1,\"Height\":2}{\"Width\":3,\"Height\":4}")).contains(new WindowSizes.Size(4, 3));
        assertThat(read("{\"Wid")).isEmpty();
        assertThat(read("th\": 111, \"Height\" : 33")).isEmpty();
        assertThat(read("}")).contains(new WindowSizes.Size(33, 111));
    }

    @Test
    void nonsense_is_no_size_and_is_not_kept() {
        assertThat(read("{\"Width\":99999,\"Height\":24}")).isEmpty();
        assertThat(read("{}")).isEmpty();
        for (int i = 0; i < 100; i++) {
            assertThat(read("x".repeat(1000))).isEmpty();
        }
        assertThat(read("{\"Width\":80,\"Height\":24}")).contains(new WindowSizes.Size(24, 80));
    }
}
