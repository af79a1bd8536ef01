package dev.coracle.cri;

import dev.coracle.failure.RuntimeFailure;
import io.grpc.Status;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One line in the log for each call: {@code StopContainer 3f2a… ok ms=12}. Safe for any thread; the log's handler queues
 * lines, so that no caller waits for a disk.
 */
final class CallLog {
    private static final Logger LOG = Logger.getLogger("dev.coracle.cri");

    /**
     * @param subject id or name that the call is about; may be empty
     * @param started {@link System#nanoTime()} when it began
     */
    record Call(String rpc, String subject, Binding.Runs runs, long started) {
        private String line(String outcome) {
            long millis = (System.nanoTime() - started) / 1_000_000;
            return rpc + (subject.isEmpty() ? "" : " " + subject) + " " + outcome + " ms=" + millis;
        }
    }

    void succeeded(Call call) {
        Level level = call.runs() == Binding.Runs.CHANGING ? Level.INFO : Level.FINE;
        LOG.log(level, () -> call.line("ok"));
    }

    /** Objects that are gone and clients that go away are everyday events; all else wants to be seen. */
    void failed(Call call, Status status, RuntimeFailure failure) {
        boolean usual = failure instanceof RuntimeFailure.NotFound || failure instanceof RuntimeFailure.Cancelled;
        Level level = usual ? Level.INFO : Level.WARNING;
        LOG.log(level, () -> call.line("failed=" + status.getCode()) + " reason=" + failure.getMessage());
    }

    /**
     * Logs what nobody foresaw, with its stack.
     *
     * @return an id that finds the line again
     */
    String bug(Call call, Throwable bug) {
        String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
        LOG.log(Level.SEVERE, bug, () -> call.line("failed=INTERNAL") + " bug=" + id);
        return id;
    }
}
