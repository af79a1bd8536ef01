package dev.coracle.pod;

import dev.coracle.spec.ContainerId;
import org.jspecify.annotations.Nullable;

/**
 * What can be under way in a pod, at most once at a time.
 *
 * @param container null for what concerns the pod as a whole
 */
record Task(Kind kind, @Nullable ContainerId container) {
    enum Kind {
        RUN,
        STOP,
        REMOVE,
        CREATE,
        START,
        UPDATE,
        CONNECT,
        CHECK
    }

    static Task run() {
        return new Task(Kind.RUN, null);
    }

    static Task stop() {
        return new Task(Kind.STOP, null);
    }

    static Task remove() {
        return new Task(Kind.REMOVE, null);
    }

    /** To find the pod's shim again, or to make a new one. */
    static Task connect() {
        return new Task(Kind.CONNECT, null);
    }

    /** Whether the pod's network is as it was made. */
    static Task check() {
        return new Task(Kind.CHECK, null);
    }

    static Task create(ContainerId container) {
        return new Task(Kind.CREATE, container);
    }

    static Task start(ContainerId container) {
        return new Task(Kind.START, container);
    }

    static Task update(ContainerId container) {
        return new Task(Kind.UPDATE, container);
    }

    static Task stop(ContainerId container) {
        return new Task(Kind.STOP, container);
    }

    static Task remove(ContainerId container) {
        return new Task(Kind.REMOVE, container);
    }
}
