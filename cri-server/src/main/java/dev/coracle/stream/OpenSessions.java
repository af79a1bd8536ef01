package dev.coracle.stream;

import dev.coracle.shim.Session;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The sessions that clients have now, so that the daemon's end is told to them. Any thread. */
final class OpenSessions {
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private volatile boolean ended;

    /** Returns {@code session}, which is closed at once if it comes too late. */
    <S extends Session> S add(S session) {
        sessions.add(session);
        if (ended) {
            session.close();
        }
        return session;
    }

    void remove(Session session) {
        sessions.remove(session);
    }

    /** Closes all there are and all that come: an exec is hung up, a container that was attached to notices nothing. */
    void end() {
        ended = true;
        sessions.forEach(Session::close);
    }

    /** Whether a session that was closed was closed because of that. */
    boolean ended() {
        return ended;
    }
}
