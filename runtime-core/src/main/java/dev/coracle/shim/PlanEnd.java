package dev.coracle.shim;

/** How a plan ended, as its shim tells it. */
sealed interface PlanEnd {
    /** {@code answered}: {@code N.result} exists. */
    record Done(boolean answered) implements PlanEnd {}

    /** {@code op} is −1 where no op failed. */
    record Failed(int op, int errno, String detail) implements PlanEnd {}

    /** It was killed, and is still there. */
    record Hung(Stuck stuck) implements PlanEnd {}
}
