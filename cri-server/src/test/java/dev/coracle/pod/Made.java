package dev.coracle.pod;

import java.nio.ByteBuffer;
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

        private final Announcements announcements = new Announcements(Clock.SYSTEM);

        public Following follow() {
            return announcements.follow();
        }

        public void announce(Announcement.Kind kind, String id, PodSnapshot snapshot) {
            announcements.announce(List.of(kind), id, View.of(snapshot.pod(), snapshot.containers()));
        }
    }
}
