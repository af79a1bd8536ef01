package dev.coracle.plan;

/**
 * One operation of a plan, named for its system call or, for the few compound ones, for what it achieves.
 * docs/plan-format.md lists them all with their operands.
 */
public sealed interface Op permits FileOp, MountOp, ProcessOp, CredentialOp, StdioOp, GroupOp, ProgramOp {
    /** Tells the op's number, name and operands, in the wire's order: the one description behind text and bytes. */
    void describe(OpWriter out);
}
