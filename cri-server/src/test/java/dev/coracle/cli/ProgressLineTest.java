package dev.coracle.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream to = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private final AtomicLong now = new AtomicLong(-1_000_000_000_000L);

    @Test
    void aTerminalHasOneLineThatIsGoneInTheEnd() {
        ProgressLine line = new ProgressLine(to, true, now::get);
        line.show("");
        line.clear();
        assertThat(written()).isEmpty();
        line.show("1 of 3");
        line.show("1 of 3");
        line.show("2 of 3");
        assertThat(written()).isEqualTo("\r\033[K1 of 3\r\033[K2 of 3");
        line.clear();
        line.clear();
        assertThat(written()).isEqualTo("\r\033[K1 of 3\r\033[K2 of 3\r\033[K");
    }

    @Test
    void elsewhereThereIsALineEveryFiveSecondsIfAnythingHasChanged() {
        ProgressLine line = new ProgressLine(to, false, now::get);
        line.show("1 of 9");
        after(5000, line, "2 of 9");
        assertThat(written()).isEmpty();
        after(1, line, "3 of 9");
        after(4000, line, "4 of 9");
        after(2000, line, "3 of 9");
        after(1, line, "5 of 9");
        line.clear();
        assertThat(written()).isEqualTo("3 of 9\n5 of 9\n");
    }

    private void after(long millis, ProgressLine line, String text) {
        now.addAndGet(Duration.ofMillis(millis).toNanos());
        line.show(text);
    }

    private String written() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
