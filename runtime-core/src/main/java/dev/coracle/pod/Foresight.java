package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.failure.RuntimeFailure.Unsupported;
import dev.coracle.image.StackedFiles;
import dev.coracle.plan.Answers;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.Plan;
import dev.coracle.plan.Slot;
import dev.coracle.plan.StatAnswer;
import dev.coracle.plan.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the plan that makes a container's root would answer, found out without carrying it out: what it would look at is looked at where it
 * lies, on the node and in the image's layers. Confined to one platform thread.
 */
final class Foresight {
    private final Slot root;
    private final StackedFiles files;
    private final Map<Slot, String> onNode = new HashMap<>();
    private final Map<Slot, String> inRoot = new HashMap<>();
    private final Map<String, Bytes> answers = new HashMap<>();

    /** {@code root} is the slot in which plans have what {@code files} stands for. */
    Foresight(Slot root, StackedFiles files) {
        this.root = root;
        this.files = files;
    }

    /**
     * The answers.
     *
     * @throws Unsupported if the plan asks for what only carrying it out can tell
     */
    Answers of(Plan plan) {
        for (Step step : plan.steps()) {
            switch (step.op()) {
                case FileOp.Open open when open.dir().equals(Slot.NONE) -> onNode.put(open.opened(), open.path());
                case FileOp.Openat2 open when open.root().equals(root) -> inRoot.put(open.opened(), open.path());
                case FileOp.Stat stat -> stat(stat, onNode.get(stat.file()));
                case FileOp.Read read -> read(read, inRoot.get(read.file()));
                default -> {}
            }
        }
        return new Answers(answers);
    }

    private void stat(FileOp.Stat stat, @Nullable String path) {
        if (path == null) {
            throw unknown(stat.answer());
        }
        if (!Files.exists(Path.of(path))) {
            return; // absent for the plan as well
        }
        try {
            Path real = Path.of(path).toRealPath();
            Map<String, Object> found = Files.readAttributes(real, "unix:mode,uid,gid,size,rdev");
            StatAnswer answer = new StatAnswer(
                    (int) number(found, "mode"),
                    (int) number(found, "uid"),
                    (int) number(found, "gid"),
                    number(found, "size"),
                    number(found, "rdev"),
                    real.toString());
            answers.putAll(answer.asAnswers(stat.answer()));
        } catch (IOException e) {
            throw new Unavailable("look at " + path, e.toString(), e);
        }
    }

    private static long number(Map<String, Object> attributes, String name) {
        return attributes.get(name) instanceof Number number ? number.longValue() : 0;
    }

    private void read(FileOp.Read read, @Nullable String path) {
        if (path == null) {
            throw unknown(read.answer());
        }
        try {
            files.read(path, read.limit()).ifPresent(content -> answers.put(read.answer(), Bytes.of(content)));
        } catch (IOException e) {
            throw new Unavailable("read " + path + " in the image", e.toString(), e);
        }
    }

    private static Unsupported unknown(String answer) {
        return new Unsupported("foresee " + answer, "only the kernel can tell once the plan is carried out");
    }
}
