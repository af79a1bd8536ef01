package dev.coracle.pod;

/** What a call has found out, and begun, in its first moment with a pod's lock. */
sealed interface Turn {
    /** There is nothing to do. */
    record Nothing() implements Turn {}

    /** The caller has begun this and has to do it. */
    record Mine(Work work) implements Turn {}

    /** Somebody else is at this; the caller waits and shares the outcome. */
    record Theirs(Work work) implements Turn {}

    /** Somebody else is at this, and it must not succeed; the caller waits for its end, and looks again. */
    record Doomed(Work work) implements Turn {}

    /** Something else has to be done first; the caller does it, and looks again. */
    record First() implements Turn {}

    Turn NOTHING = new Nothing();
    Turn FIRST = new First();

    /** Waits for who is at a task; where nobody is, as after a failure, the caller takes it on. */
    static Turn joinOrBegin(Desk desk, Task task) {
        return desk.work(task).<Turn>map(Theirs::new).orElseGet(() -> new Mine(desk.begin(task)));
    }
}
