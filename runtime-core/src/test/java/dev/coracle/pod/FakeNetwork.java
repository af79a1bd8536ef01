package dev.coracle.pod;

import dev.coracle.net.AttachRequest;
import dev.coracle.net.AttachmentKey;
import dev.coracle.net.NetworkStatus;
import dev.coracle.net.PlanRunner;
import dev.coracle.net.PodNetwork;
import dev.coracle.plan.Plan;
import dev.coracle.state.Attachment;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A network whose plugins are plans without steps. Any thread. */
final class FakeNetwork implements PodNetwork {
    static final Attachment ATTACHMENT = new Attachment(List.of("10.88.0.5"), List.of("eth0"), "{}");

    final List<String> calls = new CopyOnWriteArrayList<>();
    volatile boolean detachFails;

    @Override
    public NetworkStatus status() {
        return new NetworkStatus(true, "", "", "");
    }

    @Override
    public Attachment attach(AttachRequest request, PlanRunner runner) {
        calls.add("attach");
        var _ = runner.run(Plan.titled("attach").build(), Duration.ofMinutes(1));
        return ATTACHMENT;
    }

    @Override
    public void detach(AttachRequest request, @Nullable Attachment attachment, PlanRunner runner) {
        calls.add(attachment == null ? "detach what may be" : "detach");
        if (detachFails) {
            throw new dev.coracle.failure.RuntimeFailure.Unavailable("detach", "the plugin is gone");
        }
    }

    @Override
    public void check(AttachRequest request, Attachment attachment, PlanRunner runner) {
        calls.add("check");
        var _ = runner.run(Plan.titled("check").build(), Duration.ofMinutes(1));
    }

    @Override
    public boolean collect(Set<AttachmentKey> valid, PlanRunner runner) {
        calls.add("collect " + valid.size());
        return true;
    }
}
