package dev.coracle.planner;

import dev.coracle.failure.Errno;
import dev.coracle.plan.Bytes;
import dev.coracle.plan.FileOp;
import dev.coracle.plan.Slot;
import dev.coracle.plan.Step;

/**
 * One file of a control group and what is written there.
 *
 * @param optional kernels may lack it, and then nothing is lost that was asked for
 */
record LimitFile(String directory, String name, String value, boolean optional) {
    String path() {
        return directory + "/" + name;
    }

    Step write() {
        FileOp.Write write = new FileOp.Write(Slot.NONE, path(), Bytes.utf8(value));
        return optional ? Step.host(write, Errno.ENOENT) : Step.host(write);
    }
}
