package dev.coracle.store;

import dev.coracle.failure.RuntimeFailure.CorruptRecord;
import dev.coracle.failure.RuntimeFailure.Exhausted;
import dev.coracle.failure.RuntimeFailure.NotFound;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.PodId;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/** The records below {@code RUN/pods}. Holds no state; safe as far as {@link Records} asks. */
public final class RunDirectory implements Records {
    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final StorePaths paths;

    public RunDirectory(StorePaths paths) {
        this.paths = paths;
    }

    @Override
    public void begin(PodRecord pod) {
        makeDirectory(paths.pod(pod.id()));
        makeDirectory(paths.containers(pod.id()));
        RecordFile.write(paths.spec(pod.id()), PodOrigin.of(pod), RecordJson::write);
    }

    @Override
    public void save(PodRecord pod) {
        RecordFile.write(paths.record(pod.id()), PodProgress.of(pod), RecordJson::write);
    }

    @Override
    public void begin(ContainerRecord container) {
        PodId pod = container.pod();
        makeDirectory(paths.container(pod, container.id()));
        RecordFile.write(paths.spec(pod, container.id()), ContainerOrigin.of(container), RecordJson::write);
    }

    @Override
    public void save(ContainerRecord container) {
        RecordFile.write(
                paths.record(container.pod(), container.id()), ContainerProgress.of(container), RecordJson::write);
    }

    @Override
    public void delete(ContainerRecord container) {
        deleteWithRecordFirst(
                paths.record(container.pod(), container.id()), paths.container(container.pod(), container.id()));
    }

    @Override
    public void delete(PodId pod) {
        deleteWithRecordFirst(paths.record(pod), paths.pod(pod));
    }

    /** In this order a crash leaves either all that counts, or something that does not count and is swept. */
    private static void deleteWithRecordFirst(Path record, Path directory) {
        try {
            Files.deleteIfExists(record);
            TreeRemoval.delete(directory);
        } catch (IOException e) {
            throw new Exhausted("delete " + directory, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public List<PodId> pods() {
        return ids(paths.pods(), PodId::new);
    }

    @Override
    public StoredPod load(PodId pod) {
        PodProgress progress = RecordFile.read(paths.record(pod), RecordJson::podProgress)
                .orElseThrow(() -> new NotFound("record of pod", pod.value()));
        PodOrigin origin = RecordFile.read(paths.spec(pod), RecordJson::podOrigin)
                .orElseThrow(() -> new CorruptRecord(paths.spec(pod).toString(), "missing"));
        List<ContainerRecord> containers = new ArrayList<>();
        for (ContainerId id : ids(paths.containers(pod), ContainerId::new)) {
            RecordFile.read(paths.record(pod, id), RecordJson::containerProgress)
                    .ifPresent(found -> containers.add(found.of(origin(pod, id))));
        }
        containers.sort(Comparator.comparingLong(ContainerRecord::createdAt));
        return new StoredPod(progress.of(origin), containers);
    }

    private ContainerOrigin origin(PodId pod, ContainerId container) {
        Path file = paths.spec(pod, container);
        return RecordFile.read(file, RecordJson::containerOrigin)
                .orElseThrow(() -> new CorruptRecord(file.toString(), "missing"));
    }

    private static void makeDirectory(Path directory) {
        try {
            Files.createDirectory(directory, PRIVATE);
        } catch (IOException e) {
            throw new Exhausted("make " + directory, String.valueOf(e.getMessage()), e);
        }
    }

    /** The names in {@code directory} that are ids; what else lies there is not ours. */
    private static <I> List<I> ids(Path directory, Function<String, I> id) {
        List<I> ids = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (name.matches("[0-9a-f]{64}")) {
                    ids.add(id.apply(name));
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new CorruptRecord(directory.toString(), String.valueOf(e.getMessage()), e);
        }
        return ids;
    }
}
