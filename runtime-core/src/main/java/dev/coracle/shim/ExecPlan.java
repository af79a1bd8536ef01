package dev.coracle.shim;

import dev.coracle.plan.Plan;
import java.util.function.Supplier;

/**
 * A plan in a pod's directory that makes one process of kind {@code exec}. It may be executed again, but not before its process of the time
 * before has ended: the process's id is part of the plan. Immutable.
 *
 * @param number of its file
 * @param again makes the same plan, to say which of its operations failed
 */
public record ExecPlan(long number, String title, Supplier<Plan> again) {}
