package dev.coracle.state;

/** What a call does when it meets a container or a pod in a certain state. */
public enum Answer {
    /** It goes to work. */
    DO,
    /** Somebody does or did that already, or undoes it: it waits for the outcome and shares it, or finds the way free. */
    JOIN,
    /** Somebody does that already: it may bring the deadline forward, and waits. */
    SHORTEN,
    /** What is under way must not succeed any more: it says so, and waits for the undoing. */
    DOOM,
    /** It fails, and nothing changes. */
    REFUSE
}
