package dev.coracle.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

final class LogQueueTest {
    @Test
    void a_record_is_one_line_whatever_it_holds() {
        LogRecord record = record("StopContainer x failed\nforged INFO line");
        record.setThrown(new IllegalStateException("two\nlines", new RuntimeException("cause")));
        String line = LogQueue.line(record);
        assertThat(line)
                .startsWith("2026-01-31T12:00:00.000Z INFO cri StopContainer x failed\\nforged INFO line | ")
                .contains("java.lang.IllegalStateException: two\\nlines at dev.coracle.cli.LogQueueTest.")
                .contains(" | java.lang.RuntimeException: cause at ")
                .doesNotContain("\n");
    }

    @Test
    void what_is_queued_is_written_before_it_closes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LogQueue queue = new LogQueue(new PrintStream(out, true, StandardCharsets.UTF_8));
        for (int i = 0; i < 1000; i++) {
            queue.publish(record("line " + i));
        }
        queue.close();
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .hasSize(1000)
                .last()
                .asString()
                .endsWith("line 999");
    }

    @Test
    void a_blocked_standard_error_blocks_no_caller_and_the_loss_is_told() {
        BlockedStream blocked = new BlockedStream();
        LogQueue queue = new LogQueue(new PrintStream(blocked, true, StandardCharsets.UTF_8));
        for (int i = 0; i < 10_000; i++) {
            queue.publish(record("line " + i));
        }
        blocked.open();
        queue.close();
        assertThat(blocked.text()).contains("WARNING log lines dropped=");
        assertThat(blocked.text().lines().count()).isLessThan(6_000);
    }

    private static LogRecord record(String message) {
        LogRecord record = new LogRecord(Level.INFO, message);
        record.setLoggerName("dev.coracle.cri");
        record.setInstant(Instant.parse("2026-01-31T12:00:00Z"));
        return record;
    }
}
