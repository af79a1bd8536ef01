package dev.coracle.pod;

import dev.coracle.failure.RuntimeFailure.WrongState;
import dev.coracle.spec.ContainerId;
import dev.coracle.state.Answer;
import dev.coracle.state.ContainerCall;
import dev.coracle.state.ContainerLifecycle;
import dev.coracle.state.ContainerRecord;
import java.nio.file.Path;

/** ReopenContainerLog: the file was renamed, and the next line goes into a new one. */
final class ReopenLog {
    private ReopenLog() {}

    static void reopen(Pod pod, ContainerId id) {
        ContainerRecord container = pod.locked(desk -> desk.knownContainer(id));
        String title = "reopen log of container " + container.spec().metadata().name();
        if (ContainerLifecycle.answer(container.state(), ContainerCall.REOPEN_LOG) != Answer.DO) {
            throw new WrongState(title, "it is " + States.word(container.state()) + ", not running");
        }
        Path log = Plans.logPath(pod.view().pod(), container).orElseThrow(() -> new WrongState(title, "it has none"));
        pod.liveShim().reopenLog(id.value(), log);
    }
}
