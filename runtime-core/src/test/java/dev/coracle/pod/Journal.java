package dev.coracle.pod;

import dev.coracle.pod.Announcement.Kind;
import dev.coracle.spec.ContainerId;
import dev.coracle.spec.PodId;
import dev.coracle.state.ContainerRecord;
import dev.coracle.state.PodRecord;
import dev.coracle.store.Records;
import dev.coracle.store.StoredPod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps records where they are kept, and what was written of each pod, in order: its lock is the order, as for the records. */
final class Journal implements Records {
    /** What followers of a pod are to be told. */
    record Told(Kind kind, String id, PodSnapshot snapshot) {
        static Told of(Announcement announcement) {
            return new Told(announcement.kind(), announcement.id(), announcement.snapshot());
        }
    }

    private sealed interface Written {
        record Pod(PodRecord record) implements Written {}

        record Container(ContainerRecord record) implements Written {}

        record ContainerGone(ContainerId id) implements Written {}

        record PodGone(PodId id) implements Written {}
    }

    private final Records records;
    private final Map<PodId, List<Written>> written = new ConcurrentHashMap<>();

    Journal(Records records) {
        this.records = records;
    }

    private void note(PodId pod, Written what) {
        written.computeIfAbsent(pod, _ -> new ArrayList<>()).add(what);
    }

    /** What all that was written of a pod comes to, write by write. */
    List<Told> meaning(PodId pod) {
        List<Told> told = new ArrayList<>();
        List<Written> all = written.getOrDefault(pod, List.of());
        View view = View.of(((Written.Pod) all.getFirst()).record(), List.of());
        for (Written each : all) {
            view = apply(each, view, told);
        }
        return told;
    }

    private static View apply(Written each, View view, List<Told> told) {
        View after = switch (each) {
            case Written.Pod(var record) -> view.with(record);
            case Written.Container(var record) -> view.with(record);
            case Written.ContainerGone(var id) -> view.without(id);
            case Written.PodGone _ -> view;
        };
        String id = switch (each) {
            case Written.Pod(var record) -> record.id().value();
            case Written.Container(var record) -> record.id().value();
            case Written.ContainerGone(var gone) -> gone.value();
            case Written.PodGone(var gone) -> gone.value();
        };
        List<Kind> kinds = switch (each) {
            case Written.Pod(var record) -> Changes.of(view.pod(), record);
            case Written.Container(var record) ->
                Changes.of(view.container(record.id()).orElse(null), record);
            case Written.ContainerGone _, Written.PodGone _ -> List.of(Kind.DELETED);
        };
        kinds.forEach(kind -> told.add(new Told(kind, id, PodSnapshot.of(after))));
        return after;
    }

    @Override
    public void begin(PodRecord pod) {
        records.begin(pod);
    }

    @Override
    public void save(PodRecord pod) {
        records.save(pod);
        note(pod.id(), new Written.Pod(pod));
    }

    @Override
    public void begin(ContainerRecord container) {
        records.begin(container);
    }

    @Override
    public void save(ContainerRecord container) {
        records.save(container);
        note(container.pod(), new Written.Container(container));
    }

    @Override
    public void delete(ContainerRecord container) {
        records.delete(container);
        note(container.pod(), new Written.ContainerGone(container.id()));
    }

    @Override
    public void delete(PodId pod) {
        records.delete(pod);
        note(pod, new Written.PodGone(pod));
    }

    @Override
    public List<PodId> pods() {
        return records.pods();
    }

    @Override
    public StoredPod load(PodId pod) {
        return records.load(pod);
    }
}
