package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.Unavailable;
import dev.coracle.planner.Host;
import java.nio.file.Path;

/** What SELinux is to call the files of images and containers where they lie on the node. */
public final class StateLabels {
    private StateLabels() {}

    /**
     * Labels the state directory, before anything is made in it: a new file has the label of the directory that it is made in. Does
     * nothing on nodes without SELinux.
     *
     * @param state is there
     * @throws Unavailable if it cannot be labelled
     */
    public static void set(Path state, Host host) {
        new Selinux().labelState(state, host.selinux().stored());
    }
}
