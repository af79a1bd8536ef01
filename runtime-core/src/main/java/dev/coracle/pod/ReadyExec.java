package dev.coracle.pod;

import dev.coracle.shim.ExecPlan;
import dev.coracle.spec.StreamSpec;
import dev.coracle.state.ContainerRecord;

/**
 * A command of which the plan is written. Immutable; one session's at a time, since the id of its process is the plan's.
 *
 * @param container as it was when it was planned: any change of its record may be one of the plan
 */
record ReadyExec(ContainerRecord container, StreamSpec.Exec command, ExecPlan plan) {}
