package dev.coracle.pod;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Makes for tests what only this package can. */
public final class Made {
    private Made() {}

    public static <R> Listed<R> listed(R record) {
        return new Listed<>(record);
    }

    public static ExecResult execResult(
            List<ByteBuffer> stdout, List<ByteBuffer> stderr, int exitCode, Runnable release) {
        return new ExecResult(stdout, stderr, exitCode, release);
    }

    /** A row of events in which a test announces. */
    public static final class Row {
        /** How far one who follows may fall behind. */
        public static final int KEPT = Announcements.KEPT;

        private static final ThreadLocal<String> ANNOUNCING = ThreadLocal.withInitial(() -> "");

        private final List<String> taken = Collections.synchronizedList(new ArrayList<>());

        /** A row asks for the time when it takes something in, under its lock: so this is the order that it has. */
        private final Announcements announcements = new Announcements(new Clock() {
            @Override
            public long realtime() {
                taken.add(ANNOUNCING.get());
                return Clock.SYSTEM.realtime();
            }

            @Override
            public long monotonic() {
                return Clock.SYSTEM.monotonic();
            }
        });

        public Following follow() {
            return announcements.follow();
        }

        /** All that it has taken in, in its order: "STARTED ID". */
        public List<String> taken() {
            synchronized (taken) {
                return List.copyOf(taken);
            }
        }

        public void announce(Announcement.Kind kind, String id, PodSnapshot snapshot) {
            ANNOUNCING.set(kind + " " + id);
            announcements.announce(List.of(kind), id, View.of(snapshot.pod(), snapshot.containers()));
        }
    }
}
