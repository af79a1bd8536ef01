package dev.coracle.net.cni;

import dev.coracle.net.PlanRunner;
import dev.coracle.plan.Answers;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.Plan;
import dev.coracle.plan.ProgramOp;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Does what a shim does with a plan of one {@code run} op, with the JDK's processes. */
final class ProcessRunner implements PlanRunner {
    @Override
    public Answers run(Plan plan, Duration deadline) {
        ProgramOp.Run run = (ProgramOp.Run) plan.steps().getFirst().op();
        ProcessBuilder builder = new ProcessBuilder(run.argv());
        builder.environment().clear();
        for (String each : run.env()) {
            builder.environment().put(each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1));
        }
        try {
            Process process = builder.start();
            try (OutputStream in = process.getOutputStream()) {
                in.write(run.stdin().toByteArray());
            }
            boolean ended = process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            Map<String, Bytes> answers = new HashMap<>();
            answers.put(
                    run.answer() + ".stdout", Bytes.of(process.getInputStream().readAllBytes()));
            answers.put(
                    run.answer() + ".stderr", Bytes.of(process.getErrorStream().readAllBytes()));
            answers.put(run.answer() + ".status", status(process.exitValue() << 8, ended));
            return new Answers(answers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Bytes status(int waitStatus, boolean ended) {
        ByteBuffer out = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        return Bytes.of(out.putInt(waitStatus).putInt(ended ? 0 : 1).array());
    }
}
